"""Following a channel: every change once and in order, and no longer than it may be read."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode, Viewer
from graphrepo.errors import (
    ForbiddenError,
    GraphrepoError,
    NotAuthenticatedError,
    StaleError,
    TooSlowError,
    UnavailableError,
)
from graphrepo.model.database import rows
from graphrepo.model.entities import Channel
from graphrepo.registry.changes import record_event
from graphrepo.registry.feed import Feed
from graphrepo.registry.feed_rows import Change, Claim, Standing
from graphrepo.registry.follower import Follower
from graphrepo.registry.requests import (
    Batch,
    ChannelChange,
    FileName,
    NewApiKey,
)
from graphrepo.registry.views import moment
from tests.builders import package
from tests.clocks import HandClock
from tests.databases import run_sql
from tests.registry.world import Person, World
from tests.waiting import until

T = TypeVar("T")

FILES = [package("a", str(number)) for number in range(5)]


@pytest.fixture
def owner(owner: Person) -> Person:
    """Ada, who owns the private channel ``vault`` too."""
    owner.create_channel("vault", is_public=False)
    return owner


@pytest.fixture
def reader(world: World, owner: Person) -> Person:
    """Rita, who may read ``vault``."""
    rita = world.person("rita")
    owner.add_member("vault", rita, Role.MEMBER)
    return rita


@pytest.fixture
def stranger(world: World) -> Person:
    """Sam, who belongs to no channel."""
    return world.person("sam")


def during(world: World, work: Callable[[Feed], Awaitable[T]]) -> T:
    """Run a story with a feed of its own, as each process has one; nobody waits for ever."""

    async def told() -> T:
        feed = Feed(world.database, world.clock)
        async with asyncio.timeout(20):
            result = await work(feed)
            await feed.close()
            return result

    return world.run(told())


async def first(follower: Follower, count: int) -> list[Change]:
    return [await anext(follower) for _ in range(count)]


async def how_it_ends(follower: Follower) -> GraphrepoError:
    with pytest.raises(GraphrepoError) as caught:
        async for _ in follower:
            pass
    return caught.value


def removing(owner: Person, channel: str, *names: str) -> Awaitable[Any]:
    files = tuple(FileName("noarch", name) for name in names)
    return owner.world.registry.removal.delete(owner.viewer, Batch(channel, files))


def key_of(owner: Person, name: str, days: int | None = None) -> Viewer:
    world = owner.world
    expires = None if days is None else world.clock() + timedelta(days=days)
    new = NewApiKey(name, AccessMode.READ, None, None, expires)
    _, token = world.run(world.registry.keys.create(owner.viewer, new))
    return world.run(world.registry.accounts.viewer_of_token(token))


def test_every_change_is_told_once_and_in_order(world: World, owner: Person) -> None:
    async def story(feed: Feed) -> list[Change]:
        follower = await feed.follow(owner.viewer, "lab")
        for built in FILES:
            await owner.publishing("lab", built)
        await owner.publishing("vault", package("elsewhere"))
        names = FileName("noarch", FILES[0].filename), FileName("noarch", FILES[1].filename)
        await world.registry.yanking.yank(owner.viewer, Batch("lab", names), "broken")
        await removing(owner, "lab", FILES[2].filename)
        await world.registry.channels.update(owner.viewer, "lab", ChannelChange(max_age=5))
        return await first(follower, 9)

    owner.publish("lab", package("before"))
    changes = during(world, story)
    assert [(change.action, change.filename) for change in changes] == [
        *(("upload", built.filename) for built in FILES),
        ("yank", FILES[0].filename),
        ("yank", FILES[1].filename),
        ("delete", FILES[2].filename),
        ("update_channel", None),
    ]
    assert [change.revision for change in changes] == [2, 3, 4, 5, 6, 7, 7, 8, 9]
    assert {change.subdir for change in changes} == {"noarch", None}
    assert {change.actor for change in changes} == {"ada"}
    assert {change.at.tzinfo for change in changes} != {None}


def test_two_processes_tell_the_same(world: World, owner: Person) -> None:
    async def story(feed: Feed) -> None:
        async with asyncio.timeout(20):
            other = Feed(world.database, world.clock)
            followers = [await one.follow(owner.viewer, "lab") for one in (feed, other, feed)]
            for built in FILES:
                await owner.publishing("lab", built)
            told = [await first(follower, 5) for follower in followers]
            assert told[0] == told[1] == told[2]
            await other.close()

    during(world, story)


def test_what_another_process_changed_is_found_without_being_told(
    world: World, owner: Person
) -> None:
    async def story(feed: Feed) -> None:
        follower = await feed.follow(owner.viewer, "lab")
        # As another process would write it: nothing here learns of it.
        await asyncio.to_thread(_insert, world)
        assert (await anext(follower)).action == "upload"

    during(world, story)


def _insert(world: World) -> None:
    run_sql(
        world.address,
        "INSERT INTO event (at, channel, revision, actor, action, details)"
        " VALUES (1, 'lab', 7, 'ada', 'upload', '{}')",
    )


def test_more_changes_than_one_look_reads(world: World, owner: Person) -> None:
    async def story(feed: Feed) -> None:
        follower = await feed.follow(owner.viewer, "lab")
        await world.database.transact(_record_many, owner.viewer, 2500)
        assert [change.action for change in await first(follower, 2500)] == ["upload"] * 2500
        await owner.publishing("lab", FILES[0])
        assert (await anext(follower)).filename == FILES[0].filename

    during(world, story)


def _record_many(viewer: Viewer, count: int) -> None:
    channel = Channel.get(name="lab")
    for _ in range(count):
        record_event(viewer, "upload", 1, channel)


def test_who_belongs_to_the_channel_sees_what_happens_to_members(
    world: World, owner: Person, stranger: Person
) -> None:
    async def story(feed: Feed) -> None:
        inside = await feed.follow(owner.viewer, "lab")
        outside = await feed.follow(stranger.viewer, "lab")
        elsewhere = await feed.follow(bound.viewer, "lab")
        await world.registry.members.add(owner.viewer, "lab", "sam", Role.MEMBER)
        await world.registry.members.remove(owner.viewer, "lab", "sam")
        await owner.publishing("lab", FILES[0])
        seen = [change.action for change in await first(inside, 3)]
        assert seen == ["set_member", "remove_member", "upload"]
        assert (await anext(elsewhere)).action == "upload"
        # Sam was a member for a moment; a look in between lets him know of that.
        assert (await first_of(outside, "upload")).filename == FILES[0].filename

    bound = owner.with_key(AccessMode.ALL, "vault")
    during(world, story)


@pytest.mark.parametrize(
    ("action", "is_told"),
    [("quarantine", True), ("release", True), ("add_publisher", False), ("set_member", False)],
)
def test_readers_are_told_what_an_installer_can_see(action: str, *, is_told: bool) -> None:
    change = Change(1, "lab", 1, action, None, None, moment(0), "ada")
    assert Standing(1, is_insider=False).may_see(change) is is_told
    assert Standing(1, is_insider=True).may_see(change)


async def first_of(follower: Follower, action: str) -> Change:
    return await anext(change async for change in follower if change.action == action)


@pytest.mark.parametrize("channel", ["vault", "nowhere"])
def test_unknown_and_unreadable_are_refused_alike(
    world: World, owner: Person, stranger: Person, channel: str
) -> None:
    async def story(feed: Feed) -> None:
        with pytest.raises(NotAuthenticatedError, match="Sign in"):
            await feed.follow(world.nobody.viewer, channel)
        with pytest.raises(ForbiddenError, match=f"No channel {channel}, or you are not a member"):
            await feed.follow(stranger.viewer, channel)

    assert owner.login == "ada"
    during(world, story)


Ending = Callable[[World, Person], Awaitable[Any]]


async def remove_member(world: World, owner: Person) -> None:
    await world.registry.members.remove(owner.viewer, "vault", "rita")


async def delete_channel(world: World, owner: Person) -> None:
    await world.registry.channels.delete(owner.viewer, "vault")


@pytest.mark.parametrize("end", [remove_member, delete_channel])
def test_it_ends_with_the_right_to_read(
    world: World, owner: Person, reader: Person, end: Ending
) -> None:
    async def story(feed: Feed) -> None:
        follower = await feed.follow(reader.viewer, "vault")
        await owner.publishing("vault", FILES[0])
        assert (await anext(follower)).filename == FILES[0].filename
        await end(world, owner)
        assert isinstance(await how_it_ends(follower), ForbiddenError)

    during(world, story)


def test_strangers_are_sent_away_when_a_channel_becomes_private(
    world: World, owner: Person, stranger: Person
) -> None:
    async def story(feed: Feed) -> None:
        known = await feed.follow(stranger.viewer, "lab")
        unknown = await feed.follow(world.nobody.viewer, "lab")
        inside = await feed.follow(owner.viewer, "lab")
        closing = ChannelChange(is_public=False)
        await world.registry.channels.update(owner.viewer, "lab", closing)
        await owner.publishing("lab", FILES[0])
        assert isinstance(await how_it_ends(known), ForbiddenError)
        assert isinstance(await how_it_ends(unknown), NotAuthenticatedError)
        assert [change.action for change in await first(inside, 2)] == ["update_channel", "upload"]

    during(world, story)


def test_it_ends_with_the_key_even_where_strangers_may_read(
    world: World, owner: Person, clock: HandClock
) -> None:
    revoked, deleted = key_of(owner, "a"), key_of(owner, "b")
    expiring = key_of(owner, "expiring", days=1)
    lasting = key_of(owner, "lasting")

    async def story(feed: Feed) -> None:
        followers = [
            await feed.follow(viewer, "lab") for viewer in (revoked, deleted, expiring, lasting)
        ]
        await world.registry.keys.revoke(owner.viewer, "a")
        await world.registry.keys.delete(owner.viewer, "b")
        clock.advance(timedelta(days=2))
        for follower in followers[:3]:
            assert isinstance(await how_it_ends(follower), NotAuthenticatedError)
        await owner.publishing("lab", FILES[0])
        assert (await anext(followers[3])).filename == FILES[0].filename

    during(world, story)


def test_it_ends_with_the_session(world: World, owner: Person) -> None:
    async def story(feed: Feed) -> None:
        await world.registry.accounts.create_user("eve", "correct horse")
        secrets = [await sign_in(world), await sign_in(world)]
        viewers = [await world.registry.accounts.viewer_of_session(secret) for secret in secrets]
        gone, other = [await feed.follow(viewer, "lab") for viewer in viewers]
        await world.registry.accounts.logout(secrets[0])
        assert isinstance(await how_it_ends(gone), NotAuthenticatedError)
        await owner.publishing("lab", FILES[0])
        assert (await anext(other)).filename == FILES[0].filename

    during(world, story)


async def sign_in(world: World) -> str:
    secret, _ = await world.registry.accounts.login("eve", "correct horse")
    return secret


def test_a_channel_made_anew_is_another_one(world: World, owner: Person) -> None:
    async def story(feed: Feed) -> None:
        follower = await feed.follow(owner.viewer, "lab")
        # One transaction, so that no look can come between.
        await world.database.transact(_replace_channel)
        await owner.publishing("lab", FILES[0])
        assert isinstance(await how_it_ends(follower), StaleError)

    during(world, story)


def _replace_channel() -> None:
    rows("UPDATE channel SET name = 'old' WHERE name = 'lab'")
    rows(
        "INSERT INTO channel (name, is_public, settings, revision, created_at, updated_at)"
        " VALUES ('lab', true, '{}', 0, 1, 1)"
    )
    rows(
        "INSERT INTO member (channel_id, user_id, role, created_at)"
        " SELECT n.id, m.user_id, m.role, 1 FROM member m, channel o, channel n"
        " WHERE o.name = 'old' AND n.name = 'lab' AND m.channel_id = o.id"
    )


def test_who_does_not_read_on_is_let_go(world: World, owner: Person) -> None:
    async def story(feed: Feed) -> None:
        sleepy = await feed.follow(owner.viewer, "lab")
        awake = await feed.follow(owner.viewer, "lab")
        for _ in range(6):
            await world.database.transact(_record_many, owner.viewer, 1000)
            await first(awake, 1000)
        with pytest.raises(TooSlowError):
            await anext(sleepy)

    during(world, story)


def test_nobody_is_left_waiting_when_the_server_stops(world: World, owner: Person) -> None:
    async def story(feed: Feed) -> None:
        follower = await feed.follow(owner.viewer, "lab")
        await feed.close()
        assert isinstance(await how_it_ends(follower), UnavailableError)
        with pytest.raises(UnavailableError):
            await feed.follow(owner.viewer, "lab")

    during(world, story)


def test_who_gives_up_waiting_is_forgotten(world: World, owner: Person) -> None:
    async def story(feed: Feed) -> None:
        waiting = asyncio.create_task(feed.follow(owner.viewer, "lab"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        follower = await feed.follow(owner.viewer, "lab")
        await follower.aclose()

    during(world, story)


def test_who_is_admitted_just_after_giving_up_is_told_nothing(world: World, owner: Person) -> None:
    async def story(_feed: Feed) -> None:
        left: list[Follower] = []
        follower = Follower(Claim(owner.viewer, None, "lab"), left.append)
        follower.admitted.cancel()
        assert not follower.admit(Standing(1, is_insider=True))
        await follower.aclose()
        assert left == [follower]

    during(world, story)


def test_nobody_looks_while_nobody_follows(world: World, owner: Person) -> None:
    async def story(feed: Feed) -> None:
        before = asyncio.all_tasks()
        follower = await feed.follow(owner.viewer, "lab")
        (looking,) = asyncio.all_tasks() - before
        await follower.aclose()
        await looking

    during(world, story)


def test_a_feed_that_nobody_followed_is_closed_at_once(world: World, owner: Person) -> None:
    assert owner.login == "ada"
    world.run(Feed(world.database, world.clock).close())


def test_following_begins_again_after_everybody_left(world: World, owner: Person) -> None:
    async def story(feed: Feed) -> None:
        for built in FILES:
            follower = await feed.follow(owner.viewer, "lab")
            await owner.publishing("lab", built)
            assert (await anext(follower)).filename == built.filename
            await follower.aclose()

    during(world, story)


def test_a_database_that_fails_for_a_moment_delays_and_does_not_end(
    world: World, owner: Person, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(feed: Feed) -> None:
        follower = await feed.follow(owner.viewer, "lab")
        await world.database.transact(rows, "ALTER TABLE event RENAME TO away")
        await asyncio.to_thread(until, lambda: "Looking for changes failed" in caplog.text)
        await world.database.transact(rows, "ALTER TABLE away RENAME TO event")
        await owner.publishing("lab", FILES[0])
        assert (await anext(follower)).filename == FILES[0].filename

    during(world, story)


def test_a_database_that_fails_from_the_start_is_told(world: World, owner: Person) -> None:
    async def story(feed: Feed) -> None:
        await world.database.transact(rows, "ALTER TABLE event RENAME TO away")
        with pytest.raises(UnavailableError, match="does not answer"):
            await feed.follow(owner.viewer, "lab")

    during(world, story)
