"""Bodies as a server in front would hand them over."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from graphrepo.intake.body import Message, Receive

GONE: Message = {"type": "http.disconnect"}


def part(data: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": data, "more_body": more}


def receiving(*messages: Message) -> Receive:
    """Return an ASGI ``receive`` that gives these messages, then waits for ever."""
    left = iter(messages)

    async def receive() -> Message:
        for message in left:
            await asyncio.sleep(0)
            return message
        return await asyncio.Future()

    return receive


async def stream(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]
