"""JSON objects too big to hold twice: joined from stored bytes, handed out in chunks."""

from collections.abc import Iterable, Iterator

CHUNK_SIZE = 128 * 1024
"""Bytes that a chunk reaches before it is handed out; the last one may be smaller."""


def chunked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Join small pieces into chunks of about ``CHUNK_SIZE`` bytes; an empty input has none."""
    pending: list[bytes] = []
    size = 0
    for piece in pieces:
        pending.append(piece)
        size += len(piece)
        if size >= CHUNK_SIZE:
            yield b"".join(pending)
            pending.clear()
            size = 0
    if pending:
        yield b"".join(pending)


def json_object(members: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield ``{"key":value,...}`` from keys and values that are JSON already.

    Keys are file names or stems, so they hold no character that JSON escapes (CEP 26).
    """
    opening = b'{"'
    for key, value in members:
        yield b'%b%b":%b' % (opening, key.encode("ascii"), value)
        opening = b',"'
    yield b"}" if opening == b',"' else b"{}"
