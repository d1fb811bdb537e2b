"""Many writers have the effect of one after the other, and a server that goes may come back."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Barrier, Event
from typing import TypeVar
from urllib.parse import urlsplit

import psycopg2
import pytest
from pony.orm import flush

from graphrepo.errors import (
    InvalidInputError,
    StaleError,
    StorageFullError,
    TookTooLongError,
    UnavailableError,
)
from graphrepo.model.database import Database, rows
from graphrepo.model.engine import Pool
from graphrepo.model.entities import Setting, User
from tests.databases import drop, named, on_postgres, postgres_of, run_sql, server
from tests.postgres_line import PostgresLine

pytestmark = pytest.mark.skipif(not on_postgres(), reason="these are of PostgreSQL")

T = TypeVar("T")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    address = postgres_of(tmp_path)
    yield address
    drop(address)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url, Pool(writers=4, timeout=20))
    database.open()
    yield database
    database.close()


def write(database: Database, work: Callable[[], T]) -> T:
    return asyncio.run(database.transact(work))


def set_up(name: str) -> None:
    Setting(name=name, value="0")


def value_of(name: str) -> int:
    return int(rows("SELECT value FROM setting WHERE name = $name", name=name)[0][0])


def raise_by_one(name: str) -> None:
    """Read, then write what follows from it: two at a time would lose one."""
    setting = Setting.get(name=name)
    assert setting is not None
    rows("SELECT pg_sleep(0.001)")
    setting.value = str(int(setting.value) + 1)


def break_connections(url: str) -> None:
    name = urlsplit(url).path.removeprefix("/")
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
    run_sql(server(), f"{ended} '{name}'")


@pytest.mark.parametrize("channel", [None, "lab"])
def test_transactions_have_the_effect_of_one_after_the_other(
    database: Database, channel: str | None
) -> None:
    async def race() -> None:
        await database.transact(set_up, "n")
        begun = [
            database.transact_in(channel, raise_by_one, "n")
            if channel
            else database.transact(raise_by_one, "n")
            for _ in range(20)
        ]
        await asyncio.gather(*begun)
        assert await database.read(value_of, "n") == 20

    asyncio.run(race())


def test_those_of_two_channels_go_side_by_side(database: Database) -> None:
    both = Barrier(2, timeout=10)

    async def race() -> None:
        begun = (database.transact_in(name, both.wait) for name in ("one", "two"))
        assert sorted(await asyncio.gather(*begun)) == [0, 1]

    asyncio.run(race())


def test_one_that_is_alone_waits_for_those_of_channels_and_they_for_it(database: Database) -> None:
    order: list[str] = []
    begun, may_end = Event(), Event()

    def first() -> None:
        rows("SELECT 1")
        begun.set()
        assert may_end.wait(10)
        order.append("channel")

    def then(name: str) -> None:
        rows("SELECT 1")
        order.append(name)

    async def race() -> None:
        one = asyncio.ensure_future(database.transact_in("lab", first))
        await asyncio.to_thread(begun.wait, 10)
        alone = asyncio.ensure_future(database.transact(then, "alone"))
        await database.transact_beside(then, "beside")
        may_end.set()
        await asyncio.gather(one, alone)

    asyncio.run(race())
    assert order == ["beside", "channel", "alone"]


def test_who_waits_in_a_circle_begins_anew(database: Database) -> None:
    both, met = Barrier(2), set[str]()

    def change(first: str, then: str) -> None:
        rows("UPDATE setting SET value = '1' WHERE name = $name", name=first)
        if first not in met:
            met.add(first)
            both.wait(10)
        rows("UPDATE setting SET value = '2' WHERE name = $name", name=then)

    async def race() -> None:
        await database.transact(lambda: (set_up("a"), set_up("b")))
        pairs = (("a", "b"), ("b", "a"))
        await asyncio.gather(*(database.transact_beside(change, *pair) for pair in pairs))

    asyncio.run(race())


def test_broken_connections_are_made_anew(database: Database, url: str) -> None:
    write(database, lambda: set_up("n"))
    break_connections(url)
    write(database, lambda: raise_by_one("n"))
    break_connections(url)
    assert asyncio.run(database.read(value_of, "n")) == 1


def test_a_connection_that_breaks_half_way_has_changed_nothing(
    database: Database, url: str
) -> None:
    attempts = list[int]()

    def work() -> None:
        raise_by_one("n")
        attempts.append(1)
        if len(attempts) == 1:
            break_connections(url)
        rows("SELECT 1")

    write(database, lambda: set_up("n"))
    write(database, work)
    assert asyncio.run(database.read(value_of, "n")) == 1
    assert len(attempts) == 2


def test_nobody_knows_what_became_of_a_commit_whose_connection_breaks(
    database: Database, url: str
) -> None:
    def work() -> None:
        raise_by_one("n")
        flush()
        break_connections(url)

    write(database, lambda: set_up("n"))
    with pytest.raises(UnavailableError):
        write(database, work)


def test_all_go_on_at_once_when_a_server_that_was_away_for_long_is_back(
    url: str, tmp_path: Path
) -> None:
    line = PostgresLine(url, tmp_path)
    database = Database(line.url, Pool(readers=2, patience=0))
    database.open()
    both = Barrier(2)

    def meet() -> None:
        rows("SELECT 1")
        both.wait(10)

    async def look() -> None:
        await asyncio.gather(database.read(meet), database.read(meet))
        line.is_down = True
        line.cut()
        with pytest.raises(UnavailableError):
            await database.read(rows, "SELECT 1")
        line.is_down = False
        await asyncio.gather(database.read(meet), database.read(meet))

    asyncio.run(look())
    database.close()
    line.close()


def test_a_server_that_is_away_for_long_is_named() -> None:
    database = Database(named("there_is_no_such_database"))
    with pytest.raises(UnavailableError):
        database.open()


def test_a_statement_that_takes_too_long_is_ended(url: str) -> None:
    database = Database(url, Pool(timeout=0.1))
    database.open()
    with pytest.raises(TookTooLongError, match=r"more than 0\.1 seconds"):
        asyncio.run(database.read(rows, "SELECT pg_sleep(10)"))
    database.close()


def test_what_does_not_fit_is_a_fault_of_whoever_sent_it(database: Database) -> None:
    with pytest.raises(InvalidInputError, match="NUL"):
        asyncio.run(database.read(rows, "SELECT $text", text="a\0b"))
    add = "INSERT INTO setting (name, value) VALUES ($name, '')"
    with pytest.raises(InvalidInputError, match="longer"):
        write(database, lambda: rows(add, name="x" * 61))


def test_a_full_disk_is_named(database: Database) -> None:
    # As the server itself would say it.
    full = "DO $$$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$$$"
    with pytest.raises(StorageFullError):
        write(database, lambda: rows(full))


def test_a_broken_uniqueness_is_a_stale_view(database: Database) -> None:
    both = Barrier(2)

    def add() -> None:
        assert User.get(login="ada") is None
        both.wait(10)
        User(login="ada", created_at=1)

    async def race() -> list[object]:
        begun = (database.transact_beside(add) for _ in range(2))
        return await asyncio.gather(*begun, return_exceptions=True)

    assert sorted(map(type, asyncio.run(race())), key=str) == [type(None), StaleError]


def test_numbers_and_bytes_come_as_python_knows_them(database: Database) -> None:
    sql = "SELECT sum(n::bigint), 0.5, true, '\\x00ff'::bytea, NULL FROM generate_series(1, 3) n"
    assert asyncio.run(database.read(rows, sql)) == [(6, 0.5, True, b"\0\xff", None)]


def test_the_version_moves_with_each_commit_and_with_nothing_else(
    database: Database, url: str
) -> None:
    async def look() -> None:
        first = await database.version()
        await database.read(rows, "SELECT 1")
        assert await database.version() == first
        await database.transact_beside(set_up, "a")
        second = await database.version()
        assert second != first
        await asyncio.to_thread(run_sql, url, "INSERT INTO setting VALUES ('b', '')")
        assert await database.version() != second

    asyncio.run(look())


def test_a_commit_under_way_moves_the_version_when_it_is_done(database: Database, url: str) -> None:
    async def look() -> None:
        with closing(psycopg2.connect(url)) as other:
            other.cursor().execute("INSERT INTO setting VALUES ('a', '')")
            before = await database.version()
            assert await database.version() == before
            other.commit()
            assert await database.version() != before

    asyncio.run(look())


def test_without_word_from_the_server_no_version_equals_another(
    database: Database, url: str
) -> None:
    async def look() -> None:
        await database.version()
        await asyncio.to_thread(break_connections, url)
        assert await database.version() != await database.version()

    asyncio.run(look())


def test_changes_of_others_are_told(database: Database, url: str) -> None:
    async def listen() -> None:
        told = asyncio.Event()
        database.after_commit(told.set)
        await database.version()
        await database.version()  # by now it listens
        said = "INSERT INTO event (at, actor, action, details) VALUES (0, 'x', 'y', '{}')"
        await asyncio.to_thread(run_sql, url, said)
        async with asyncio.timeout(10):
            await told.wait()

    asyncio.run(listen())
