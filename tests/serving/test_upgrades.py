"""Offers of other protocols: declined in a way that loses no body and makes no body a request."""

import pytest

from tests.serving.conftest import Served
from tests.waiting import until
from tests.web.wire import connected

OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
LAST = b"GET /lab/last HTTP/1.1\r\nHost: test\r\n\r\n"
BODY = LAST
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
IN_CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
WAYS = {"a length": (LENGTH, BODY), "chunks": (CHUNKED, IN_CHUNKS)}


def head(*fields: bytes, method: bytes = b"POST") -> bytes:
    return method + b" /lab/echoes HTTP/1.1\r\nHost: test\r\n" + b"".join(fields) + b"\r\n"


@pytest.mark.parametrize("method", [b"POST", b"GET"])
@pytest.mark.parametrize(("field", "body"), WAYS.values(), ids=WAYS)
def test_a_body_that_comes_with_an_offer_is_the_body(
    served: Served, method: bytes, field: bytes, body: bytes
) -> None:
    with connected(served) as wire:
        wire.send(head(OFFER, field, method=method) + body + LAST)
        heard = wire.read()
    assert heard.count(b"HTTP/1.1 200 OK") == 2
    assert BODY in heard
    assert heard.endswith(b"\r\n\r\nlast")


@pytest.mark.parametrize(("field", "body"), WAYS.values(), ids=WAYS)
def test_a_body_that_comes_later_is_no_request(served: Served, field: bytes, body: bytes) -> None:
    with connected(served) as wire:
        wire.send(head(OFFER, field))
        until(lambda: served.stage.heard == ["begin"])
        wire.send(body)
        assert "200 ok" in wire.read_head()
        assert wire.socket.recv(len(BODY)) == BODY
        wire.send(LAST)
        assert wire.read().endswith(b"\r\n\r\nlast")


def test_offers_may_come_in_any_number_and_in_pieces(served: Served) -> None:
    with connected(served) as wire:
        for byte in head(OFFER, LENGTH) + BODY:
            wire.send(bytes([byte]))
        wire.send((head(OFFER, LENGTH) + BODY) * 3 + head(OFFER, method=b"GET") + LAST)
        heard = wire.read()
    assert heard.count(b"HTTP/1.1 200 OK") == 6
    assert heard.count(BODY) == 4


def test_nobody_connects_to_elsewhere(served: Served) -> None:
    with connected(served) as wire:
        wire.send(head(LENGTH, method=b"CONNECT") + BODY + LAST)
        heard = wire.read()
    assert heard.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert heard.count(b"HTTP/1.1 ") == 1
    assert not served.stage.heard
