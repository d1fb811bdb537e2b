"""Bring the tables to the version this code needs; plain SQL files applied by yoyo."""

from importlib.resources import as_file, files
from pathlib import Path
from urllib.parse import quote

from yoyo import get_backend, read_migrations


def migrate_sqlite(path: Path) -> None:
    """Apply the missing migrations in their order, under yoyo's lock.

    Several processes may start at once: one applies, the others wait and find nothing left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with as_file(files("graphrepo.model") / "migrations" / "sqlite") as folder:
        migrations = read_migrations(str(folder))
        backend = get_backend(f"sqlite:///{quote(str(path))}")
        try:
            with backend.lock():
                backend.apply_migrations(backend.to_apply(migrations))
        finally:
            backend.connection.close()
