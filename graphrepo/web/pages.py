"""A page on its way: its first frame at once, the rest as soon as the answers are known.

Both parts are one compressed stream. The first is the same for many readers and compressed once;
the second begins anew, so that its length tells nothing of what stands in the first.
"""

import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from struct import pack
from typing import Final

from graphrepo.intake.body import Receive
from graphrepo.web.asgi import Headers, Scope, Send, raw_headers, send_start

_HEADER: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # RFC 1952, 2.3: deflate, no name, no time
_RAW: Final = -15  # deflate without zlib's header, in its largest window


@dataclass(frozen=True, slots=True)
class Page:
    """An ASGI application that answers in two parts; ``ending`` is awaited after the first left."""

    opening: str
    ending: Callable[[], Awaitable[str]]
    headers: Headers
    takes_gzip: bool

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send the page; a HEAD gets the headers alone."""
        coding = (("content-encoding", "gzip"),) if self.takes_gzip else ()
        await send_start(send, 200, raw_headers((*self.headers, *coding)))
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        begun = _begun(self.opening)
        await _send(send, begun.compressed if self.takes_gzip else self.opening.encode(), more=True)
        ending = (await self.ending()).encode()
        await _send(send, begun.ended(ending) if self.takes_gzip else ending, more=False)


@dataclass(frozen=True, slots=True)
class _Begun:
    """The first part of a compressed stream, and what its end must say of it."""

    compressed: bytes
    checksum: int
    size: int

    def ended(self, rest: bytes) -> bytes:
        """Return the second part, which refers to nothing in the first."""
        deflate = zlib.compressobj(wbits=_RAW)
        checksum, size = zlib.crc32(rest, self.checksum), self.size + len(rest)
        return deflate.compress(rest) + deflate.flush() + pack("<II", checksum, size)


@lru_cache(maxsize=32)
def _begun(opening: str) -> _Begun:
    """Compress a first part; the few that most people come to are kept."""
    body = opening.encode()
    deflate = zlib.compressobj(9, wbits=_RAW)
    compressed = deflate.compress(body) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return _Begun(_HEADER + compressed, zlib.crc32(body), len(body))


async def _send(send: Send, body: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})
