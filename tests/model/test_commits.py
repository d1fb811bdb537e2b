"""What tells of commits to a SQLite file tells of each, whoever makes it, and of nothing else."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from graphrepo.errors import UnavailableError
from graphrepo.model.database import Database, rows
from tests.databases import on_postgres

pytestmark = pytest.mark.skipif(on_postgres(), reason="this is of SQLite")

LOCKS = Path("/proc/locks")

FROM_ELSEWHERE = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as connection:
    connection.execute("INSERT INTO setting VALUES ('from', 'elsewhere')")
connection.close()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.sqlite"


@pytest.fixture
def database(file: Path) -> Generator[Database]:
    database = Database(file)
    database.open()
    yield database
    database.close()


def version(database: Database) -> object:
    return asyncio.run(database.version())


def test_each_commit_shows(file: Path, database: Database) -> None:
    seen = {version(database)}
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for number in range(50):
            connection.execute("INSERT INTO setting VALUES (?, '')", (str(number),))
            seen.add(version(database))
    assert len(seen) == 51


def test_a_commit_of_this_process_shows(database: Database) -> None:
    before = version(database)
    asyncio.run(database.transact(rows, "INSERT INTO setting VALUES ('from', 'here')"))
    assert version(database) != before


def test_a_commit_of_another_process_shows(file: Path, database: Database) -> None:
    before = version(database)
    subprocess.run((sys.executable, "-c", FROM_ELSEWHERE, file), check=True)
    assert version(database) != before


def test_reading_and_rolling_back_show_nothing(file: Path, database: Database) -> None:
    before = version(database)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("SELECT count(*) FROM setting").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO setting VALUES ('rolled', 'back')")
        connection.execute("ROLLBACK")
    assert version(database) == before


def test_commits_show_after_the_log_began_anew(file: Path, database: Database) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("INSERT INTO setting VALUES ('one', '')")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = version(database)
        connection.execute("INSERT INTO setting VALUES ('two', '')")
        assert version(database) != before


def test_a_database_that_is_closed_again_says_so(file: Path) -> None:
    database = Database(file)
    database.open()
    database.close()
    with pytest.raises(UnavailableError):
        version(database)


@pytest.mark.skipif(not LOCKS.exists(), reason="only Linux shows which locks are held")
def test_the_locks_by_which_processes_know_of_each_other_stay(
    file: Path, database: Database
) -> None:
    # Another process that finds no lock on the index truncates it under those who map it.
    asyncio.run(database.read(rows, "SELECT 1"))
    version(database)
    inode = file.with_name(f"{file.name}-shm").stat().st_ino
    held = [line.split() for line in LOCKS.read_text().splitlines()]
    assert any(line[4] == str(os.getpid()) and line[5].endswith(f":{inode}") for line in held)
