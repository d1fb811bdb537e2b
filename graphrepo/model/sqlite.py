"""SQLite: a file beside the program, with one writer and readers that never wait for it."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection, connect
from sqlite3 import Error as SqliteError

from pony import orm

from graphrepo.errors import GraphrepoError, StorageFullError, UnavailableError
from graphrepo.model.engine import REFUSALS, Scope, stale
from graphrepo.model.entities import db
from graphrepo.model.migrated import DONE, wanted

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
    is_near = True
    refusals = (*REFUSALS, SqliteError)  # Pony's, and where it is not asked

    def __init__(self, path: Path) -> None:
        """Remember where the file is; ``open`` touches it."""
        self._path = path.absolute()  # Pony would start a relative one elsewhere than yoyo
        self._watcher: Connection | None = None

    def open(self) -> None:
        """Create or migrate the tables and bind the entities to the file."""
        if not is_migrated(self._path):
            # Here, not above: see ``migrated``.
            from graphrepo.model.migrate import migrate_sqlite  # noqa: PLC0415

            migrate_sqlite(self._path)
        db.bind(provider="sqlite", filename=str(self._path), create_db=True)
        db.generate_mapping(check_tables=False)
        # Never look into its files by other means: to close any descriptor of a file drops all
        # locks that this process has on it, SQLite's own among them (fcntl(2)).
        self._watcher = connect(self._path, isolation_level=None, check_same_thread=False)

    def close(self) -> None:
        """Let go of what tells of commits."""
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.close()

    def listen(self, notice: Callable[[], None]) -> None:
        """Do nothing: SQLite tells nobody."""

    async def version(self) -> object:
        """Ask inline, for it takes microseconds, and on the thread of the event loop alone."""
        if self._watcher is None:
            raise UnavailableError("The database is not open.")
        return self._watcher.execute("PRAGMA data_version").fetchone()[0]

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


def is_migrated(path: Path) -> bool:
    """Return whether the file holds every migration of this code.

    Whatever else may be wrong with it is left for yoyo to find.
    """
    try:
        with closing(connect(f"{path.as_uri()}?mode=rw", uri=True)) as connection:
            done = connection.execute(DONE).fetchall()
    except SqliteError:
        return False
    return wanted("sqlite") <= {name for (name,) in done}
