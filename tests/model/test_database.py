"""Transactions are whole, reads are snapshots, failures are named."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import pytest

from graphrepo.errors import StaleError, StorageFullError, UnavailableError
from graphrepo.model.database import Database, rows, stream
from graphrepo.model.engine import ALONE
from graphrepo.model.entities import User
from graphrepo.model.many import id_list
from graphrepo.model.sessions import Sessions
from tests.databases import drop, new_address, on_postgres, postgres_of

T = TypeVar("T")

of_sqlite = pytest.mark.skipif(on_postgres(), reason="this is of SQLite")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "50% of #1?.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    address = postgres_of(path) if on_postgres() else path
    database = Database(address)
    database.open()
    yield database
    database.close()
    drop(address)


def write(database: Database, work: Callable[..., T], *args: Any) -> T:  # noqa: ANN401
    return asyncio.run(database.transact(work, *args))


def read(database: Database, work: Callable[..., T], *args: Any) -> T:  # noqa: ANN401
    return asyncio.run(database.read(work, *args))


def add(*logins: str) -> None:
    for login in logins:
        User(login=login, created_at=1)


def logins() -> list[str]:
    return [login for (login,) in rows("SELECT login FROM account ORDER BY login")]


def test_what_was_committed_is_there_after_closing(tmp_path: Path) -> None:
    for expected in (["ada"], ["ada", "bob"]):
        database = Database(new_address(tmp_path))
        database.open()
        write(database, add, expected[-1])
        assert read(database, logins) == expected
        database.close()


def test_a_transaction_is_whole_or_nothing(database: Database) -> None:
    def fail() -> None:
        add("ada")
        raise KeyError("half-way")

    with pytest.raises(KeyError):
        write(database, fail)
    assert read(database, logins) == []


def test_a_broken_uniqueness_is_a_stale_view(database: Database) -> None:
    write(database, add, "ada")
    with pytest.raises(StaleError):
        write(database, add, "bob", "ada")
    assert read(database, logins) == ["ada"]


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(UnavailableError):
        read(database, add, "ada")
    assert read(database, logins) == []


def test_a_glance_sees_what_was_committed_and_cannot_write(database: Database) -> None:
    write(database, add, "ada")
    assert asyncio.run(database.glance(logins)) == ["ada"]
    with suppress(UnavailableError):  # or it is undone
        asyncio.run(database.glance(rows, "UPDATE account SET login = 'bob'"))
    assert read(database, logins) == ["ada"]


def test_a_glance_that_fails_says_so_in_our_words(database: Database) -> None:
    with pytest.raises(UnavailableError):
        asyncio.run(database.glance(rows, "SELECT login FROM nowhere"))
    assert asyncio.run(database.glance(logins)) == []


def test_a_turn_reads_and_writes_in_sessions_of_its_own(database: Database) -> None:
    def work(sessions: Sessions) -> tuple[list[str], list[str]]:
        before = sessions.read(logins)
        sessions.transact(ALONE, add, "ada")
        return before, sessions.read(logins)

    assert asyncio.run(database.turn(work)) == ([], ["ada"])
    assert read(database, logins) == ["ada"]


def test_a_read_sees_one_moment(database: Database) -> None:
    begun, changed = Event(), Event()

    def twice() -> tuple[list[str], list[str]]:
        first = logins()
        begun.set()
        assert changed.wait(10)
        return first, logins()

    async def race() -> tuple[list[str], list[str]]:
        reading = asyncio.ensure_future(database.read(twice))
        await asyncio.to_thread(begun.wait, 10)
        await database.transact(add, "ada")
        changed.set()
        return await reading

    assert asyncio.run(race()) == ([], [])
    assert read(database, logins) == ["ada"]


def test_streams_give_all_rows(database: Database) -> None:
    names = [f"user{n:03}" for n in range(25)]
    write(database, add, *names)

    def collect() -> list[str]:
        sql = "SELECT login FROM account WHERE id > $least ORDER BY id"
        return [login for (login,) in stream(sql, batch=10, least=0)]

    assert read(database, collect) == names


def test_lists_of_ids_hold_integers_alone() -> None:
    assert id_list([3, 1]) == "3,1"
    assert id_list([]) == "NULL"


@of_sqlite
def test_connections_are_durable_and_keep_references(database: Database) -> None:
    def pragmas() -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [rows(f"PRAGMA {name}")[0][0] for name in names]

    assert read(database, pragmas) == ["wal", 2, 1, 30000]


@of_sqlite
def test_a_full_disk_is_named(database: Database, path: Path) -> None:
    def fill() -> None:
        pages = rows("PRAGMA page_count")[0][0]
        rows(f"PRAGMA max_page_count = {pages}")
        for number in range(1000):
            User(login=f"u{number}", password_hash="x" * 250, created_at=1)

    with pytest.raises(StorageFullError):
        write(database, fill)
    assert path.exists()
    assert read(database, logins) == []


@of_sqlite
def test_an_unusable_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "graphrepo.sqlite"
    path.write_bytes(b"this is no database" * 100)
    database = Database(path)
    with pytest.raises(UnavailableError, match="not a database"):
        database.open()


@of_sqlite
def test_a_locked_database_waits_for_its_holder(database: Database, path: Path) -> None:
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")

    async def race() -> None:
        waiting = asyncio.ensure_future(database.transact(add, "ada"))
        await asyncio.sleep(0)
        holder.execute("COMMIT")
        await waiting

    asyncio.run(race())
    holder.close()
    assert read(database, logins) == ["ada"]


@of_sqlite
def test_a_database_that_stays_locked_is_named(database: Database, path: Path) -> None:
    write(database, rows, "PRAGMA busy_timeout = 10")  # milliseconds, not half a minute
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError, match="does not answer; try again in a moment"):
        write(database, add, "ada")
    assert read(database, logins) == []
    holder.execute("COMMIT")
    holder.close()
    write(database, add, "ada")
    assert read(database, logins) == ["ada"]
