"""The one way to the rows: synchronous functions on threads of their own.

A session never lives on a coroutine: Pony keeps it per thread. So callers hand a plain
function to ``transact`` or ``read`` and get back its (frozen) result. Connections belong to
threads as well, which makes the thread pools the connection pools.

**Transactions that write have the effect of one after the other.** SQLite has one writer
anyway. PostgreSQL has many, in many processes, and ``transact`` waits until it is the only
one under way; so whoever checks before they write need not think of others. What concerns one
channel says so (``transact_in``), and then goes on beside what concerns others. Few statements
that are right whatever others do in between wait for nobody (``transact_beside``).

Reads see one snapshot from their first to their last statement and never wait for a writer.
"""

import asyncio
import itertools
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from pony.orm.core import adapt_sql

from graphrepo.errors import UnavailableError
from graphrepo.model import (
    attestation_entities,
    download_entities,
    job_entities,
    publisher_entities,
    quarantine_entities,
    search_entities,
)
from graphrepo.model.engine import ALONE, BESIDE, Engine, Pool, Scope
from graphrepo.model.entities import db
from graphrepo.model.sessions import Sessions, bare_connection
from graphrepo.model.sqlite import SqliteEngine
from graphrepo.steps import Watch, unwatched

P = ParamSpec("P")
T = TypeVar("T")
Row = tuple[Any, ...]

ENTITIES = (
    attestation_entities,
    download_entities,
    job_entities,
    publisher_entities,
    quarantine_entities,
    search_entities,
)
"""The modules beside ``entities`` whose tables the mapping must know."""

_DEFAULT: Final = Pool()
_names: Final = itertools.count()


def rows(sql: str, ids: str = "", /, **values: object) -> list[Row]:
    """Run one statement with ``$name`` parameters inside a session and return its rows.

    Works alike in ``read`` and ``transact``. Pony's own ``execute`` would begin a write
    transaction for a SELECT, and its ``select`` names and unpacks columns on the way.
    ``ids`` stands in for ``{ids}`` after Pony has parsed the statement: it keeps each one that
    it ever parsed, and lists of ids have no end.
    """
    cursor = _execute(sql, ids, values)
    return [] if cursor.description is None else cursor.fetchall()


def inserted(sql: str, **values: object) -> int:
    """Run an INSERT of one row and return the id that it was given."""
    if is_postgres():
        return rows(f"{sql} RETURNING id", **values)[0][0]
    return _execute(sql, "", values).lastrowid


def stream(sql: str, batch: int = 1000, **values: object) -> Iterator[Row]:
    """Yield the rows of a SELECT without holding them all; only inside a session."""
    if is_postgres():
        return _fetched(sql, batch, values)
    return _stepped(_execute(sql, "", values), batch)


def is_postgres() -> bool:
    """Return whether the open database is PostgreSQL."""
    return db.provider is not None and db.provider.dialect == "PostgreSQL"


def like() -> str:
    """Return the operator that compares with a pattern, whatever the case of ASCII letters."""
    return "ILIKE" if is_postgres() else "LIKE"


def locked(table: str, *, skips: bool = False) -> str:
    """Return the end of a SELECT that holds its rows until the transaction ends.

    Waits for rows that another transaction holds, or skips them. SQLite needs none: there, a
    transaction is alone.
    """
    if not is_postgres():
        return ""
    return f" FOR NO KEY UPDATE OF {table}{' SKIP LOCKED' if skips else ''}"


def _stepped(cursor: Any, batch: int) -> Iterator[Row]:  # noqa: ANN401 - a DB-API cursor
    while found := cursor.fetchmany(batch):
        yield from found


def _fetched(sql: str, batch: int, values: Mapping[str, object]) -> Iterator[Row]:
    """Let the server keep the rows: its driver would fetch all of them at the first."""
    name = f"stream_{next(_names)}"
    # The name stays out of what is parsed, as ids do.
    _execute(f"DECLARE {{ids}} NO SCROLL CURSOR FOR {sql}", name, values)
    while found := _execute(f"FETCH {batch} FROM {{ids}}", name, {}).fetchall():
        yield from found
    _execute("CLOSE {ids}", name, {})


def _execute(sql: str, ids: str, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - a DB-API cursor
    if db.provider is None:
        raise UnavailableError("The database is not open.")
    adapted, code = adapt_sql(sql, db.provider.paramstyle)
    arguments = eval(code, {}, values)  # noqa: S307 - as Pony does: names of our own statements
    connection = bare_connection()
    if connection is not None:
        return connection.execute(adapted.replace("{ids}", ids), arguments or ())
    return db._exec_sql(adapted.replace("{ids}", ids), arguments)  # noqa: SLF001


class Database:
    """A SQLite file or a PostgreSQL database, and the threads that use it.

    One is open in a process at a time, and all of a process are of one kind.
    """

    def __init__(
        self, address: Path | str, pool: Pool = _DEFAULT, *, watch: Watch = unwatched
    ) -> None:
        """Remember where it is: a file, or the URL of a PostgreSQL; ``open`` touches it."""
        self._engine = _engine(address, pool)
        self._sessions = Sessions(self._engine, watch)
        self._readers = ThreadPoolExecutor(pool.readers, thread_name_prefix="graphrepo-read")
        self._surveyors = ThreadPoolExecutor(pool.surveyors, thread_name_prefix="graphrepo-survey")
        writers = min(pool.writers, self._engine.writers)
        self._writers = ThreadPoolExecutor(writers, thread_name_prefix="graphrepo-write")
        self._turns = ThreadPoolExecutor(1, thread_name_prefix="graphrepo-turn")
        self._notices: list[Callable[[], None]] = []
        self._engine.listen(self._tell)

    def after_commit(self, notice: Callable[[], None]) -> None:
        """Have ``notice`` called on the event loop after each transaction of this process.

        Where the database tells of those of others, after these as well. That may be late or
        fail to come, so whoever depends on others must look from time to time.
        """
        self._notices.append(notice)

    def open(self) -> None:
        """Create or migrate the tables and bind the entities to them.

        Raises:
            UnavailableError: the database cannot be reached or written.
        """
        with self._domain_errors():
            self._engine.open()

    def close(self) -> None:
        """Wait for running work, then let go of the database."""
        for pool in (self._turns, self._writers, self._surveyors, self._readers):
            pool.shutdown(wait=True)
        self._engine.close()
        db.disconnect()
        db.provider = None
        db.schema = None

    async def version(self) -> object:
        """Return a value that equals an earlier one only if nobody committed in between.

        What begins after a change was acknowledged never gets the value from before it. Where
        nobody can tell, the value equals no other.
        """
        return await self._engine.version()

    async def transact(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` as one transaction: all of it is durable on return, or none of it.

        It may be run again from its beginning where the database asks for it, so it must do
        nothing but read and write rows.

        Raises:
            StorageFullError: the disk has no room.
            UnavailableError: the database is locked, read-only or gone.
            StaleError: a concurrent change broke a uniqueness that ``work`` had checked.
        """
        return await self._transact(ALONE, work, *args, **kwargs)

    async def transact_in(
        self, channel: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do as ``transact`` does, beside transactions that concern other channels.

        ``work`` writes nothing that others of them read before they write.
        """
        return await self._transact(Scope(channel), work, *args, **kwargs)

    async def transact_beside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do as ``transact`` does, and wait for nobody: others may write between statements."""
        return await self._transact(BESIDE, work, *args, **kwargs)

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` on one snapshot of the rows; it must not write.

        Raises:
            UnavailableError: the database is gone.
        """
        call = self._readers.submit(self._sessions.read, work, *args, **kwargs)
        return await asyncio.wrap_future(call)

    async def glance(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do as ``read`` does, for a few rows that ``rows`` finds by their keys.

        On SQLite at once and on the caller's thread: to wake another one takes longer.
        """
        if self._engine.is_near:
            return self._sessions.glance(work, *args, **kwargs)
        return await self.read(work, *args, **kwargs)

    @property
    def is_near(self) -> bool:
        """Whether rows are read in microseconds, so that a thread may have them to itself."""
        return self._engine.is_near

    async def turn(self, work: Callable[[Sessions], T]) -> T:
        """Run ``work`` on the one thread for what reads, does other things, and then writes.

        Each of its sessions is as one of ``read`` or ``transact``. Others wait for the thread as
        long as the work takes, so it is for a database that is near.
        """
        try:
            return await asyncio.wrap_future(self._turns.submit(work, self._sessions))
        finally:
            self._tell()

    async def survey(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do as ``read`` does, on threads of their own: for work that takes long.

        Raises:
            UnavailableError: the database is gone.
        """
        call = self._surveyors.submit(self._sessions.read, work, *args, **kwargs)
        return await asyncio.wrap_future(call)

    async def _transact(
        self, scope: Scope, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        call = self._writers.submit(self._sessions.transact, scope, work, *args, **kwargs)
        result = await asyncio.wrap_future(call)
        self._tell()
        return result

    def _tell(self) -> None:
        for notice in self._notices:
            notice()

    @contextmanager
    def _domain_errors(self) -> Generator[None]:
        try:
            yield
        except self._engine.refusals as error:
            raise self._engine.failure(error) from error


def _engine(address: Path | str, pool: Pool) -> Engine:
    if isinstance(address, Path):
        return SqliteEngine(address)
    try:
        # Its driver is an extra, which an installation on SQLite need not have.
        from graphrepo.model.postgres import PostgresEngine  # noqa: PLC0415
    except ModuleNotFoundError as error:
        msg = "PostgreSQL needs an extra: install it with pip install 'graphrepo[postgres]'."
        raise UnavailableError(msg) from error
    return PostgresEngine(address, pool)
