"""A client of ``graphql-transport-ws`` in the test's own process, with the server's real code."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from graphrepo.access.viewer import AccessMode, Viewer
from graphrepo.graphql.bounds import Bounds, Outlet, StreamLimits
from graphrepo.graphql.execution import Asker, Execution
from graphrepo.graphql.socket import SUBPROTOCOL, Caller, Conversation, converse
from graphrepo.intake.body import Message
from graphrepo.registry.requests import NewApiKey
from tests.builders import package
from tests.graphql.asking import ADDRESS, INSTANCE
from tests.registry.world import Person, World

T = TypeVar("T")

FOLLOW = """subscription($name: String!) { channelChanged(name: $name) {
    revision action subdir filename at actor } }"""
VIEWER = "{ viewer { login } }"
PACKAGES = [package("a", str(number)) for number in range(5)]


class Talk:
    """One WebSocket, seen from the client."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.outbox: asyncio.Queue[Message] = asyncio.Queue()
        self.outbox.put_nowait({"type": "websocket.connect"})
        self._reads = True

    async def take(self, message: Message) -> None:
        """Take what the server sends, if the client reads it."""
        if not self._reads:
            await asyncio.Event().wait()
        await self.inbox.put(message)

    def stop_reading(self) -> None:
        self._reads = False

    def say(self, **message: object) -> None:
        self.say_raw(text=json.dumps(message))

    def say_raw(self, **parts: object) -> None:
        self.outbox.put_nowait({"type": "websocket.receive", **parts})

    def leave(self) -> None:
        self.outbox.put_nowait({"type": "websocket.disconnect", "code": 1001})

    async def hear_raw(self) -> Message:
        async with asyncio.timeout(20):
            return await self.inbox.get()

    async def hear(self) -> dict[str, Any]:
        """Return the next message, which must be one of the protocol."""
        message = await self.hear_raw()
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def close_code(self) -> int:
        """Return the code that the server closes with, whatever it says before."""
        while (message := await self.hear_raw())["type"] != "websocket.close":
            pass
        assert len(message["reason"].encode()) <= 123
        return message["code"]

    async def begin(self, payload: Mapping[str, object] | None = None) -> None:
        """Say who is talking, and be let in."""
        self.say(type="connection_init", payload=payload)
        assert await self.hear() == {"type": "connection_ack"}

    def subscribe(self, ident: str, query: str, **variables: object) -> None:
        payload = {"query": query, "variables": variables}
        self.say(type="subscribe", id=ident, payload=payload)


class Switchboard:
    """Connects talks to the server of a world."""

    def __init__(self, world: World, limits: StreamLimits | None = None) -> None:
        self.bounds = Bounds.of(limits or StreamLimits())
        self.execution = Execution(world.registry, INSTANCE)

    @asynccontextmanager
    async def talk(self, viewer: Viewer, *subprotocols: str) -> AsyncGenerator[Talk]:
        """Connect; at the end the client leaves, and the server must have let go."""
        talk = Talk()
        outlet = Outlet(talk.take, self.bounds.limits.send)
        caller = Caller(Asker(viewer, ADDRESS), "192.0.2.1")
        conversation = Conversation(self.execution, self.bounds, caller, outlet)
        offered = subprotocols or (SUBPROTOCOL,)
        serving = asyncio.create_task(converse(conversation, outlet, talk.outbox.get, offered))
        accepted = {"subprotocol": SUBPROTOCOL} if SUBPROTOCOL in offered else {}
        assert await talk.hear_raw() == {"type": "websocket.accept", **accepted}
        yield talk
        talk.leave()
        async with asyncio.timeout(20):
            await serving


def during(world: World, work: Callable[[Switchboard], Awaitable[T]], **limits: float) -> T:
    """Run a story on a switchboard; nobody waits in it for ever."""

    async def told() -> T:
        async with asyncio.timeout(30):
            return await work(Switchboard(world, StreamLimits(**limits)))  # pyright: ignore[reportArgumentType]

    return world.run(told())


async def standing(world: World, count: int) -> None:
    """Return when so many subscriptions stand: the protocol has no word for it."""
    followers: Any = vars(world.registry.feed)["_followers"]
    async with asyncio.timeout(20):
        while sum(follower.is_admitted for follower in followers) != count:  # noqa: ASYNC110
            await asyncio.sleep(0)


def token_of(person: Person, name: str = "socket") -> str:
    keys = person.world.registry.keys
    _, token = person.world.run(keys.create(person.viewer, NewApiKey(name, AccessMode.READ)))
    return token
