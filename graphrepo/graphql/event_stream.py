"""Answers as server-sent events: the GraphQL over SSE protocol, one connection an operation.

    : begun          a comment: a subscription will miss no change from here on
    event: next      data: a result
    event: complete  data:

A browser reads them with ``fetch``, or with ``EventSource`` by GET.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from graphrepo.graphql.bounds import Bounds, GoneError, Outlet, Send
from graphrepo.graphql.execution import Answer
from graphrepo.intake.body import Receive

_STREAM: Final = "text/event-stream"
_JSON: Final = frozenset(
    {
        "*/*",
        "application/*",
        "application/json",
        "application/graphql-response+json",
        "application/graphql+json",
    }
)
_HEADERS: Final = (
    (b"content-type", _STREAM.encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would hold events back
)


def wants_stream(accept: str) -> bool:
    """Return whether a client would rather have events than one JSON document.

    Clients that can read both name them all, the one they prefer first.
    """
    kinds = (kind.partition(";")[0].strip().lower() for kind in accept.split(","))
    return next((kind for kind in kinds if kind == _STREAM or kind in _JSON), "") == _STREAM


class _Over(Exception):  # noqa: N818 - nothing failed
    """The client has gone, or everything was said."""


@dataclass(frozen=True, slots=True)
class EventStream:
    """An answer that goes on until the operation ends or the client leaves, as ASGI."""

    answers: AsyncGenerator[Answer]
    bounds: Bounds
    key: str  # under which the connection counts
    begun: asyncio.Event = field(default_factory=asyncio.Event)  # set by a subscription

    async def __call__(self, _scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - ASGI's
        """Send the answers.

        Raises:
            TooManySubscriptionsError: the viewer or the server has no room for one more.
        """
        limits = self.bounds.limits
        outlet = Outlet(send, limits.send)
        with self.bounds.connections.held(), self.bounds.of_viewer.held(self.key):
            await outlet({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(_until_gone(receive))
                    tasks.create_task(_show_life(outlet, limits.ping))
                    tasks.create_task(self._tell_begin(outlet))
                    await self._write(outlet)
            except* (_Over, GoneError):
                pass

    async def _tell_begin(self, outlet: Outlet) -> None:
        await self.begun.wait()
        await outlet(_part(b": begun\n\n"))

    async def _write(self, outlet: Outlet) -> None:
        async with aclosing(self.answers):
            async for answer in self.answers:
                # An answer may hold JSON that came with line breaks: each line is a field.
                lines = msgspec.json.encode(answer.body).splitlines()
                data = b"".join(b"data: %b\n" % line for line in lines)
                await outlet(_part(b"event: next\n%b\n" % data))
        await outlet(_part(b"event: complete\ndata:\n\n"))
        await outlet({"type": "http.response.body", "body": b""})
        raise _Over


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    raise _Over


async def _show_life(outlet: Outlet, seconds: float) -> None:
    """Send comments, for the proxies in between and to notice a client that is gone."""
    await outlet(_part(b":\n\n"))
    while True:
        await asyncio.sleep(seconds)
        await outlet(_part(b":\n\n"))


def _part(body: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}
