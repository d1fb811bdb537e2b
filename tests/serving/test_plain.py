"""Which heads are plain: read in full as the long way reads them, or not at all."""

from dataclasses import dataclass, field

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.serving.plain import Plain, RawField, read_plain

HOST = b"Host: test\r\n"


def head(
    target: bytes = b"/lab/noarch/a-1-0.conda", *lines: bytes, method: bytes = b"GET"
) -> bytes:
    return method + b" " + target + b" HTTP/1.1\r\n" + b"".join(lines or (HOST,)) + b"\r\n"


def test_a_plain_request_is_read() -> None:
    data = head(b"/lab/noarch/a%2Bb-1!2.0-0.conda", HOST, b'If-None-Match:  "x" \r\n')
    assert read_plain(data) == Plain(
        "GET",
        "/lab/noarch/a+b-1!2.0-0.conda",
        b"/lab/noarch/a%2Bb-1!2.0-0.conda",
        [(b"host", b"test"), (b"if-none-match", b'"x"')],
    )


@pytest.mark.parametrize(
    "data",
    [
        head(method=b"HEAD"),
        head(b"/"),
        head(b"/x", HOST, b"Connection: Keep-Alive\r\n"),
        head(b"/x", HOST, b"Connection:keep-alive\r\n"),
        head(b"/x", HOST, b"Empty:\r\n"),
        head(b"/x", HOST, HOST),  # for the application to refuse
    ],
)
def test_what_else_is_plain(data: bytes) -> None:
    assert read_plain(data) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        head()[:-1],
        head() + b"x",
        head() + head(),
        b"\r\n" + head(),
        head(method=b"POST"),
        head(method=b"get"),
        head(b"/x?y"),
        head(b"/x#y"),
        head(b"x"),
        head(b"http://test/x"),
        head(b"/x y"),
        head("/ä".encode()),
        head(b"/x\x00"),
        head().replace(b"1.1", b"1.0"),
        head().replace(b"\r\n", b"\n"),
        head().replace(b"\r\n\r\n", b"\r\n\n"),
        b"GET /x HTTP/1.1\r\n\r\n",
        head(b"/x", HOST, b"Content-Length: 0\r\n"),
        head(b"/x", HOST, b"content-length:1\r\n"),
        head(b"/x", HOST, b"Transfer-Encoding: chunked\r\n"),
        head(b"/x", HOST, b"Expect: 100-continue\r\n"),
        head(b"/x", HOST, b"Upgrade: h2c\r\n"),
        head(b"/x", HOST, b"Connection: close\r\n"),
        head(b"/x", HOST, b"Connection: keep-alive, Upgrade\r\n"),
        head(b"/x", HOST, b" folded\r\n"),
        head(b"/x", HOST, b"Content-Length : 1\r\n"),
        head(b"/x", HOST, b"a b: c\r\n"),
        head(b"/x", HOST, b"A: b\rc\r\n"),
        head(b"/x", HOST, b"A: b\x00c\r\n"),
        head(b"/x", HOST, b": c\r\n"),
        head(b"/x", HOST, b"A: %b\r\n" % (b"a" * 16 * 1024)),
    ],
)
def test_what_is_not_plain(data: bytes) -> None:
    assert read_plain(data) is None


@dataclass
class Parsed:
    """What the long way's parser tells of some bytes."""

    urls: list[bytes] = field(default_factory=list[bytes])
    fields: list[RawField] = field(default_factory=list[RawField])
    ends: int = 0

    def on_url(self, url: bytes) -> None:
        self.urls.append(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.lower(), value))

    def on_message_complete(self) -> None:
        self.ends += 1


pieces = st.sampled_from(
    b"GET|HEAD| |/a|/b-1-0.conda|%2e|%|HTTP/1.1|\r\n|\r|\n|Host|:|x|Connection|keep-alive"
    b"|Content-Length|Transfer-Encoding|chunked|0|\t|\xff|\x00".split(b"|")
)
lines = st.lists(pieces, max_size=6).map(b"".join)


@given(st.lists(lines, max_size=4), st.binary(max_size=3))
def test_what_is_read_is_what_the_parser_reads(given_lines: list[bytes], rest: bytes) -> None:
    data = b"\r\n".join([b"GET /a HTTP/1.1", b"Host: x", *given_lines, b"", rest])
    plain = read_plain(data)
    if plain is None:
        return
    parsed = Parsed()
    parser = httptools.HttpRequestParser(parsed)
    parser.feed_data(data)
    assert parsed == Parsed([plain.raw_path], plain.fields, 1)
    assert parser.should_keep_alive()
