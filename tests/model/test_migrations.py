"""Tables come from migrations alone, and are what the entities expect."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from yoyo import get_backend

from graphrepo.model.database import db
from graphrepo.model.migrate import migrate_sqlite
from graphrepo.model.sqlite import is_migrated
from tests.databases import on_postgres

pytestmark = pytest.mark.skipif(on_postgres(), reason="these are of SQLite")

BY_MIGRATION_ALONE = {  # Pony knows no partial index
    "unq_artifact__live",
    "idx_artifact__yanked",
    "idx_artifact__v3",
    "unq_shard__current",
    "idx_shard__superseded",
}

START = """
import sys
from pathlib import Path
from graphrepo.model.migrate import migrate_sqlite
migrate_sqlite(Path(sys.argv[1]))
"""


def shape(path: Path) -> dict[str, object]:
    """Return columns, foreign keys and indexes of each table."""
    with sqlite3.connect(path) as connection:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("yoyo", "_yoyo", "sqlite_", "search_"))
        ]
        found: dict[str, object] = {table: _table(connection, table) for table in tables}
    connection.close()
    return found


def _table(connection: sqlite3.Connection, table: str) -> dict[str, object]:
    indexes = connection.execute(f"PRAGMA index_list('{table}')").fetchall()
    return {
        "columns": connection.execute(f"PRAGMA table_info('{table}')").fetchall(),
        "references": sorted(connection.execute(f"PRAGMA foreign_key_list('{table}')").fetchall()),
        "indexes": sorted(
            (
                unique,
                [
                    column
                    for *_, column in connection.execute(f"PRAGMA index_info('{name}')").fetchall()
                ],
            )
            for _, name, unique, *_ in indexes
            if name not in BY_MIGRATION_ALONE
        ),
    }


def test_migrated_tables_are_those_of_the_entities(tmp_path: Path) -> None:
    migrated, declared = tmp_path / "migrated.sqlite", tmp_path / "declared.sqlite"
    migrate_sqlite(migrated)
    db.bind(provider="sqlite", filename=str(declared), create_db=True)
    db.generate_mapping(create_tables=True)
    db.disconnect()
    db.provider = db.schema = None
    expected = shape(declared)
    assert "artifact" in expected
    assert shape(migrated) == expected


def test_one_live_file_of_a_name_is_the_databases_own_rule(tmp_path: Path) -> None:
    path = tmp_path / "graphrepo.sqlite"
    migrate_sqlite(path)
    with sqlite3.connect(path) as connection:
        (sql,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'unq_artifact__live'"
        ).fetchone()
    connection.close()
    assert "UNIQUE" in sql
    assert sql.endswith('WHERE "removed_in" IS NULL')


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "graphrepo.sqlite"
    migrate_sqlite(path)
    before = shape(path)
    migrate_sqlite(path)
    assert shape(path) == before


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "graphrepo.sqlite"
    starters = [
        subprocess.Popen([sys.executable, "-c", START, str(path)], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for starter in starters:
        _, errors = starter.communicate(timeout=60)
        assert starter.returncode == 0, errors.decode()
    assert "artifact" in shape(path)


def test_a_process_killed_while_migrating_blocks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "graphrepo.sqlite"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    backend = get_backend(f"sqlite:///{path}")
    backend.execute("INSERT INTO yoyo_lock (locked, pid) VALUES (1, :pid)", {"pid": dead.pid})
    backend.connection.close()
    migrate_sqlite(path)
    assert "artifact" in shape(path)


def test_a_living_process_keeps_its_lock(tmp_path: Path) -> None:
    path = tmp_path / "graphrepo.sqlite"
    backend = get_backend(f"sqlite:///{path}")
    with backend.lock():
        starter = subprocess.Popen([sys.executable, "-c", START, str(path)])
        with pytest.raises(subprocess.TimeoutExpired):
            starter.wait(1)
    backend.connection.close()
    assert starter.wait(60) == 0
    assert "artifact" in shape(path)


def test_whether_everything_was_applied_is_told_without_applying(tmp_path: Path) -> None:
    path = tmp_path / "graphrepo.sqlite"
    assert not is_migrated(path)
    assert not path.exists()
    path.write_bytes(b"no database")
    assert not is_migrated(path)
    path.unlink()
    migrate_sqlite(path)
    assert is_migrated(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM _yoyo_migration WHERE migration_id = '0002_search'")
    connection.close()
    assert not is_migrated(path)
