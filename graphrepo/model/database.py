"""The one way to the rows: synchronous functions on threads of their own.

A session never lives on a coroutine: Pony keeps it per thread. So callers hand a plain
function to ``transact`` or ``read`` and get back its (frozen) result. Connections belong to
threads as well, which makes the thread pools the connection pools.

Writes of one process queue on one thread and begin IMMEDIATE: SQLite has one writer anyway,
and a transaction that begins with a read could otherwise fail when it comes to write.
Reads see one snapshot from their first to their last statement and never wait for a writer.
"""

import asyncio
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection, connect
from typing import Any, ParamSpec, TypeVar

from pony import orm
from pony.orm.core import adapt_sql

from graphrepo.errors import StaleError, StorageFullError, UnavailableError
from graphrepo.model import (
    attestation_entities,
    download_entities,
    job_entities,
    publisher_entities,
    quarantine_entities,
    search_entities,
)
from graphrepo.model.entities import db
from graphrepo.model.migrate import migrate_sqlite
from graphrepo.steps import Step, Watch, unwatched

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

_PRAGMAS = (
    "PRAGMA busy_timeout = 30000",  # first: the ones below may have to wait as well
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged upload survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16384",  # KiB, for each connection
)


# Pony wraps what fails at once, at a flush and at a commit in three different ways.
_REFUSALS = (orm.DatabaseError, orm.UnexpectedError, orm.CommitException)


@db.on_connect(provider="sqlite")
def _prepare(_database: orm.Database, connection: Connection) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def rows(sql: str, ids: str = "", /, **values: object) -> list[Row]:
    """Run one statement with ``$name`` parameters inside a session and return its rows.

    Works alike in ``read`` and ``transact``. Pony's own ``execute`` would begin a write
    transaction for a SELECT, and its ``select`` names and unpacks columns on the way.
    ``ids`` stands in for ``{ids}`` after Pony has parsed the statement: it keeps each one that
    it ever parsed, and lists of ids have no end.
    """
    cursor = _execute(sql, ids, values)
    return [] if cursor.description is None else cursor.fetchall()


def stream(sql: str, batch: int = 1000, **values: object) -> Iterator[Row]:
    """Yield the rows of a SELECT without holding them all; only inside a session."""
    cursor = _execute(sql, "", values)
    while found := cursor.fetchmany(batch):
        yield from found


def _execute(sql: str, ids: str, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - a DB-API cursor
    if db.provider is None:
        raise UnavailableError("The database is not open.")
    adapted, code = adapt_sql(sql, db.provider.paramstyle)
    arguments = eval(code, {}, values)  # noqa: S307 - as Pony does: names of our own statements
    return db._exec_sql(adapted.replace("{ids}", ids), arguments)  # noqa: SLF001


class Database:
    """A SQLite file and the threads that use it. One is open in a process at a time."""

    def __init__(self, path: Path, *, readers: int = 4, watch: Watch = unwatched) -> None:
        """Remember where the file is; ``open`` touches it."""
        self._path = path.absolute()  # Pony would start a relative one elsewhere than yoyo
        self._watcher: Connection | None = None
        self._watch = watch
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="graphrepo-read")
        self._surveyors = ThreadPoolExecutor(2, thread_name_prefix="graphrepo-survey")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="graphrepo-write")
        self._after_commit: list[Callable[[], None]] = []

    def after_commit(self, notice: Callable[[], None]) -> None:
        """Have ``notice`` called on the event loop after each transaction of this process."""
        self._after_commit.append(notice)

    def open(self) -> None:
        """Create or migrate the tables and bind the entities to the file.

        Raises:
            UnavailableError: the file cannot be opened or written.
        """
        migrate_sqlite(self._path)
        with _domain_errors():
            db.bind(provider="sqlite", filename=str(self._path), create_db=True)
            db.generate_mapping(check_tables=False)
            self._watcher = connect(self._path, isolation_level=None, check_same_thread=False)

    def close(self) -> None:
        """Wait for running work, then let go of the file."""
        for pool in (self._writer, self._surveyors, self._readers):
            pool.shutdown(wait=True)
        if self._watcher is not None:
            self._watcher.close()
        db.disconnect()
        db.provider = None
        db.schema = None

    def version(self) -> int:
        """Return a number that differs whenever anybody committed in between; takes microseconds.

        Only the thread of the event loop may ask: its connection is not shared.
        """
        if self._watcher is None:
            raise UnavailableError("The database is not open.")
        version: int = self._watcher.execute("PRAGMA data_version").fetchone()[0]
        return version

    async def transact(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` as one transaction: all of it is durable on return, or none of it.

        Raises:
            StorageFullError: the disk has no room.
            UnavailableError: the database is locked, read-only or gone.
            StaleError: a concurrent change broke a uniqueness that ``work`` had checked.
        """
        call = self._writer.submit(_write, self._watch, work, *args, **kwargs)
        result = await asyncio.wrap_future(call)
        for notice in self._after_commit:
            notice()
        return result

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` on one snapshot of the rows; it must not write.

        Raises:
            UnavailableError: the database is gone.
        """
        call = self._readers.submit(_read, work, *args, **kwargs)
        return await asyncio.wrap_future(call)

    async def survey(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do as ``read`` does, on threads of their own: for work that takes long.

        Raises:
            UnavailableError: the database is gone.
        """
        call = self._surveyors.submit(_read, work, *args, **kwargs)
        return await asyncio.wrap_future(call)


def _write(watch: Watch, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    with _domain_errors(), orm.db_session(immediate=True, optimistic=False):
        done = work(*args, **kwargs)
        watch(Step.COMMIT)
    watch(Step.ACKNOWLEDGE)
    return done


def _read(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    with _domain_errors(), orm.db_session():
        # Without BEGIN each SELECT would see a snapshot of its own.
        cache = db._get_cache()  # noqa: SLF001
        cache.prepare_connection_for_query_execution().execute("BEGIN")
        return work(*args, **kwargs)


@contextmanager
def _domain_errors() -> Generator[None]:
    try:
        yield
    except (orm.TransactionIntegrityError, orm.IntegrityError) as error:
        msg = "Somebody else changed the same thing at the same moment; try again."
        raise StaleError(msg) from error
    except _REFUSALS as error:
        if "disk is full" in str(error):
            msg = "The server's disk is full; nothing was stored."
            raise StorageFullError(msg) from error
        msg = "The database does not answer; try again in a moment."
        raise UnavailableError(msg) from error
