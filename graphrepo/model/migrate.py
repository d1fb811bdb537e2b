"""Bring the tables to the version this code needs; plain SQL files applied by yoyo."""

import os
import sqlite3
from importlib.resources import as_file, files
from pathlib import Path
from urllib.parse import quote

from yoyo import get_backend, read_migrations
from yoyo.backends.base import DatabaseBackend
from yoyo.exceptions import LockTimeout

from graphrepo.errors import UnavailableError

_PATIENCE = 60  # seconds that another process may take to migrate
_LOCK = 0x67726572  # of a PostgreSQL, for migrating


def migrate_sqlite(path: Path) -> None:
    """Apply the missing migrations in their order, under yoyo's lock.

    Several processes may start at once: one applies, the others wait and find nothing left.

    Raises:
        UnavailableError: the file is no database, cannot be written, or stays locked.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        backend = get_backend(f"sqlite:///{quote(str(path))}")
        try:
            _release_dead_lock(backend)  # first: merely asking what to apply takes the lock, too
            _apply(backend, "sqlite")
        finally:
            backend.connection.close()
    except (OSError, sqlite3.Error, LockTimeout) as error:
        msg = f"The database {path} cannot be used: {error}."
        raise UnavailableError(msg) from error


def migrate_postgres(url: str) -> None:
    """Do the same for a PostgreSQL, whose own lock ends with whoever holds it.

    Raises:
        UnavailableError: another process takes too long.
        psycopg2.Error: the database does not answer, or its user may not create tables.
    """
    backend = get_backend(url)
    try:
        backend.execute(f"SET lock_timeout = {_PATIENCE * 1000}")
        backend.execute(f"SELECT pg_advisory_lock({_LOCK})")
        backend.break_lock()  # yoyo's, which a process that died may have left
        _apply(backend, "postgresql")
    finally:
        backend.connection.close()


def _apply(backend: DatabaseBackend, dialect: str) -> None:
    with as_file(files("graphrepo.model") / "migrations" / dialect) as folder:
        migrations = read_migrations(str(folder))
        if not backend.to_apply(migrations):
            return
        with backend.lock(timeout=_PATIENCE):
            backend.apply_migrations(backend.to_apply(migrations))


def _release_dead_lock(backend: DatabaseBackend) -> None:
    """Drop the lock of a process of this machine that was killed while it migrated."""
    for (pid,) in backend.execute("SELECT pid FROM yoyo_lock").fetchall():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            backend.break_lock()
