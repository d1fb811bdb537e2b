"""PostgreSQL: one database for the workers of many machines.

Transactions are READ COMMITTED and wait for their turn before their first statement, so
each statement sees all that those before them have left: the effect of one after the other.
The turn is an advisory lock that ends with the transaction. Whoever must be alone takes the
lock of the whole database; one that concerns a channel shares that and takes its channel's.
Both are taken in this order by everybody, so nobody waits in a circle. What waits in a circle
nevertheless, over rows, PostgreSQL ends, and it is begun anew.
"""

import time
from collections.abc import Callable
from contextlib import closing
from threading import Event
from typing import Final
from zlib import crc32

import psycopg2
from pony import orm
from psycopg2.errors import UndefinedTable

from graphrepo.errors import (
    GraphrepoError,
    InvalidInputError,
    StorageFullError,
    TookTooLongError,
    UnavailableError,
)
from graphrepo.model.engine import REFUSALS, Connection, Pool, Scope, stale
from graphrepo.model.entities import db
from graphrepo.model.migrated import DONE, wanted
from graphrepo.model.postgres_driver import Provider, UnreachableError, connect
from graphrepo.model.pulse import Pulse

_OLDEST: Final = 130_000
_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
_WRITE: Final = "BEGIN ISOLATION LEVEL READ COMMITTED; "
_DATABASE, _CHANNELS = 0x67726570, 0x67726571  # the first half of each advisory lock
_LOCK_WAIT: Final = 30_000  # ms

_OVERTAKEN: Final = frozenset({"40001", "40P01"})  # serialization failure, deadlock
_ATTEMPTS: Final = 10
_GOING: Final = frozenset({None, "57P01", "57P02", "57P03"})  # shut down, crashed, starting up
_PAUSE: Final = 0.1
_DISK_FULL: Final = "53100"
_OUT_OF_TIME: Final = "57014"


class PostgresEngine:
    """One database of a PostgreSQL server. Any number of processes may have it open."""

    is_near = False
    refusals = (*REFUSALS, psycopg2.Error)

    def __init__(self, url: str, pool: Pool) -> None:
        """Remember where the server is; ``open`` connects."""
        self._url = url
        self._timeout = pool.timeout
        self._patience = pool.patience
        self._preparation = (
            f"SET statement_timeout = {round(pool.timeout * 1000)}; SET lock_timeout = {_LOCK_WAIT}"
        )
        self._pulse = Pulse(url)
        self._lost_at: float | None = None
        self.writers = pool.writers

    def open(self) -> None:
        """Migrate the tables and bind the entities.

        Raises:
            UnavailableError: the server is too old, or the database has another encoding.
        """
        _check(self._url)
        if not is_migrated(self._url):
            # Here, not above: see ``migrated``.
            from graphrepo.model.migrate import migrate_postgres  # noqa: PLC0415

            migrate_postgres(self._url)
        db.bind(Provider, self._url, self._preparation)
        db.generate_mapping(check_tables=False)

    def close(self) -> None:
        """Close the connection that belongs to no thread."""
        self._pulse.close()

    def listen(self, notice: Callable[[], None]) -> None:
        """Pass on what the database tells."""
        self._pulse.listen(notice)

    async def version(self) -> object:
        """Ask on a connection of its own, once for all who ask at the same time."""
        return await self._pulse.moment()

    def begin_read(self, connection: Connection) -> None:
        """Begin one snapshot."""
        connection.begin(_READ)

    def begin_write(self, connection: Connection, scope: Scope) -> None:
        """Begin a transaction when it is its turn."""
        connection.begin(_WRITE + _turn(scope))

    def may_repeat(self, error: Exception, attempt: int) -> bool:
        """Return yes for one that was overtaken, and for one whose server may be back soon.

        Not if the connection broke at the COMMIT: nobody knows whether that was done.
        """
        cause = _cause(error)
        if isinstance(error, orm.CommitException) or cause is None:
            return False
        if cause.pgcode in _OVERTAKEN:
            return attempt < _ATTEMPTS
        if not _is_lost(cause):
            return False
        # A connection that broke while nobody used it is found out by the first one who does.
        return (attempt == 1 and not isinstance(cause, UnreachableError)) or self._waited()

    def succeeded(self) -> None:
        """Be patient again with the next loss."""
        self._lost_at = None

    def failure(self, error: Exception) -> GraphrepoError:
        """Return what an exception means."""
        overtaken = stale(error)
        if overtaken is not None:
            return overtaken
        cause = _cause(error)
        if isinstance(cause, psycopg2.DataError):
            return InvalidInputError("A value is longer or larger than the server can keep.")
        if cause is not None and cause.pgcode == _DISK_FULL:
            return StorageFullError("The database's disk is full; nothing was stored.")
        if cause is not None and cause.pgcode == _OUT_OF_TIME:
            return TookTooLongError(
                f"The database needed more than {self._timeout:g} seconds for this and gave up;"
                " ask for less, or try again when there is less to do."
            )
        return UnavailableError("The database does not answer; try again in a moment.")

    def _waited(self) -> bool:
        """Wait a little and return true, unless the server has been away for long."""
        now = time.monotonic()
        self._lost_at = now if self._lost_at is None else self._lost_at
        if now - self._lost_at > self._patience:
            return False
        Event().wait(_PAUSE)
        return True


def _turn(scope: Scope) -> str:
    if scope.is_beside:
        return ""
    if scope.channel is None:
        return f"SELECT pg_advisory_xact_lock({_DATABASE}, 0); "
    key = crc32(scope.channel.encode()) - 2**31  # two channels of one key wait for each other
    return (
        f"SELECT pg_advisory_xact_lock_shared({_DATABASE}, 0); "
        f"SELECT pg_advisory_xact_lock({_CHANNELS}, {key}); "
    )


def _check(url: str) -> None:
    with connect(url, "SELECT 1") as connection, connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone() or ("",)
        version = connection.server_version
    connection.close()
    if version < _OLDEST:
        raise UnavailableError(f"PostgreSQL {_OLDEST // 10_000} or newer is needed.")
    if encoding != "UTF8":
        raise UnavailableError(f"The database has the encoding {encoding}; create it with UTF8.")


def is_migrated(url: str) -> bool:
    """Return whether the database holds every migration of this code."""
    try:
        with closing(connect(url, "SELECT 1")) as connection, connection.cursor() as cursor:
            cursor.execute(DONE)
            done = cursor.fetchall()
    except UndefinedTable:
        return False
    return wanted("postgresql") <= {name for (name,) in done}


def _cause(error: BaseException | None) -> psycopg2.Error | None:
    """Return the driver's own exception inside of Pony's."""
    while error is not None and not isinstance(error, psycopg2.Error):
        error = getattr(error, "original_exc", None) or error.__cause__ or error.__context__
    return error


def _is_lost(cause: psycopg2.Error) -> bool:
    """Return whether the connection is gone, or there is none to be had."""
    kinds = psycopg2.OperationalError | psycopg2.InterfaceError
    is_gone = cause.pgcode in _GOING or (cause.pgcode or "").startswith("08")
    return isinstance(cause, kinds) and is_gone
