"""The tables of a PostgreSQL come from migrations alone, too, and are the same ones."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from graphrepo.model.database import db
from graphrepo.model.migrate import migrate_postgres
from graphrepo.model.postgres import is_migrated
from graphrepo.model.postgres_driver import Provider
from tests.databases import drop, named, on_postgres, postgres_of, run_sql, server
from tests.model.test_migrations import BY_MIGRATION_ALONE

pytestmark = pytest.mark.skipif(not on_postgres(), reason="these are of PostgreSQL")

FOLDERS = Path(__file__).parents[2] / "graphrepo" / "model" / "migrations"

START = """
import sys
from graphrepo.model.migrate import migrate_postgres
migrate_postgres(sys.argv[1])
"""

_COLUMNS = r"""
    SELECT table_name, column_name,
      -- Pony knows SERIAL, not BIGSERIAL.
      CASE WHEN column_default LIKE 'nextval%' THEN 'bigint' ELSE data_type END,
      character_maximum_length, is_nullable, column_default IS NOT NULL
    FROM information_schema.columns WHERE table_schema = 'public'
      AND table_name ~ '^(?!search_|.*yoyo)'
    ORDER BY 1, 2
"""
_REFERENCES = r"""
    SELECT t.relname, c.conkey::text, o.relname, c.confdeltype::text
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    JOIN pg_class o ON o.oid = c.confrelid
    WHERE c.contype = 'f' AND t.relname ~ '^(?!search_|.*yoyo)' ORDER BY 1, 2
"""
_INDEXES = r"""
    SELECT t.relname, i.relname, x.indisunique, x.indisprimary,
      array_agg(a.attname ORDER BY k.place)
    FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    CROSS JOIN unnest(x.indkey::int[]) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
    WHERE n.nspname = 'public' AND t.relname ~ '^(?!search_|.*yoyo)'
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2
"""
_TEXTS = r"""
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public'
      AND table_name ~ '^(?!search_|.*yoyo)'
      AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'
"""


@pytest.fixture
def empty() -> Iterator[str]:
    run_sql(server(), 'DROP DATABASE IF EXISTS "empty_one"')
    run_sql(server(), 'CREATE DATABASE "empty_one" TEMPLATE template0')
    yield named("empty_one")
    drop(named("empty_one"))


def found(url: str, sql: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def shape(url: str) -> dict[str, object]:
    """Return columns, foreign keys and indexes of all tables."""
    indexes = found(url, _INDEXES)
    return {
        "columns": found(url, _COLUMNS),
        "references": found(url, _REFERENCES),
        "indexes": sorted(
            (table, is_unique, is_primary, columns)
            for table, name, is_unique, is_primary, columns in indexes
            if name not in BY_MIGRATION_ALONE
        ),
    }


def test_migrated_tables_are_those_of_the_entities(tmp_path: Path, empty: str) -> None:
    migrated = postgres_of(tmp_path)
    db.bind(Provider, empty, "SELECT 1")
    db.generate_mapping(create_tables=True)
    db.disconnect()
    db.provider = db.schema = None
    expected = shape(empty)
    assert "character varying, 211" in str(expected).replace("'", "")
    assert shape(migrated) == expected


def test_texts_are_compared_as_sqlite_compares_them(tmp_path: Path) -> None:
    assert found(postgres_of(tmp_path), _TEXTS) == []


def test_each_migration_is_there_for_both() -> None:
    of_sqlite, of_postgres = (
        sorted(path.name for path in (FOLDERS / dialect).glob("*.sql"))
        for dialect in ("sqlite", "postgresql")
    )
    assert of_postgres == of_sqlite


def test_processes_that_start_together_migrate_once(empty: str) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", START, empty], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for starter in starters:
        _, errors = starter.communicate(timeout=60)
        assert starter.returncode == 0, errors.decode()
    assert "artifact" in str(shape(empty))


def test_a_process_killed_while_migrating_blocks_nobody(tmp_path: Path) -> None:
    url = postgres_of(tmp_path)
    before = shape(url)
    run_sql(url, "INSERT INTO yoyo_lock (locked, pid) VALUES (1, 99999999)")
    migrate_postgres(url)
    assert found(url, "SELECT * FROM yoyo_lock") == []
    assert shape(url) == before


def test_whether_everything_was_applied_is_told_without_applying(
    tmp_path: Path, empty: str
) -> None:
    assert not is_migrated(empty)
    assert "artifact" not in str(shape(empty))
    url = postgres_of(tmp_path)
    assert is_migrated(url)
    run_sql(url, "DELETE FROM _yoyo_migration WHERE migration_id = '0002_search'")
    assert not is_migrated(url)
