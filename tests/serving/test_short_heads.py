"""Heads and trailers that do not end: refused before they cost much, whatever they consist of."""

import pytest

from graphrepo.serving.short_heads import LONGEST
from tests.serving.conftest import Served
from tests.web.wire import Wire, connected

START = b"GET /lab/last HTTP/1.1\r\nHost: test\r\n"
CHUNKED = b"POST /lab/later HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
MOST = 32 * 1024 * 1024  # bytes, many times what lies in the sockets of both sides
PIECE = 64 * 1024


def fields(size: int) -> bytes:
    """Return so many bytes of short fields."""
    field = b"X: %b\r\n" % (b"a" * 95)
    return (field * (size // len(field) + 1))[: size - 2] + b"\r\n"


ENDLESS = {
    "fields": (START, fields(PIECE)),
    "a value": (START + b"X: ", b"a" * PIECE),
    "a name": (START, b"a" * PIECE),
    "a target": (b"GET /", b"a" * PIECE),
    "empty lines": (b"", b"\r\n" * (PIECE // 2)),
    "a value in a trailer": (CHUNKED + b"0\r\nX: ", b"a" * PIECE),
    "an extension of a chunk": (CHUNKED + b"5;", b"a" * PIECE),
}


@pytest.mark.parametrize(("first", "more"), ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_end_is_given_up(served: Served, first: bytes, more: bytes) -> None:
    with connected(served) as wire, pytest.raises(ConnectionError):
        flood(wire, first, more)


def flood(wire: Wire, first: bytes, more: bytes) -> None:
    wire.send(first)
    for _ in range(MOST // len(more)):
        wire.send(more)


def test_a_long_head_is_refused_with_words(served: Served) -> None:
    with connected(served) as wire:
        wire.send(START)
        wire.send(fields(LONGEST))
        heard = wire.read().decode()
    assert heard.startswith("HTTP/1.1 431 Request Header Fields Too Large\r\ndate: ")
    assert "\r\nconnection: close\r\n" in heard
    assert heard.endswith("may have 65536 bytes; send fewer or shorter headers.\n")


def test_a_head_may_be_that_long(served: Served) -> None:
    with connected(served) as wire:
        wire.send(START)
        wire.send(fields(LONGEST - len(START) - len(b"Connection: close\r\n\r\n")))
        wire.send(b"Connection: close\r\n\r\n")
        assert wire.read().endswith(b"\r\n\r\nlast")


def test_a_body_may_be_of_any_length(served: Served) -> None:
    with connected(served) as wire:
        wire.send(CHUNKED)
        for _ in range(8):
            wire.send(b"%x\r\n%b\r\n" % (PIECE, b"a" * PIECE))
        wire.send(b"0\r\n\r\n" + START + b"Connection: close\r\n\r\n")
        assert wire.read().endswith(b"\r\n\r\nlast")
