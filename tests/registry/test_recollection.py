"""What was read is remembered until anything is committed, by whomever."""

import asyncio
from datetime import timedelta

import pytest

from graphrepo.access.viewer import ANONYMOUS
from graphrepo.errors import ForbiddenError, UnavailableError
from graphrepo.model.database import Database, rows
from graphrepo.registry.recollection import Recollection
from graphrepo.registry.requests import NewApiKey
from graphrepo.registry.small_bodies import LARGEST, SmallBodies
from tests.builders import package
from tests.clocks import HandClock
from tests.databases import run_sql
from tests.registry.world import Person, World


class Counted:
    """A read that counts how often it is made."""

    def __init__(self, world: World) -> None:
        self._database = world.database
        self.made = 0

    async def __call__(self) -> int:
        self.made += 1
        return (await self._database.read(rows, "SELECT count(*) FROM event"))[0][0]


def test_a_read_is_made_once_until_somebody_commits(world: World, owner: Person) -> None:
    recollection: Recollection[int] = Recollection(world.database)
    read = Counted(world)
    # A PostgreSQL counts the commits of all its databases, and other tests may have some.
    while True:
        moment = world.run(world.database.version())
        first = world.run(recollection.of("k", read))
        made = read.made
        assert world.run(recollection.of("k", read)) == first
        if world.run(world.database.version()) == moment:
            break
    assert read.made == made
    owner.create_channel("other")
    assert world.run(recollection.of("k", read)) == first + 1
    assert read.made > made


def test_a_commit_of_another_process_counts_as_well(world: World) -> None:
    recollection: Recollection[int] = Recollection(world.database)
    read = Counted(world)
    world.run(recollection.of("k", read))
    said = "INSERT INTO event (at, actor, action, details) VALUES (0, 'x', 'y', '{}')"
    run_sql(world.address, said)
    assert world.run(recollection.of("k", read)) == 1
    assert read.made == 2


def test_a_read_that_a_commit_overtakes_is_not_remembered(world: World, owner: Person) -> None:
    recollection: Recollection[str] = Recollection(world.database)

    async def overtaken() -> str:
        await world.registry.channels.delete(owner.viewer, "lab")
        return "old"

    async def fresh() -> str:
        return "new"

    assert world.run(recollection.of("k", overtaken)) == "old"
    assert world.run(recollection.of("k", fresh)) == "new"


def test_a_failure_is_not_remembered(world: World) -> None:
    recollection: Recollection[str] = Recollection(world.database)

    async def fail() -> str:
        raise ForbiddenError("no")

    async def succeed() -> str:
        return "yes"

    with pytest.raises(ForbiddenError):
        world.run(recollection.of("k", fail))
    assert world.run(recollection.of("k", succeed)) == "yes"


def test_nothing_is_asked_of_a_database_that_is_not_open(world: World) -> None:
    closed = Database(world.data / "other.sqlite")
    with pytest.raises(UnavailableError):
        world.run(closed.version())


def test_a_right_that_ends_ends_what_is_remembered(world: World, owner: Person) -> None:
    owner.create_channel("secret", is_public=False)
    bob = world.person("bob")
    owner.publish("secret", package("zlib"))
    assert owner.find("secret", "noarch", "repodata.json")
    with pytest.raises(ForbiddenError):
        bob.find("secret", "noarch", "repodata.json")


def test_a_remembered_key_expires_in_time(world: World, owner: Person, clock: HandClock) -> None:
    new = NewApiKey("ci", expires_at=clock.now + timedelta(seconds=30))
    _, token = world.run(world.registry.keys.create(owner.viewer, new))
    accounts = world.registry.accounts
    assert world.run(accounts.viewer_of_token(token)).login == "ada"
    assert world.run(accounts.viewer_of_token(token)).login == "ada"
    clock.advance(timedelta(seconds=30))
    assert world.run(accounts.viewer_of_token(token)) == ANONYMOUS


def test_small_bodies_are_kept_within_their_budget(world: World) -> None:
    bodies = SmallBodies(world.store, budget=25)
    blobs = [world.store.put(letter * 10) for letter in (b"a", b"b", b"c")]

    async def ask() -> None:
        for digests in (*blobs[:2], blobs[0], blobs[2]):
            assert await bodies.of(digests.blake3, digests.size)
        world.store.delete(blobs[0].blake3)
        assert await bodies.of(blobs[0].blake3, 10) == b"a" * 10
        assert await bodies.of(blobs[1].blake3, LARGEST + 1) is None

    world.run(ask())


def test_one_body_asked_for_by_many_is_counted_once(world: World) -> None:
    bodies = SmallBodies(world.store, budget=15)
    digests = world.store.put(b"a" * 10)

    async def ask() -> list[bytes | None]:
        return list(await asyncio.gather(*(bodies.of(digests.blake3, 10) for _ in range(5))))

    assert world.run(ask()) == [b"a" * 10] * 5
    world.store.delete(digests.blake3)
    assert world.run(bodies.of(digests.blake3, 10)) == b"a" * 10


def test_a_version_that_was_asked_before_a_commit_finds_nothing_old(
    world: World, owner: Person
) -> None:
    recollection: Recollection[int] = Recollection(world.database)
    read = Counted(world)
    before = world.run(world.registry.indexing.version())
    first = world.run(recollection.of("k", read, before))
    owner.create_channel("other")
    after = world.run(world.registry.indexing.version())
    assert after != before
    made = read.made
    assert world.run(recollection.of("k", read, after)) == first + 1
    world.run(recollection.of("k", read, before))
    assert read.made == made + 2
