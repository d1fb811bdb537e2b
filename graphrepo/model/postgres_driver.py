"""How Pony talks to PostgreSQL here: a connection per thread, transactions begun by hand.

Pony's own provider lets the driver begin transactions and cleans connections after each use,
which costs three round trips of every read. Here what begins a transaction travels with its
first statement, and nothing needs cleaning, for no session leaves settings behind.
"""

from typing import Any, cast

import psycopg2
from pony.orm.dbapiprovider import Pool
from pony.orm.dbproviders.postgres import PGProvider
from psycopg2 import extensions

from graphrepo.errors import InvalidInputError

_BYTEA, _NUMERIC = 17, 1700
_KEPT_ALIVE = {
    "connect_timeout": "10",
    "keepalives_idle": "20",
    "keepalives_interval": "10",
    "keepalives_count": "4",
    "tcp_user_timeout": "60000",  # ms
}
"""When a machine counts as gone that no longer answers; an address may say otherwise."""


def _bytes(value: str | bytes | None, cursor: extensions.cursor) -> bytes | None:
    return None if value is None else bytes(psycopg2.BINARY(value, cursor))


def _number(value: str | bytes | None, _cursor: object) -> float | None:
    # Sums of integers come as NUMERIC, and so do decimals that a statement writes.
    text = str(value)
    return None if value is None else float(text) if "." in text else int(text)


_CASTS = (
    extensions.new_type((_BYTEA,), "bytes", _bytes),  # pyright: ignore[reportUnknownMemberType]
    extensions.new_type((_NUMERIC,), "number", _number),  # pyright: ignore[reportUnknownMemberType]
)


class Connection(extensions.connection):
    """A connection whose transactions begin with their first statement."""

    def __init__(self, dsn: str, **options: Any) -> None:  # noqa: ANN401 - libpq's own
        """Connect."""
        super().__init__(dsn, **options)
        self.prelude = ""

    def begin(self, prelude: str) -> None:
        """Have the statements of ``prelude`` run right before the next one."""
        self.prelude = prelude

    def finish(self, verb: str) -> None:
        """End the transaction, if one was begun in earnest."""
        prelude, self.prelude = self.prelude, ""
        if prelude or self.info.transaction_status == extensions.TRANSACTION_STATUS_IDLE:
            return
        with self.cursor() as cursor:
            cursor.execute(verb)
            if cursor.statusmessage != verb:  # a COMMIT of what has failed is a ROLLBACK
                raise psycopg2.InternalError("The transaction had failed and was rolled back.")


class Cursor(extensions.cursor):
    """A cursor that runs the prelude of its connection along with the first statement."""

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002, ANN401 - the driver's names
        """Run a statement, after the prelude if that is still to come."""
        connection = cast("Connection", self.connection)
        prelude, connection.prelude = connection.prelude, ""
        try:
            super().execute(prelude + query, vars)
        except ValueError as error:
            raise InvalidInputError("Texts must not contain the character NUL.") from error


class UnreachableError(psycopg2.OperationalError):
    """No connection could be made, so there is none that was found broken."""


class _ThreadPool(Pool):
    """The connection of each thread."""

    con: Connection | None

    def __init__(self, dsn: str, preparation: str) -> None:
        super().__init__(psycopg2)
        self._dsn = dsn
        self._preparation = preparation

    def _connect(self) -> None:
        self.con = connect(self._dsn, self._preparation)

    def release(self, con: Connection) -> None:
        try:
            con.finish("COMMIT")  # of a snapshot; what has written was committed before
        except psycopg2.Error:
            self.drop(con)
            raise


class Provider(PGProvider):
    """Pony's PostgreSQL, with transactions as above."""

    def get_pool(self, dsn: str, preparation: str) -> Pool:
        """Return the connections; ``preparation`` is run on each new one."""
        return _ThreadPool(dsn, preparation)

    def should_reconnect(self, exc: BaseException) -> bool:  # noqa: ARG002 - Pony's own
        """Return no: whoever began the session begins it anew, for half of it is gone."""
        return False

    def set_transaction_mode(self, connection: Connection, cache: object) -> None:
        """Do nothing: whoever begins the session begins the transaction."""

    def commit(self, connection: Connection, cache: Any = None) -> None:  # noqa: ANN401 - Pony's own
        """Make the transaction last."""
        connection.finish("COMMIT")
        if cache is not None:
            cache.in_transaction = False

    def rollback(self, connection: Connection, cache: Any = None) -> None:  # noqa: ANN401 - Pony's own
        """Undo the transaction."""
        connection.finish("ROLLBACK")
        if cache is not None:
            cache.in_transaction = False


def connect(dsn: str, preparation: str) -> Connection:
    """Return a new connection to a PostgreSQL.

    Raises:
        UnreachableError: there is none to be had.
    """
    asked: dict[str, Any] = extensions.parse_dsn(dsn)
    own = {"application_name": "graphrepo", "client_encoding": "UTF8"}
    whole = extensions.make_dsn(**{**_KEPT_ALIVE, **asked, **own})
    try:
        connection: Connection = psycopg2.connect(
            whole, connection_factory=Connection, cursor_factory=Cursor
        )
    except psycopg2.OperationalError as error:
        raise UnreachableError(*error.args) from error
    connection.autocommit = True
    for type_ in _CASTS:
        extensions.register_type(type_, connection)
    with connection.cursor() as cursor:
        cursor.execute(preparation)
    return connection
