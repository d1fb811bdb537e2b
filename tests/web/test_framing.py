"""Requests that could be read in two ways: each gets one answer, and no body becomes a request.

Every shape is followed by an honest last request. A request that the shape hides would be
answered with 401, as it asks for a channel that is not there.
"""

import re
from socket import SHUT_WR

import pytest

from graphrepo.web.framing import flaw_of
from tests.server import Server
from tests.web.wire import connected

pytestmark = pytest.mark.both_servers

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: test\r\n\r\n"
LAST = b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
POST = b"POST /api/graphql HTTP/1.1\r\nHost: test\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n"
BODY = b'{"query": "{__typename}"}'
SIZE = b"%d" % len(BODY)
LENGTH = b"Content-Length: " + SIZE + b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
OFFER = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"

REFUSED, ANSWERED, ANSWERED_LAST = ["400"], ["200", "200"], ["200"]


def posted(*headers: bytes, body: bytes = BODY) -> bytes:
    return POST + b"".join(headers) + b"\r\n" + body


def chunks(body: bytes = BODY, size: bytes = b"") -> bytes:
    return (size or b"%x" % len(body)) + b"\r\n" + body + b"\r\n0\r\n\r\n"


def in_chunks(coding: bytes, *headers: bytes) -> bytes:
    return posted(b"Transfer-Encoding:" + coding + b"\r\n", *headers, body=chunks())


TWO_WAYS = {
    "length and chunks": posted(LENGTH, CHUNKED, body=chunks()),
    "chunks and length": posted(CHUNKED, b"Content-Length: 4\r\n", body=chunks()),
    "length over the end of chunks": posted(
        b"Content-Length: %d\r\n" % (len(HIDDEN) + 5), CHUNKED, body=b"0\r\n\r\n" + HIDDEN
    ),
    "chunks behind a tab, with length": in_chunks(b"\tchunked", LENGTH),
    "chunks behind spaces, with length": in_chunks(b"  chunked ", LENGTH),
    "chunks on a folded line, with length": in_chunks(b"\r\n chunked", LENGTH),
}
"""One answer, and the end of the connection (RFC 9112, 6.1)."""

AMBIGUOUS = {
    "two lengths": posted(LENGTH, b"Content-Length: 0\r\n"),
    "a list of lengths": posted(b"Content-Length: " + SIZE + b", 0\r\n"),
    "negative length": posted(b"Content-Length: -1\r\n"),
    "length with a plus": posted(b"Content-Length: +" + SIZE + b"\r\n"),
    "length of a galaxy": posted(b"Content-Length: 99999999999999999999999\r\n"),
    "length in hexadecimal": posted(b"Content-Length: 0x19\r\n"),
    "length with a space": posted(b"Content-Length: 2 5\r\n"),
    "length with an underscore": posted(b"Content-Length: 2_5\r\n"),
    "empty length": posted(b"Content-Length: \r\n"),
    "xchunked": in_chunks(b" xchunked", LENGTH),
    "chunked in quotes": in_chunks(b' "chunked"', LENGTH),
    "chunked behind a vertical tab": in_chunks(b" \x0bchunked", LENGTH),
    "identity": in_chunks(b" identity", LENGTH),
    "chunked, then identity": in_chunks(b" chunked, identity"),
    "identity, then chunked": in_chunks(b" identity, chunked"),
    "gzip, then chunked": in_chunks(b" gzip, chunked"),
    "chunked twice": in_chunks(b" chunked", CHUNKED),
    "chunked, identity in two lines": in_chunks(b" chunked", b"Transfer-Encoding: identity\r\n"),
    "space before the colon": posted(LENGTH, b"Transfer-Encoding : chunked\r\n", body=chunks()),
    "space before the name": posted(b" Transfer-Encoding: chunked\r\n", LENGTH),
    "carriage return alone": posted(b"X: a\r" + LENGTH),
    "no host": HEALTH + b"\r\n",
    "two hosts": HEALTH + b"Host: a\r\nHost: b\r\n\r\n",
    "a list of hosts": HEALTH + b"Host: a, b\r\n\r\n",
    "host with a space": HEALTH + b"Host: a b\r\n\r\n",
    "host with a path": HEALTH + b"Host: a/b\r\n\r\n",
    "host with markup": HEALTH + b'Host: a"><script>\r\n\r\n',
    "host with a person": HEALTH + b"Host: a@b\r\n\r\n",
    "NUL in a header": HEALTH + b"Host: a\r\nX: a\x00b\r\n\r\n",
    "space in the target": b"GET /heal thz HTTP/1.1\r\nHost: a\r\n\r\n",
    "a host and a port for a target": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/0.9": b"GET /healthz\r\n\r\n",
}

BROKEN_CHUNKS = {
    "no number": chunks(size=b"zz"),
    "with 0x": chunks(size=b"0x19"),
    "negative": chunks(size=b"-19"),
    "with a plus": chunks(size=b"+19"),
    "behind a space": chunks(size=b" 19"),
    "with an underscore": chunks(size=b"1_9"),
    "over 64 bits": chunks(size=b"1" + b"0" * 16 + b"19"),
    "extension with a line feed": chunks(size=b"19;a\nb"),
    "line feeds alone": chunks().replace(b"\r\n", b"\n"),
    "no end of line behind the data": b"19\r\n" + BODY + b"XX0\r\n\r\n",
}

PLAIN = {
    "a length": posted(LENGTH),
    "length with zeros": posted(b"Content-Length: 00" + SIZE + b"\r\n"),
    "a length and an offer of HTTP/2": posted(OFFER, LENGTH),
    "chunks and an offer of HTTP/2": posted(OFFER, CHUNKED, body=chunks()),
    "an offer of something else": posted(OFFER.replace(b"h2c", b"TLS/1.0"), LENGTH),
    "capitals": in_chunks(b" ChUnKed"),
    "chunk extension": posted(CHUNKED, body=chunks(size=b"19;a=b")),
    "trailers": posted(CHUNKED, body=b"19\r\n" + BODY + b"\r\n0\r\nHost: evil\r\n\r\n"),
    "another header's underscore": posted(LENGTH, b"Transfer_Encoding: chunked\r\n"),
    "GET with a body": HEALTH + b"Host: a\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "GET with chunks": HEALTH + b"Host: a\r\n" + CHUNKED + b"\r\n" + chunks(HIDDEN),
}

AS_THE_SERVER_LIKES = {
    "the same length twice": posted(LENGTH, LENGTH),
    "a trailer that poses as a header's length": posted(
        CHUNKED, body=b"19\r\n" + BODY + b"\r\n0\r\nContent-Length: 5\r\nHost: evil\r\n\r\n"
    ),
    "line feeds alone": posted(LENGTH).replace(b"\r\n", b"\n"),
    "the same length in a list": posted(b"Content-Length: " + SIZE + b", " + SIZE + b"\r\n"),
    "a folded line": posted(b"X: a\r\n b\r\n", LENGTH),
    "a folded length": posted(b"Content-Length:\r\n " + SIZE + b"\r\n"),
    "the whole address": b"GET http://evil.example/healthz HTTP/1.1\r\nHost: test\r\n\r\n",
    "HTTP/1.0": b"GET /healthz HTTP/1.0\r\n\r\n",
    "HTTP/1.0 that stays": b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "HTTP/1.0 in chunks": posted(CHUNKED, body=chunks()).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "HTTP/1.2": b"GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n",
}


def answers(server: Server, data: bytes) -> list[str]:
    """Return the status of each answer until the server ends the connection."""
    with connected(server) as wire:
        wire.send(data + LAST)
        return re.findall(r"HTTP/1\.[01] (\d{3})", wire.read().decode("latin-1"))


@pytest.mark.parametrize("shape", TWO_WAYS.values(), ids=TWO_WAYS)
def test_what_has_two_ends_is_the_last_of_its_connection(server: Server, shape: bytes) -> None:
    assert answers(server, shape) in (REFUSED, ANSWERED_LAST)


@pytest.mark.parametrize("shape", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_could_be_read_in_two_ways_is_refused(server: Server, shape: bytes) -> None:
    assert answers(server, shape) == REFUSED


@pytest.mark.parametrize("shape", BROKEN_CHUNKS.values(), ids=BROKEN_CHUNKS)
def test_broken_chunks_are_the_end(server: Server, shape: bytes) -> None:
    with connected(server) as wire:
        wire.send(posted(CHUNKED, body=shape + HIDDEN))
        wire.socket.shutdown(SHUT_WR)
        found = re.findall(r"HTTP/1\.[01] (\d{3})", wire.read().decode("latin-1"))
    assert found in (REFUSED, [])


@pytest.mark.parametrize("shape", PLAIN.values(), ids=PLAIN)
def test_what_is_plain_is_answered(server: Server, shape: bytes) -> None:
    assert answers(server, shape) == ANSWERED


@pytest.mark.parametrize("shape", AS_THE_SERVER_LIKES.values(), ids=AS_THE_SERVER_LIKES)
def test_the_rest_has_no_more_answers_than_requests(server: Server, shape: bytes) -> None:
    assert answers(server, shape) in (REFUSED, ANSWERED, ANSWERED_LAST)


@pytest.mark.parametrize(
    "headers",
    ["", "Expect: 100-continue\r\n"],
)
@pytest.mark.parametrize(
    "head", ["POST /api/v1/upload/missing", "PUT /missing/noarch/a-1-0.conda", "POST /missing"]
)
def test_the_body_of_a_refused_request_is_no_request(
    server: Server, head: str, headers: str
) -> None:
    start = f"{head} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(HIDDEN)}\r\n{headers}\r\n"
    found = answers(server, start.encode() + HIDDEN)
    assert found[0] in {"401", "405"}
    assert found[1:] in ([], ["200"])


@pytest.mark.parametrize("host", ["a", "a.b:80", "a_b-c:8000", "[::1]:80", "127.0.0.1", "a:"])
def test_hosts_of_all_kinds_are_taken(host: str) -> None:
    scope = {"headers": [(b"host", host.encode())], "http_version": "1.1", "path": "/"}
    assert not flaw_of(scope)


@pytest.mark.parametrize("version", ["1.0", "1", "2"])
def test_other_versions_need_no_host(version: str) -> None:
    assert not flaw_of({"headers": [], "http_version": version, "path": "*"})
    assert flaw_of({"headers": [], "http_version": version, "path": "http://a/b"})
