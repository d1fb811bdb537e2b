"""``graphql-transport-ws``: GraphQL over a WebSocket, by the protocol of the library graphql-ws.

    client: connection_init → server: connection_ack   who asks: the request's own credential,
                                                       or ``{"authorization": "Bearer …"}``
    client: subscribe       → server: next …, complete, or error if nothing came of it
    client: complete                                   ends an operation early
    either: ping            → the other: pong

A rule that is broken closes the connection with a code of its own. Each operation finds out
anew who is asking: keys and sessions end while connections stay.
"""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import msgspec
from graphql import GraphQLError

from graphrepo.access.viewer import Viewer
from graphrepo.errors import GraphrepoError, InvalidRequestError, TooManySubscriptionsError
from graphrepo.graphql.bounds import Bounds, GoneError, Outlet, Quota, key_of
from graphrepo.graphql.execution import EVERYTHING, Asker, Execution, body_of
from graphrepo.graphql.operations import Operation, operation_of
from graphrepo.intake.body import Message, Receive

SUBPROTOCOL: Final = "graphql-transport-ws"
_MAX_MESSAGE: Final = 1024 * 1024  # characters
_MAX_REASON: Final = 123  # bytes: RFC 6455, 5.5.1

Json = dict[str, Any]


class Code(IntEnum):
    """Why a connection was closed."""

    MALFORMED = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    WRONG_SUBPROTOCOL = 4406
    TOO_LATE = 4408
    DUPLICATE = 4409
    TOO_MANY = 4429


class Closing(Exception):  # noqa: N818 - often nobody failed
    """The connection ends; ``code`` is none where the client is gone already."""

    def __init__(self, code: Code | None = None, reason: str = "") -> None:
        """Tell the client why."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Caller:
    """Who connected: as whom the request came, and from which address."""

    asker: Asker
    client: str


class Conversation:
    """One connection: its viewer, and its operations under way by their ids."""

    def __init__(
        self, execution: Execution, bounds: Bounds, caller: Caller, outlet: Outlet
    ) -> None:
        """Know nobody before they said who they are."""
        self._execution = execution
        self._accounts = execution.registry.accounts
        self._bounds = bounds
        self._caller = caller
        self._outlet = outlet
        self._viewer: Viewer | None = None  # until connection_init
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._heard = 0
        self._held = ExitStack()

    async def run(self, receive: Receive) -> Closing:
        """Talk until somebody ends it, and return why."""
        with self._held:
            try:
                self._hold(self._bounds.connections)
            except Closing as end:
                return end
            return await self._talk(receive)

    async def _talk(self, receive: Receive) -> Closing:
        ends: Sequence[BaseException] = ()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch())
                while True:
                    message = await receive()
                    self._heard += 1
                    await self._take(_read(message), tasks)
        except* (Closing, GoneError) as group:
            ends = group.exceptions
        return next((end for end in ends if isinstance(end, Closing)), Closing())

    async def _watch(self) -> None:
        """End the connection of a client that says nothing: at first, or later to a ping."""
        limits = self._bounds.limits
        await asyncio.sleep(limits.init)
        if self._viewer is None:
            raise Closing(Code.TOO_LATE, "Connection initialisation timeout")
        while True:
            heard = self._heard
            await self._say({"type": "ping"})
            await asyncio.sleep(limits.ping)
            if self._heard == heard:
                raise Closing(Code.TOO_LATE, "No answer to a ping")

    async def _take(self, message: Json, tasks: asyncio.TaskGroup) -> None:
        match message:
            case {"type": "connection_init"}:
                await self._begin(message.get("payload"))
            case {"type": "ping"}:
                await self._say({"type": "pong"})
            case {"type": "pong"}:
                pass
            case {"type": "subscribe", "id": str(ident), "payload": payload} if ident:
                await self._start(ident, _operation(payload), tasks)
            case {"type": "complete", "id": str(ident)}:
                if ident in self._operations:
                    self._operations.pop(ident).cancel()
            case _:
                raise Closing(Code.MALFORMED, "This is no message of graphql-transport-ws")

    async def _begin(self, payload: object) -> None:
        if self._viewer is not None:
            raise Closing(Code.TOO_MANY, "Too many initialisation requests")
        viewer = await self._viewer_of(payload)
        self._hold(self._bounds.of_viewer, key_of(viewer, self._caller.client))
        self._viewer = viewer
        await self._say({"type": "connection_ack"})

    def _hold(self, quota: Quota, key: str = "") -> None:
        try:
            self._held.enter_context(quota.held(key))
        except TooManySubscriptionsError as refusal:
            raise Closing(Code.TOO_MANY, refusal.message) from refusal

    async def _viewer_of(self, payload: object) -> Viewer:
        match payload or {}:
            case {"authorization": str(given)} | {"Authorization": str(given)}:
                token = given.split(" ")[-1]  # after "Bearer", or alone
            case dict():
                return self._caller.asker.viewer
            case _:
                raise Closing(Code.MALFORMED, "The payload of connection_init must be an object")
        viewer = await self._accounts.viewer_of_token(token)
        if viewer.is_anonymous:
            raise Closing(Code.FORBIDDEN, "The API key is not valid, or no more")
        return viewer.at(self._caller.client)

    async def _start(self, ident: str, operation: Operation, tasks: asyncio.TaskGroup) -> None:
        if self._viewer is None:
            raise Closing(Code.UNAUTHORIZED, "Unauthorized: begin with connection_init")
        if ident in self._operations:
            raise Closing(Code.DUPLICATE, f"Subscriber for {ident} already exists")
        if len(self._operations) >= self._bounds.limits.operations:
            refusal = "This connection has as many operations as it may; complete some of them."
            await self._refuse(ident, TooManySubscriptionsError(refusal))
            return
        running = self._run(ident, operation, self._viewer)
        self._operations[ident] = tasks.create_task(running)

    async def _run(self, ident: str, operation: Operation, known: Viewer) -> None:
        try:
            viewer = await self._accounts.viewer_by_now(known)
        except GraphrepoError as failure:
            self._forget(ident)
            await self._refuse(ident, failure)
            return
        if viewer.is_anonymous and not known.is_anonymous:
            raise Closing(Code.FORBIDDEN, "Your session or API key has ended")
        asker = Asker(viewer, self._caller.asker.address)
        last: Json = {"type": "complete", "id": ident}
        async with aclosing(self._execution.answers(asker, operation, EVERYTHING)) as answers:
            async for answer in answers:
                if answer.is_refusal:
                    last = {"type": "error", "id": ident, "payload": answer.body["errors"]}
                else:
                    await self._say({"type": "next", "id": ident, "payload": answer.body})
        self._forget(ident)
        await self._say(last)

    def _forget(self, ident: str) -> None:
        # The client may use the id again as soon as it reads the last message, so this is first.
        if self._operations.get(ident) is asyncio.current_task():
            del self._operations[ident]

    async def _refuse(self, ident: str, failure: GraphrepoError) -> None:
        body = body_of(None, [GraphQLError(failure.message, original_error=failure)], None)
        await self._say({"type": "error", "id": ident, "payload": body["errors"]})

    async def _say(self, message: Json) -> None:
        text = msgspec.json.encode(message).decode()
        await self._outlet({"type": "websocket.send", "text": text})


async def converse(
    talk: Conversation, outlet: Outlet, receive: Receive, subprotocols: Collection[str]
) -> None:
    """Accept a WebSocket and carry the conversation to its end."""
    await receive()  # the request to connect
    if SUBPROTOCOL in subprotocols:
        await outlet({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        end = await talk.run(receive)
    else:
        await outlet({"type": "websocket.accept"})
        end = Closing(Code.WRONG_SUBPROTOCOL, f"Ask for the subprotocol {SUBPROTOCOL}")
    if end.code is not None:
        reason = end.reason.encode()[:_MAX_REASON].decode(errors="ignore")
        with suppress(GoneError):
            await outlet({"type": "websocket.close", "code": end.code, "reason": reason})


def _read(message: Message) -> Json:
    if message["type"] == "websocket.disconnect":
        raise Closing
    text = message.get("text")
    if text is None or len(text) > _MAX_MESSAGE:
        raise Closing(Code.MALFORMED, f"A message is a text of up to {_MAX_MESSAGE} characters")
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise Closing(Code.MALFORMED, "A message must be a JSON object") from error


def _operation(payload: object) -> Operation:
    try:
        return operation_of(payload)
    except InvalidRequestError as error:
        raise Closing(Code.MALFORMED, error.message) from error
