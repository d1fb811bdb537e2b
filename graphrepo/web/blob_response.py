"""The one way out for stored bytes: validators, ranges, and as little copying as there can be.

A whole file is handed to the server by its path where the server takes that
(``http.response.pathsend``); everything else goes in chunks, and stops when the client does.
Packages that lie in an object store may be fetched from there; documents never are.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import BinaryIO, Literal, NamedTuple, Protocol

from graphrepo.intake.body import Receive
from graphrepo.registry.views import StoredFile
from graphrepo.web.asgi import Headers, RawHeaders, Scope, Send, headers_of, raw_headers, send_start
from graphrepo.web.caching import Kind, cache_control, content_type, kind_of
from graphrepo.web.conditional import Span, Unsatisfiable, Validators, is_unchanged, span_of
from graphrepo.web.errors import RangeNotSatisfiableError
from graphrepo.web.file_chunks import CHUNK, file_chunks

_REDIRECTED = 60  # seconds
_KEPT = 4096  # offers, about 2 KB each


class Blobs(Protocol):
    """Where the bytes are; ``path`` is ``None`` where the store has no files."""

    async def body(self, file: StoredFile) -> bytes | None:
        """Return the bytes of a small document from memory, or none."""
        ...

    async def location(self, blake3: str, method: Literal["GET", "HEAD"]) -> str | None:
        """Return a signed address where the client may fetch the blob itself, or none."""
        ...

    def path(self, blake3: str) -> str | None:
        """Return the blob's file."""
        ...

    def open(self, blake3: str) -> BinaryIO:
        """Return the blob, seekable; blocks."""
        ...


class Exchange(NamedTuple):
    """One request and the ways to answer it."""

    scope: Scope
    receive: Receive
    send: Send

    @property
    def is_head(self) -> bool:
        """Whether only the headers are asked for."""
        return self.scope["method"] == "HEAD"


@dataclass(frozen=True, slots=True)
class Offer:
    """What is said of a file, whoever asks for it."""

    file: StoredFile
    validators: Validators
    lasting: RawHeaders  # what a 304 repeats
    whole: RawHeaders  # the lasting ones and those of the whole content
    is_document: bool


def offer_of(file: StoredFile) -> Offer:
    """Return what is said of a file."""
    validators = Validators(f'"{file.sha256}"', file.modified)
    lasting = raw_headers(_lasting_headers(file, validators))
    whole = (*lasting, *raw_headers(_content_headers(file, Span(0, file.size), is_part=False)))
    return Offer(file, validators, lasting, whole, kind_of(file.name) is not Kind.ARTIFACT)


class Offers:
    """The offers of the files that were asked for last: files found again are the same objects."""

    def __init__(self, kept: int = _KEPT) -> None:
        """Know nothing yet; keep at most ``kept``."""
        self._most = kept
        self._kept: dict[int, Offer] = {}

    def of(self, file: StoredFile) -> Offer:
        """Return what is said of a file."""
        known = self._kept.get(id(file))
        if known is not None and known.file is file:
            return known
        if len(self._kept) >= self._most:
            self._kept.clear()
        made = self._kept[id(file)] = offer_of(file)
        return made


async def send_file(offer: Offer, blobs: Blobs, exchange: Exchange) -> Span | None:
    """Answer a GET or HEAD with the file: 200, 206, 304, 307 or 416.

    Returns the part that was sent, here or from where the client was sent to; or none where
    headers were enough.

    Raises:
        RangeNotSatisfiableError: The range lies behind the end.
        BlobMissingError: The store has lost the bytes.
    """
    file = offer.file
    asked = headers_of(exchange.scope)
    if is_unchanged(asked, offer.validators):
        await send_start(exchange.send, 304, offer.lasting)
        await exchange.send({"type": "http.response.body", "body": b""})
        return None
    span = None if exchange.is_head else _span(asked, offer.validators, file.size)
    whole = Span(0, file.size)
    if not offer.is_document and await _is_sent_away(file, blobs, exchange):
        return None if exchange.is_head else span or whole
    headers = offer.whole
    if span is not None:
        headers = (*offer.lasting, *raw_headers(_content_headers(file, span, is_part=True)))

    async def start() -> None:
        await send_start(exchange.send, 206 if span else 200, headers)

    await _send_bytes(offer, blobs, exchange, span or whole, start)
    return None if exchange.is_head else span or whole


async def _is_sent_away(file: StoredFile, blobs: Blobs, exchange: Exchange) -> bool:
    """Send the client to the object store if there is one; it asks for its range there again."""
    url = await blobs.location(file.blake3, "HEAD" if exchange.is_head else "GET")
    if url is None:
        return False
    # A cache must let go of the address long before its time is over, and must keep none that
    # leads into a private channel.
    caching = f"public, max-age={_REDIRECTED}" if file.channel.is_public else "private, no-store"
    headers = (("location", url), ("cache-control", caching), ("content-length", "0"))
    await send_start(exchange.send, 307, raw_headers(headers))
    await exchange.send({"type": "http.response.body", "body": b""})
    return True


async def _send_bytes(
    offer: Offer,
    blobs: Blobs,
    exchange: Exchange,
    span: Span,
    start: Callable[[], Awaitable[None]],
) -> None:
    # The blob is found before the status is sent: afterwards no failure could be told.
    file = offer.file
    body = await blobs.body(file) if offer.is_document else None
    if body is not None:
        await start()
        part = b"" if exchange.is_head else body[span.start : span.start + span.length]
        await exchange.send({"type": "http.response.body", "body": part})
        return
    path = blobs.path(file.blake3)
    if exchange.is_head or not span.length:
        await start()
        await exchange.send({"type": "http.response.body", "body": b""})
    elif path and span.length == file.size and _takes_paths(exchange.scope):
        await start()
        await exchange.send({"type": "http.response.pathsend", "path": path})
    else:
        with await asyncio.to_thread(blobs.open, file.blake3) as opened:
            await start()
            await _send_chunks(opened, span, exchange)


async def _send_chunks(opened: BinaryIO, span: Span, exchange: Exchange) -> None:
    # granian takes chunks for a client that has left, without a word: so watch for it.
    gone = asyncio.create_task(_left(exchange.receive)) if span.length > CHUNK else None
    left = span.length
    try:
        async with aclosing(file_chunks(opened, span)) as chunks:
            async for chunk in chunks:
                left -= len(chunk)
                if gone is not None and gone.done():
                    return
                message = {"type": "http.response.body", "body": chunk, "more_body": left > 0}
                await exchange.send(message)
    finally:
        if gone is not None:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _span(asked: Mapping[str, str], validators: Validators, size: int) -> Span | None:
    try:
        return span_of(asked, validators, size)
    except Unsatisfiable as error:
        raise RangeNotSatisfiableError(size) from error


def _takes_paths(scope: Scope) -> bool:
    return "http.response.pathsend" in (scope.get("extensions") or {})


def _lasting_headers(file: StoredFile, validators: Validators) -> Headers:
    headers = [
        ("etag", validators.etag),
        ("last-modified", validators.last_modified),
        ("cache-control", cache_control(file.name, file.channel)),
    ]
    if not file.channel.is_public:
        headers.append(("vary", "Authorization"))
    if kind_of(file.name) is Kind.METADATA:
        headers.append(("x-channel-revision", str(file.revision)))
    return tuple(headers)


def _content_headers(file: StoredFile, span: Span, *, is_part: bool) -> Headers:
    headers = [
        ("content-type", content_type(file.name)),
        ("content-length", str(span.length)),
        ("accept-ranges", "bytes"),
    ]
    if is_part:
        last = span.start + span.length - 1
        headers.append(("content-range", f"bytes {span.start}-{last}/{file.size}"))
    return tuple(headers)
