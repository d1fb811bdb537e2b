"""``graphql-transport-ws``, rule by rule."""

from collections.abc import Callable

import pytest

from graphrepo.graphql.socket import Code
from graphrepo.registry.requests import ChannelChange
from tests.graphql.talking import (
    FOLLOW,
    PACKAGES,
    VIEWER,
    Switchboard,
    Talk,
    during,
    standing,
    token_of,
)
from tests.registry.world import Person, World


def test_changes_come_one_by_one(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(owner.viewer) as talk:
            await talk.begin()
            talk.subscribe("one", FOLLOW, name="lab")
            await standing(world, 1)
            for built in PACKAGES:
                await owner.publishing("lab", built)
            for revision, built in enumerate(PACKAGES, 1):
                assert await talk.hear() == {
                    "type": "next",
                    "id": "one",
                    "payload": {
                        "data": {
                            "channelChanged": {
                                "revision": revision,
                                "action": "upload",
                                "subdir": "noarch",
                                "filename": built.filename,
                                "at": "2026-01-02T03:04:05.678000Z",
                                "actor": "ada",
                            }
                        }
                    },
                }

    during(world, story)


def test_several_operations_share_a_connection(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(owner.viewer) as talk:
            await talk.begin()
            talk.subscribe("lab", FOLLOW, name="lab")
            talk.subscribe("vault", FOLLOW, name="vault")
            await standing(world, 2)
            talk.subscribe("query", VIEWER)
            answer = {"data": {"viewer": {"login": "ada"}}}
            assert await talk.hear() == {"type": "next", "id": "query", "payload": answer}
            assert await talk.hear() == {"type": "complete", "id": "query"}
            await owner.publishing("vault", PACKAGES[0])
            assert (await talk.hear())["id"] == "vault"

    during(world, story)


def test_mutations_run_too(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(owner.viewer) as talk:
            await talk.begin()
            talk.subscribe("1", 'mutation { createChannel(name: "fresh") { name } }')
            payload = (await talk.hear())["payload"]
            assert payload == {"data": {"createChannel": {"name": "fresh"}}}

    during(world, story)


def test_complete_ends_an_operation_and_frees_its_id(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(owner.viewer) as talk:
            await talk.begin()
            talk.subscribe("1", FOLLOW, name="lab")
            await standing(world, 1)
            talk.say(type="complete", id="1")
            talk.say(type="complete", id="never begun")
            talk.subscribe("1", VIEWER)
            assert (await talk.hear())["payload"] == {"data": {"viewer": {"login": "ada"}}}
            assert await talk.hear() == {"type": "complete", "id": "1"}
            await standing(world, 0)

    during(world, story)


REFUSED = (
    ('subscription { channelChanged(name: "nowhere") { revision } }', "forbidden"),
    ('subscription { channelChanged(name: "vault") { revision } }', "forbidden"),
    ('subscription { channelChanged(name: "lab") { nothing } }', "invalid_request"),
    ("subscription { channelChanged { revision } }", "invalid_request"),
    ("subscription {", "invalid_request"),
    ("query A { viewer { login } } query B { viewer { login } }", "invalid_request"),
    ("{" + "a: viewer { login } " * 51 + "}", "query_too_complex"),
)


def test_what_cannot_begin_is_an_error(world: World, owner: Person, stranger: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(stranger.viewer) as talk:
            await talk.begin()
            for query, code in REFUSED:
                talk.subscribe("1", query)
                message = await talk.hear()
                assert (message["type"], message["id"]) == ("error", "1")
                assert message["payload"][0]["extensions"] == {"code": code}
            talk.subscribe("1", VIEWER)  # the id is free again
            assert (await talk.hear())["type"] == "next"

    assert owner.login == "ada"
    during(world, story)


def test_unknown_and_unreadable_channels_are_refused_word_for_word_alike(
    world: World, owner: Person, stranger: Person
) -> None:
    async def story(board: Switchboard) -> None:
        for person in (stranger, world.nobody):
            async with board.talk(person.viewer) as talk:
                await talk.begin()
                told: list[object] = []
                for name in ("vault", "a-name"):
                    talk.subscribe("1", FOLLOW, name=name)
                    payload = str((await talk.hear())["payload"])
                    told.append(payload.replace(name, "it"))
                assert told[0] == told[1]

    assert owner.login == "ada"
    during(world, story)


def test_a_subscription_ends_with_the_right_to_read(
    world: World, owner: Person, reader: Person
) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(reader.viewer) as talk:
            await talk.begin()
            talk.subscribe("1", FOLLOW, name="vault")
            await standing(world, 1)
            await world.registry.members.remove(owner.viewer, "vault", "rita")
            await owner.publishing("vault", PACKAGES[0])
            last = await talk.hear()
            assert last["payload"]["data"] is None
            assert last["payload"]["errors"][0]["extensions"] == {"code": "forbidden"}
            assert await talk.hear() == {"type": "complete", "id": "1"}

    during(world, story)


def test_strangers_hear_no_more_of_a_channel_made_private(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(world.nobody.viewer) as talk:
            await talk.begin()
            talk.subscribe("1", FOLLOW, name="lab")
            await standing(world, 1)
            change = ChannelChange(is_public=False)
            await world.registry.channels.update(owner.viewer, "lab", change)
            last = await talk.hear()
            assert last["payload"]["errors"][0]["extensions"] == {"code": "not_authenticated"}
            assert await talk.hear() == {"type": "complete", "id": "1"}

    during(world, story)


def test_a_key_may_come_with_the_first_message(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        for name in ("authorization", "Authorization"):
            for form in ("Bearer {}", "bearer {}", "{}", "token {}"):
                async with board.talk(world.nobody.viewer) as talk:
                    await talk.begin({name: form.format(token)})
                    talk.subscribe("1", VIEWER)
                    assert (await talk.hear())["payload"] == {"data": {"viewer": {"login": "ada"}}}

    token = token_of(owner)
    during(world, story)


def test_a_key_in_the_first_message_wins_over_the_request(
    world: World, owner: Person, reader: Person
) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(reader.viewer) as talk:
            await talk.begin({"authorization": f"Bearer {token}", "more": 1})
            talk.subscribe("1", VIEWER)
            assert (await talk.hear())["payload"] == {"data": {"viewer": {"login": "ada"}}}

    token = token_of(owner)
    during(world, story)


def test_a_bad_key_is_sent_away(world: World) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(world.nobody.viewer) as talk:
            talk.say(type="connection_init", payload={"authorization": "Bearer gr-" + "x" * 40})
            assert await talk.close_code() == Code.FORBIDDEN

    during(world, story)


def test_a_key_that_ended_begins_nothing_more(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(world.nobody.viewer) as talk:
            await talk.begin({"authorization": token})
            await world.registry.keys.revoke(owner.viewer, "socket")
            talk.subscribe("1", VIEWER)
            assert await talk.close_code() == Code.FORBIDDEN

    token = token_of(owner)
    during(world, story)


def say_too_early(talk: Talk) -> None:
    talk.subscribe("1", VIEWER)


def say_twice(talk: Talk) -> None:
    talk.say(type="connection_init")
    talk.say(type="connection_init")


def repeat_an_id(talk: Talk) -> None:
    talk.say(type="connection_init")
    talk.subscribe("1", FOLLOW, name="lab")
    talk.subscribe("1", FOLLOW, name="lab")


@pytest.mark.parametrize(
    ("breach", "code"),
    [(say_too_early, 4401), (say_twice, 4429), (repeat_an_id, 4409)],
)
def test_a_breach_of_the_order_has_a_code(
    world: World, owner: Person, breach: Callable[[Talk], None], code: int
) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(owner.viewer) as talk:
            breach(talk)
            assert await talk.close_code() == code

    during(world, story)


MALFORMED = (
    "",
    "{",
    "[]",
    "null",
    "{}",
    '{"type": "start"}',
    '{"type": 5}',
    '{"type": "subscribe"}',
    '{"type": "subscribe", "id": "1"}',
    '{"type": "subscribe", "id": "", "payload": {"query": "{ viewer { login } }"}}',
    '{"type": "subscribe", "id": 1, "payload": {"query": "{ viewer { login } }"}}',
    '{"type": "subscribe", "id": "1", "payload": "{ viewer { login } }"}',
    '{"type": "subscribe", "id": "1", "payload": {"query": ""}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}}',
    '{"type": "complete"}',
    '{"type": "connection_init", "payload": "token"}',
    '{"type": "connection_init", "payload": [1]}',
    '{"type": "ping", "x": "' + "x" * (1024 * 1024) + '"}',
    "[" * 100_000,
)


def test_what_is_no_message_closes_the_connection(world: World) -> None:
    async def story(board: Switchboard) -> None:
        for text in MALFORMED:
            async with board.talk(world.nobody.viewer) as talk:
                talk.say_raw(text=text)
                assert await talk.close_code() == Code.MALFORMED, text[:80]

    during(world, story)


def test_bytes_are_no_message(world: World) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(world.nobody.viewer) as talk:
            talk.say_raw(bytes=b'{"type": "ping"}', text=None)
            assert await talk.close_code() == Code.MALFORMED

    during(world, story)


def test_another_protocol_is_not_spoken(world: World) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(world.nobody.viewer, "graphql-ws") as talk:
            assert await talk.close_code() == Code.WRONG_SUBPROTOCOL

    during(world, story)


def test_a_ping_is_answered_at_any_time(world: World) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(world.nobody.viewer) as talk:
            talk.say(type="ping", payload={"any": "thing"})
            assert await talk.hear() == {"type": "pong"}
            talk.say(type="pong")
            await talk.begin({})
            talk.say(type="ping")
            assert await talk.hear() == {"type": "pong"}

    during(world, story)
