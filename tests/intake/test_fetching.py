"""Files fetched from real servers on this machine: checked, followed, bounded."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from graphrepo.blobs.staging import Staging
from graphrepo.errors import (
    GraphrepoError,
    SourceForbiddenError,
    SourceUnavailableError,
    TooLargeError,
)
from graphrepo.intake.addresses import anything, is_public
from graphrepo.intake.fetching import Bounds, Fetcher

DATA = b"package " * 1000
LIMIT = 100_000
OUTSIDE = "127.0.0.2"
"""Where the tests' server listens; what judges addresses takes it for a public one."""
_TURNS_TO_BEGIN = 6
"""Of the event loop, from a connection to the first step of what serves it; four today."""

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def sends(*pieces: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.writelines(pieces)
        await writer.drain()

    return answer


def head(status: str, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


def file(data: bytes, *lines: str) -> Answer:
    return sends(head("200 OK", f"Content-Length: {len(data)}", *lines), data)


def redirect(location: str) -> Answer:
    return sends(head("302 Found", f"Location: {location}", "Content-Length: 0"))


def judge(address: str) -> bool:
    return address == OUTSIDE or is_public(address)


@dataclass
class Site:
    """A server with one answer for each path; ``names`` are those that lead somewhere."""

    staging: Path
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    names: dict[str, list[str]] = field(default_factory=lambda: {"site.example": [OUTSIDE]})
    bounds: Bounds = field(default_factory=lambda: Bounds(LIMIT, seconds=60))
    heads: list[str] = field(default_factory=list[str])
    looked_up: list[str] = field(default_factory=list[str])

    @property
    def asked(self) -> list[str]:
        return [head.split(" ")[1] for head in self.heads]

    def fetch(self, url: str, *, trusting: bool = False) -> bytes:
        """Fetch; ``PORT`` in the address stands for the server's."""
        return asyncio.run(self._fetch(url, anything if trusting else judge))

    def refuse(self, url: str) -> GraphrepoError:
        with pytest.raises(GraphrepoError) as caught:
            self.fetch(url)
        assert not list(self.staging.glob("*")), "nothing is left in staging"
        return caught.value

    async def _fetch(self, url: str, judging: Callable[[str], bool]) -> bytes:
        server = await asyncio.start_server(self._serve, OUTSIDE, 0)
        async with server:
            self.port = server.sockets[0].getsockname()[1]
            stage = Staging(self.staging).open
            fetcher = Fetcher(stage, self.bounds, resolve=self._resolve, judge=judging)
            try:
                received = await fetcher.fetch(url.replace("PORT", str(self.port)))
            finally:
                # A server that closes in between leaves the connection open, and so does a task
                # that is cancelled before its first step.
                for _ in range(_TURNS_TO_BEGIN):
                    await asyncio.sleep(0)
            with received.staged as staged:
                data = staged.file.read()
        assert received.digests.sha256 == hashlib.sha256(data).hexdigest()
        return data

    async def _resolve(self, host: str, _port: int) -> Sequence[str]:
        self.looked_up.append(host)
        return self.names.get(host, [host])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            await self.answers[self.asked[-1]](writer)
        finally:
            writer.close()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "staging")


def test_a_file_is_streamed_and_no_credential_shown(site: Site) -> None:
    site.answers["/a.conda?x=1"] = file(DATA)
    assert site.fetch("http://site.example:PORT/a.conda?x=1") == DATA
    (head,) = site.heads
    assert f"\r\nHost: site.example:{site.port}\r\n" in head
    assert "\r\nAccept-Encoding: identity\r\n" in head
    assert "authorization" not in head.lower()


def test_a_name_is_looked_up_once_and_the_checked_address_connected_to(site: Site) -> None:
    # The system knows no such name, and a second look-up could say something else.
    site.names["known.here.alone.invalid"] = [OUTSIDE]
    site.answers["/a.conda"] = file(DATA)
    assert site.fetch("http://known.here.alone.invalid:PORT/a.conda") == DATA
    assert site.looked_up == ["known.here.alone.invalid"]


def test_the_next_address_is_tried_where_one_takes_no_connection(site: Site) -> None:
    site.names["site.example"] = ["127.0.0.3", OUTSIDE]
    site.answers["/a.conda"] = file(DATA)
    assert site.fetch("http://site.example:PORT/a.conda", trusting=True) == DATA


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "169.254.169.254",
        "10.1.2.3",
        "[::ffff:127.0.0.1]",
        "inside.example",
        "both.example",
    ],
)
def test_nobody_is_sent_inside(site: Site, host: str) -> None:
    site.names |= {"inside.example": ["127.0.0.1"], "both.example": [OUTSIDE, "127.0.0.1"]}
    error = site.refuse(f"http://{host}:PORT/a.conda")
    assert isinstance(error, SourceForbiddenError)
    assert "GRAPHREPO_ALLOW_PRIVATE_SOURCES" in error.message
    assert site.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "inside.example", "10.0.0.1"])
def test_nobody_is_redirected_inside(site: Site, host: str) -> None:
    site.names["inside.example"] = ["127.0.0.1"]
    site.answers["/a.conda"] = redirect(f"http://{host}/secret")
    assert isinstance(site.refuse("http://site.example:PORT/a.conda"), SourceForbiddenError)
    assert site.asked == ["/a.conda"]


def test_an_operator_may_allow_it(site: Site) -> None:
    site.answers["/a.conda"] = file(DATA)
    assert site.fetch(f"http://{OUTSIDE}:PORT/a.conda", trusting=True) == DATA


def test_redirects_are_followed_up_to_five(site: Site) -> None:
    site.answers = {f"/{hop}": redirect(f"/{hop + 1}") for hop in range(5)}
    site.answers["/5"] = file(DATA)
    assert site.fetch("http://site.example:PORT/0") == DATA
    assert site.asked == [f"/{hop}" for hop in range(6)]
    site.answers["/5"] = redirect("/6")
    error = site.refuse("http://site.example:PORT/0")
    assert "redirected more than 5 times" in error.message
    assert "/6" not in site.asked


@pytest.mark.parametrize("location", ["ftp://site.example/a", "file:///etc/passwd", "http://"])
def test_a_redirect_to_another_protocol_is_refused(site: Site, location: str) -> None:
    site.answers["/a.conda"] = redirect(location)
    assert isinstance(site.refuse("http://site.example:PORT/a.conda"), SourceUnavailableError)


def test_no_redirect_is_an_address_that_cannot_be_read(site: Site) -> None:
    site.answers["/a.conda"] = redirect("http://site.example:port/")
    assert isinstance(site.refuse("http://site.example:PORT/a.conda"), SourceUnavailableError)


@pytest.mark.parametrize("status", ["404 Not Found", "204 No Content", "206 Partial Content"])
def test_anything_but_a_file_is_refused(site: Site, status: str) -> None:
    site.answers["/a.conda"] = sends(head(status, "Content-Length: 0"))
    error = site.refuse("http://site.example:PORT/a.conda")
    assert isinstance(error, SourceUnavailableError)
    assert f"answers with status {status[:3]}" in error.message


def test_too_much_is_refused_before_and_while_it_comes(site: Site) -> None:
    site.answers["/told"] = sends(head("200 OK", f"Content-Length: {LIMIT + 1}"))
    site.answers["/silent"] = sends(head("200 OK", "Connection: close"), b"x" * (LIMIT + 1))
    for path in site.answers:
        assert isinstance(site.refuse(f"http://site.example:PORT{path}"), TooLargeError)


def test_a_connection_that_breaks_leaves_nothing(site: Site) -> None:
    site.answers["/a.conda"] = sends(head("200 OK", "Content-Length: 1000"), b"half")
    assert isinstance(site.refuse("http://site.example:PORT/a.conda"), SourceUnavailableError)


def test_a_server_that_never_ends_is_left(site: Site) -> None:
    left = asyncio.Event()

    async def drip(writer: asyncio.StreamWriter) -> None:
        await sends(head("200 OK", "Content-Length: 1000"), b"a")(writer)
        await left.wait()

    site.answers["/a.conda"] = drip
    site.bounds = Bounds(LIMIT, seconds=0.2)
    error = site.refuse("http://site.example:PORT/a.conda")
    assert isinstance(error, SourceUnavailableError)
    assert "in time" in error.message


def test_a_host_that_takes_no_connection_is_told(site: Site) -> None:
    site.names["closed.example"] = ["127.0.0.3"]
    with pytest.raises(SourceUnavailableError, match="cannot be fetched"):
        site.fetch("http://closed.example:9/a.conda", trusting=True)
    site.names["none.example"] = []
    with pytest.raises(SourceUnavailableError, match="has no address"):
        site.fetch("http://none.example/a.conda", trusting=True)


def test_what_speaks_no_tls_is_told(site: Site) -> None:
    site.answers["/a.conda"] = file(DATA)
    with pytest.raises(SourceUnavailableError):
        site.fetch("https://site.example:1/a.conda")
