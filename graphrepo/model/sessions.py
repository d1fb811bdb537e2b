"""Sessions on the caller's own thread: plain functions that read one snapshot or write at once.

Pony keeps a session and its connection per thread. The event loop comes here through
``Database``, which has the threads for it.
"""

import itertools
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import local
from typing import ParamSpec, TypeVar

from pony import orm

from graphrepo.errors import UnavailableError
from graphrepo.model.engine import Connection, Engine, Scope
from graphrepo.model.entities import db
from graphrepo.steps import Step, Watch

P = ParamSpec("P")
T = TypeVar("T")


class Sessions:
    """Runs work on rows, whatever the database, with its failures under their own names."""

    def __init__(self, engine: Engine, watch: Watch) -> None:
        """Use an engine; it must be open before any work is."""
        self._engine = engine
        self._watch = watch

    def transact(self, scope: Scope, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` as one transaction; see ``Database.transact``."""

        def once() -> T:
            with orm.db_session(immediate=True, optimistic=False):
                self._engine.begin_write(_connection(), scope)
                done = work(*args, **kwargs)
                self._watch(Step.COMMIT)
                return done

        result = self._repeated(once)
        self._watch(Step.ACKNOWLEDGE)
        return result

    def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` on one snapshot; see ``Database.read``."""

        def once() -> T:
            with orm.db_session():
                self._engine.begin_read(_connection())
                return work(*args, **kwargs)

        return self._repeated(once)

    def glance(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do as ``read`` does for work that calls ``rows`` and nothing else, where that is near.

        Without a session of Pony's, which takes several times as long as few rows do.
        """

        def once() -> T:
            with _bare(self._engine):
                return work(*args, **kwargs)

        return self._repeated(once)

    def _repeated(self, once: Callable[[], T]) -> T:
        for attempt in itertools.count(1):
            try:
                result = once()
            except self._engine.refusals as error:
                if not self._engine.may_repeat(error, attempt):
                    raise self._engine.failure(error) from error
            else:
                self._engine.succeeded()
                return result
        raise AssertionError  # the count never ends


class _Thread(local):
    connection: Connection | None = None


_this_thread = _Thread()


def bare_connection() -> Connection | None:
    """Return the connection of the glance that this thread is at, if it is at one."""
    return _this_thread.connection


@contextmanager
def _bare(engine: Engine) -> Generator[None]:
    """Lend this thread its own connection, which Pony keeps for its sessions there."""
    if db.provider is None:
        raise UnavailableError("The database is not open.")
    connection, is_new = db.provider.connect()
    if is_new:
        db.call_on_connect(connection)
    engine.begin_read(connection)
    _this_thread.connection = connection
    try:
        yield
    finally:
        _this_thread.connection = None
        connection.rollback()


def _connection() -> Connection:
    return db._get_cache().prepare_connection_for_query_execution()  # noqa: SLF001
