"""Answers as server-sent events, by the GraphQL over SSE protocol."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from graphrepo.errors import TooManySubscriptionsError
from graphrepo.graphql.bounds import Bounds, StreamLimits
from graphrepo.graphql.event_stream import EventStream, wants_stream
from graphrepo.graphql.execution import EVERYTHING, Asker, Execution
from graphrepo.graphql.operations import Operation
from graphrepo.intake.body import Message
from tests.builders import package
from tests.graphql.asking import ADDRESS, INSTANCE, Api
from tests.graphql.talking import FOLLOW, standing
from tests.registry.world import Person, World

EVENTS = {"accept": "text/event-stream"}
VIEWER = "{ viewer { login } }"


@pytest.mark.parametrize(
    ("accept", "is_wanted"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; charset=utf-8", True),
        ("text/event-stream, application/json", True),
        ("text/event-stream, multipart/mixed", True),
        ("multipart/mixed, text/event-stream, application/json;q=0.5", True),
        # As urql sends it with every query.
        ("application/graphql-response+json, application/json, text/event-stream", False),
        ("application/json, text/event-stream", False),
        ("*/*, text/event-stream", False),
        ("application/json", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_events_go_to_who_prefers_them(accept: str, *, is_wanted: bool) -> None:
    assert wants_stream(accept) is is_wanted


def test_a_query_is_one_event_and_the_end(api: Api, owner: Person) -> None:
    by_post = api.send(owner, "POST", headers=EVENTS, json={"query": VIEWER})
    by_get = api.send(owner, "GET", headers=EVENTS, params={"query": VIEWER})
    for answer in (by_post, by_get):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.headers["cache-control"] == "no-store"
        said = answer.text.removeprefix(":\n\n")
        assert said == (
            'event: next\ndata: {"data":{"viewer":{"login":"ada"}}}\n\nevent: complete\ndata:\n\n'
        )


def test_line_breaks_in_shipped_json_end_no_event(api: Api, owner: Person) -> None:
    built = package("zlib")
    index = json.dumps(built.index, indent=1).replace("\n", "\r\n").encode()
    owner.publish("lab", package("zlib", info_files={"index.json": index}))
    query = '{ package(channelName: "lab", name: "zlib") { variants { page { rawIndex } } } }'
    text = api.send(owner, "POST", headers=EVENTS, json={"query": query}).text
    said = text[: text.index("event: complete")].removeprefix(":\n\nevent: next\n")
    lines = said.removesuffix("\n\n").split("\n")
    assert all(line.startswith("data: ") for line in lines)
    answer = json.loads("\n".join(line.removeprefix("data: ") for line in lines))
    assert answer["data"]["package"]["variants"]["page"] == [{"rawIndex": built.index}]


def events_of(text: str) -> list[tuple[str, Any]]:
    """Return the events with their data, comments left out."""
    blocks = [block.split("\n") for block in text.split("\n\n") if block and block != ":"]
    return [
        (event.removeprefix("event: "), json.loads(data.removeprefix("data:") or "null"))
        for event, data in blocks
    ]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('subscription { channelChanged(name: "nowhere") { revision } }', "forbidden"),
        ('subscription { channelChanged(name: "lab") { nothing } }', "invalid_request"),
        ("subscription {", "invalid_request"),
        ("{" + "a: viewer { login } " * 51 + "}", "query_too_complex"),
    ],
)
def test_what_cannot_begin_is_told_as_an_event(
    api: Api, owner: Person, query: str, code: str
) -> None:
    # A browser's EventSource shows no body of another status.
    answer = api.send(owner, "POST", headers=EVENTS, json={"query": query})
    (_, told), end = events_of(answer.text)
    assert told["errors"][0]["extensions"] == {"code": code}
    assert end == ("complete", None)


def test_an_address_changes_nothing_in_events_either(api: Api, owner: Person) -> None:
    mutation = 'mutation { deleteChannel(name: "lab") { name } }'
    answer = api.send(owner, "GET", headers=EVENTS, params={"query": mutation})
    (_, told), _end = events_of(answer.text)
    assert told["errors"][0]["message"].startswith("This way changes nothing")
    assert api.ask(owner, '{ channel(name: "lab") { name } }').data["channel"]


def test_one_answer_is_too_few_for_a_subscription(api: Api, owner: Person) -> None:
    answer = api.ask(owner, FOLLOW, name="lab")
    assert answer.codes == ["invalid_request"]
    assert "text/event-stream" in answer.messages[0]


class Listener:
    """A client that reads a stream, in the server's own process."""

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream
        self._left = asyncio.Event()
        self._sent: asyncio.Queue[Message] = asyncio.Queue()
        self.reads = True

    async def _receive(self) -> Message:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if not self.reads:
            await asyncio.Event().wait()
        await self._sent.put(message)

    async def serve(self) -> None:
        await self._stream({}, self._receive, self._send)

    def leave(self) -> None:
        self._left.set()

    async def next(self) -> bytes:
        """Return what comes next that is no comment."""
        async with asyncio.timeout(20):
            while (body := (await self._sent.get()).get("body", b"")) in {b"", b":\n\n"}:
                pass
        return body

    async def next_comment(self) -> None:
        async with asyncio.timeout(20):
            while (await self._sent.get()).get("body") != b":\n\n":
                pass


class Studio:
    """Streams of one server, with its bounds."""

    def __init__(self, world: World, **limits: Any) -> None:  # noqa: ANN401 - StreamLimits' own
        self._execution = Execution(world.registry, INSTANCE)
        self._bounds = Bounds.of(StreamLimits(**limits))

    def stream(self, person: Person, name: str) -> EventStream:
        operation = Operation(FOLLOW, {"name": name}, None)
        asker = Asker(person.viewer, ADDRESS)
        answers = self._execution.answers(asker, operation, EVERYTHING)
        return EventStream(answers, self._bounds, person.login)

    @asynccontextmanager
    async def listening(self, person: Person, name: str = "lab") -> AsyncGenerator[Listener]:
        listener = Listener(self.stream(person, name))
        serving = asyncio.create_task(listener.serve())
        yield listener
        listener.leave()
        async with asyncio.timeout(20):
            await serving


def test_changes_come_one_by_one_until_the_client_leaves(world: World, owner: Person) -> None:
    async def story() -> None:
        async with Studio(world).listening(owner) as listener:
            await standing(world, 1)
            for number in range(3):
                await owner.publishing("lab", package("a", str(number)))
            for number in range(3):
                event, data, *_ = (await listener.next()).decode().split("\n")
                change = json.loads(data.removeprefix("data: "))["data"]["channelChanged"]
                assert event == "event: next"
                assert change["filename"] == f"a-{number}-0.conda"
                assert change["revision"] == number + 1
        await standing(world, 0)

    world.run(story())


def test_it_ends_with_the_right_to_read(world: World, owner: Person, reader: Person) -> None:
    async def story() -> None:
        async with Studio(world).listening(reader, "vault") as listener:
            await standing(world, 1)
            await world.registry.members.remove(owner.viewer, "vault", "rita")
            assert b'"code":"forbidden"' in await listener.next()
            assert await listener.next() == b"event: complete\ndata:\n\n"

    world.run(story())


def test_silence_is_broken_now_and_then(world: World, owner: Person) -> None:
    async def story() -> None:
        async with Studio(world, ping=0.01).listening(owner) as listener:
            for _ in range(3):
                await listener.next_comment()

    world.run(story())


def test_a_client_that_takes_nothing_is_let_go(world: World, owner: Person) -> None:
    async def story() -> None:
        async with Studio(world, send=0.05).listening(owner) as listener:
            await standing(world, 1)
            listener.reads = False
            await owner.publishing("lab", package("a"))
            await standing(world, 0)

    world.run(story())


@pytest.mark.parametrize("limit", ["connections", "connections_of_viewer"])
def test_there_are_so_many_streams_and_no_more(world: World, owner: Person, limit: str) -> None:
    async def story() -> None:
        studio = Studio(world, **{limit: 1})
        async with studio.listening(owner):
            await standing(world, 1)
            with pytest.raises(TooManySubscriptionsError):
                await Listener(studio.stream(owner, "lab")).serve()
        async with studio.listening(owner):
            await standing(world, 1)

    world.run(story())
