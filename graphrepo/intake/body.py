"""The body of a request as a stream of chunks, whatever the server in front.

``Receive`` is ASGI's: it gives ``http.request`` messages, the last one without ``more_body``,
or ``http.disconnect`` when the client is gone.
"""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from graphrepo.errors import TooLargeError, UploadInterruptedError
from graphrepo.intake.sizes import size_text

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


async def body_chunks(receive: Receive) -> AsyncIterator[bytes]:
    """Yield the body's chunks as they come; none is empty.

    Raises:
        UploadInterruptedError: The client left before the end.
    """
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            sentence = "The connection was lost before the whole body arrived; nothing was stored."
            raise UploadInterruptedError(sentence)
        if chunk := message.get("body", b""):
            yield chunk
        more = message.get("more_body", False)


async def limited(chunks: AsyncIterable[bytes], limit: int) -> AsyncIterator[bytes]:
    """Yield the chunks as long as they are ``limit`` bytes or fewer together.

    Raises:
        TooLargeError: They are more; the chunk that crosses the limit is not yielded.
    """
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        yield chunk


async def read_all(chunks: AsyncIterable[bytes], limit: int) -> bytes:
    """Return a small body whole.

    Raises:
        TooLargeError: It has more than ``limit`` bytes; the rest is left unread.
        UploadInterruptedError: The client left before the end.
    """
    return b"".join([chunk async for chunk in limited(chunks, limit)])


async def drain(chunks: AsyncIterable[bytes], limit: int) -> bool:
    """Read and forget up to ``limit`` bytes; return whether that was the whole body.

    Many clients look at the answer only after they have sent everything: who refuses a body
    early reads it nevertheless, or the client sees a broken connection instead of the reason.
    """
    try:
        async for _chunk in limited(chunks, limit):
            pass
    except (TooLargeError, UploadInterruptedError):
        return False
    return True


def too_large(limit: int) -> TooLargeError:
    """Return the failure that names the limit, in bytes."""
    return TooLargeError(f"The body is too large: this server takes at most {size_text(limit)}.")
