"""What a connection of graphql-transport-ws may take up, and how it ends when it is too much."""

from dataclasses import replace
from typing import Any

import pytest

from graphrepo.graphql.socket import Code
from graphrepo.model.database import rows
from tests.graphql.talking import FOLLOW, PACKAGES, VIEWER, Switchboard, during, standing, token_of
from tests.registry.world import Person, World


def test_who_does_not_begin_is_sent_away(world: World) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(world.nobody.viewer) as talk:
            talk.say(type="ping")
            assert await talk.close_code() == Code.TOO_LATE

    during(world, story, init=0.01)


def test_who_shows_no_life_is_sent_away(world: World) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(world.nobody.viewer) as talk:
            await talk.begin()
            for _ in range(3):
                assert await talk.hear() == {"type": "ping"}
                talk.say(type="pong")
            assert await talk.close_code() == Code.TOO_LATE

    during(world, story, init=0.3, ping=0.3)


def test_a_connection_has_so_many_operations_and_no_more(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(owner.viewer) as talk:
            await talk.begin()
            talk.subscribe("1", FOLLOW, name="lab")
            talk.subscribe("2", FOLLOW, name="lab")
            talk.subscribe("3", FOLLOW, name="lab")
            refused = await talk.hear()
            assert (refused["type"], refused["id"]) == ("error", "3")
            assert refused["payload"][0]["extensions"] == {"code": "too_many_subscriptions"}
            talk.say(type="complete", id="1")
            talk.subscribe("3", VIEWER)
            assert (await talk.hear())["type"] == "next"

    during(world, story, operations=2)


def test_a_viewer_has_so_many_connections_and_no_more(
    world: World, owner: Person, reader: Person
) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(owner.viewer) as one:
            await one.begin()
            async with board.talk(owner.viewer) as two:
                two.say(type="connection_init")
                assert await two.close_code() == Code.TOO_MANY
            async with board.talk(reader.viewer) as other:
                await other.begin()
        async with board.talk(owner.viewer) as again:
            await again.begin()

    during(world, story, connections_of_viewer=1)


def test_strangers_are_counted_by_their_address(world: World) -> None:
    async def story(board: Switchboard) -> None:
        async with (
            board.talk(world.nobody.viewer) as one,
            board.talk(world.nobody.viewer) as two,
        ):
            await one.begin()
            two.say(type="connection_init")
            assert await two.close_code() == Code.TOO_MANY

    during(world, story, connections_of_viewer=1)


def test_the_server_has_so_many_connections_and_no_more(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(owner.viewer), board.talk(world.nobody.viewer) as two:
            assert await two.close_code() == Code.TOO_MANY

    during(world, story, connections=1)


def test_a_client_that_leaves_takes_its_subscriptions_along(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(owner.viewer) as talk:
            await talk.begin()
            talk.subscribe("1", FOLLOW, name="lab")
            await standing(world, 1)
        await standing(world, 0)

    during(world, story)


def test_a_client_that_takes_nothing_is_let_go(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(owner.viewer) as talk:
            await talk.begin()
            talk.subscribe("1", FOLLOW, name="lab")
            await standing(world, 1)
            talk.stop_reading()
            await owner.publishing("lab", PACKAGES[0])
            await standing(world, 0)

    during(world, story, send=0.05)


def test_a_database_that_does_not_answer_is_told(world: World, owner: Person) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(world.nobody.viewer) as talk:
            await talk.begin({"authorization": token})
            await world.database.transact(rows, "ALTER TABLE api_key RENAME TO away")
            talk.subscribe("1", VIEWER)
            message = await talk.hear()
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"] == {"code": "unavailable"}

    token = token_of(owner)
    during(world, story)


def test_an_unexpected_failure_is_an_id_and_no_more(
    world: World, owner: Person, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(board: Switchboard) -> None:
        async with board.talk(owner.viewer) as talk:
            await talk.begin()
            talk.subscribe("1", FOLLOW, name="lab")
            (error,) = (await talk.hear())["payload"]
            assert error["extensions"] == {"code": "internal_error"}
            ident = error["message"].rpartition(" ")[2].rstrip(".")
            assert ident in caplog.text
            assert "AttributeError" in caplog.text
            assert "NoneType" not in error["message"]

    broken: Any = None  # a registry that lost its feed fails in a way nobody foresaw
    world.registry = replace(world.registry, feed=broken)
    during(world, story)
