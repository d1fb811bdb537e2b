"""What tells of commits tells of each, whoever makes it, and of nothing else."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from graphrepo.errors import UnavailableError
from graphrepo.model.database import Database
from graphrepo.model.wal_index import WalIndex

FROM_ELSEWHERE = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as connection:
    connection.execute("INSERT INTO t VALUES (1)")
connection.close()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (x)")
    return path


@pytest.fixture
def index(file: Path) -> Generator[WalIndex]:
    with closing(WalIndex(file)) as opened:
        yield opened


def test_each_commit_shows(file: Path, index: WalIndex) -> None:
    seen = {index.header()}
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for number in range(500):
            connection.execute("INSERT INTO t VALUES (?)", (number,))
            seen.add(index.header())
    assert len(seen) == 501


def test_a_commit_of_another_process_shows(file: Path, index: WalIndex) -> None:
    before = index.header()
    subprocess.run((sys.executable, "-c", FROM_ELSEWHERE, file), check=True)
    assert index.header() != before


def test_reading_and_rolling_back_show_nothing(file: Path, index: WalIndex) -> None:
    before = index.header()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("SELECT count(*) FROM t").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t VALUES (1)")
        connection.execute("ROLLBACK")
    assert index.header() == before


def test_commits_show_after_the_log_began_anew(file: Path, index: WalIndex) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = index.header()
        connection.execute("INSERT INTO t VALUES (2)")
        assert index.header() != before


def test_a_database_that_is_closed_again_says_so(tmp_path: Path) -> None:
    database = Database(tmp_path / "rows.sqlite")
    database.open()
    database.close()
    with pytest.raises(UnavailableError):
        asyncio.run(database.version())
