"""SQLite: a file beside the program, with one writer and readers that never wait for it."""

from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection

from pony import orm

from graphrepo.errors import GraphrepoError, StorageFullError, UnavailableError
from graphrepo.model.engine import REFUSALS, Scope, stale
from graphrepo.model.entities import db
from graphrepo.model.migrate import migrate_sqlite
from graphrepo.model.wal_index import WalIndex

_PRAGMAS = (
    "PRAGMA busy_timeout = 30000",  # first: the ones below may have to wait as well
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged upload survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16384",  # KiB, for each connection
)


@db.on_connect(provider="sqlite")
def _prepare(_database: orm.Database, connection: Connection) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    connection.text_factory = str  # Pony's own is a Python function, called for each text


class SqliteEngine:
    """One file. Several processes may have it open."""

    writers = 1  # SQLite has one anyway, so those of a process queue on one thread
    refusals = REFUSALS

    def __init__(self, path: Path) -> None:
        """Remember where the file is; ``open`` touches it."""
        self._path = path.absolute()  # Pony would start a relative one elsewhere than yoyo
        self._index: WalIndex | None = None

    def open(self) -> None:
        """Create or migrate the tables and bind the entities to the file."""
        migrate_sqlite(self._path)
        db.bind(provider="sqlite", filename=str(self._path), create_db=True)
        db.generate_mapping(check_tables=False)
        self._index = WalIndex(self._path)

    def close(self) -> None:
        """Let go of what tells of commits."""
        index, self._index = self._index, None
        if index is not None:
            index.close()

    def listen(self, notice: Callable[[], None]) -> None:
        """Do nothing: SQLite tells nobody."""

    async def version(self) -> object:
        """Look at what every commit changes; inline, for it takes no time."""
        if self._index is None:
            raise UnavailableError("The database is not open.")
        return self._index.header()

    def begin_read(self, connection: Connection) -> None:
        """Begin: without it each SELECT would see a snapshot of its own."""
        connection.execute("BEGIN")

    def begin_write(self, connection: Connection, scope: Scope) -> None:
        """Do nothing: Pony begins IMMEDIATE, and so waits until it is the only writer."""

    def may_repeat(self, error: Exception, attempt: int) -> bool:  # noqa: ARG002 - see Engine
        """Return no: SQLite has waited for its lock already."""
        return False

    def succeeded(self) -> None:
        """Take no note."""

    def failure(self, error: Exception) -> GraphrepoError:
        """Return what an exception means."""
        overtaken = stale(error)
        if overtaken is not None:
            return overtaken
        if "disk is full" in str(error):
            return StorageFullError("The server's disk is full; nothing was stored.")
        return UnavailableError("The database does not answer; try again in a moment.")
