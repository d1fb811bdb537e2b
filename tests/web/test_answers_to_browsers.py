"""What a browser makes of an answer: no frame around a page, no way to another site.

Nor a header of a stranger's making. Asked of every address, as ``routes`` lists them.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from itertools import product
from typing import Final
from urllib.parse import quote, urlsplit

import pytest

from tests.server import Client, Server
from tests.web.conftest import Shelf
from tests.web.routes import RULES

EVIL: Final = "evil.example"
READS: Final = [name for name in RULES if name.startswith("GET ")]
PAGE: Final = "text/html; charset=utf-8"
BROWSER: Final = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ELSEWHERE: Final = (
    f"//{EVIL}",
    f"///{EVIL}",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"/%5c{EVIL}",
    f"/%2f{EVIL}",
    f"/%2f%2f{EVIL}",
    f"/%09/{EVIL}",
    f"/{EVIL}/%2e%2e",
    f"/https://{EVIL}",
    f"https://{EVIL}/",
    f"/@{EVIL}",
    "/javascript:alert(1)",
    "/data:text/html,x",
    f"/x%0d%0aLocation:%20https://{EVIL}/",
    f"/x%0aSet-Cookie:%20graphrepo_session={EVIL}",
    f"/x%e5%98%8a%e5%98%8dX-Injected:%20{EVIL}",  # its last bytes are CR and LF
)
"""Addresses that a careless server would send a browser away with."""

PARAMETERS: Final = ("next", "url", "redirect", "return_to", "token", "query")
OURS: Final = re.compile(r"/channels/[A-Za-z0-9._~%-]+")
STRANGE: Final = ("a\x0bb", "a\x1cb", "\xe4\x85\x8a", f'"; {EVIL}', f"a, {EVIL}", "a\tb", "é" * 200)
"""Values of headers that a web server lets through."""

SAYING: Final = (
    "Accept",
    "Accept-Encoding",
    "Authorization",
    "Content-Type",
    "Cookie",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "User-Agent",
    "X-Api-Key",
    "X-File-Name",
    "X-File-Sha256",
    "X-Graphrepo-Csrf",
    "X-Request-Id",
)


def asked(
    connection: HTTPConnection, target: str, headers: Mapping[str, str] = BROWSER
) -> HTTPResponse:
    """Ask for a target as it stands, and read the answer."""
    connection.request("GET", target, headers=dict(headers))
    answer = connection.getresponse()
    answer.read()
    assert answer.status < 500, (target, headers)
    return answer


def targets() -> Iterator[str]:
    """Yield every address that might lead elsewhere."""
    for place in ELSEWHERE:
        yield place
        yield f"/t/gr-none{place}"
    for name, place in product(READS, ELSEWHERE):
        path = RULES[name].path.replace("{channel}", quote(place, safe="%"))
        if name.count("/") < 3:  # deeper ones are alike
            yield path
            for parameter in PARAMETERS:
                yield f"{path}?{parameter}={quote(place, safe='%')}"


@pytest.mark.parametrize("name", READS)
def test_no_page_stands_in_a_frame_and_no_answer_is_guessed_at(
    owner: Client, nobody: Client, shelf: Shelf, name: str
) -> None:
    path = RULES[name].path.replace("{channel}", shelf.private)
    for client, kind in product((owner, nobody), ("text/html", "*/*", "application/json")):
        answer = client.get(path, headers={"Accept": kind})
        assert answer.headers["x-content-type-options"] == "nosniff"
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert answer.headers["content-type"] == PAGE
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.both_servers
def test_nobody_is_sent_to_another_site(server: Server) -> None:
    where = urlsplit(server.url)
    with closing(HTTPConnection(where.hostname or "", where.port, timeout=20)) as connection:
        for target in targets():
            answer = asked(connection, target)
            location = answer.headers.get("Location")
            assert location is None or OURS.fullmatch(location), (target, location)
            assert answer.headers.get("Set-Cookie") is None, target
            assert answer.headers.get("X-Injected") is None, target


@pytest.mark.both_servers
def test_no_header_of_a_request_makes_one_of_the_answer(server: Server, shelf: Shelf) -> None:
    where = urlsplit(server.url)
    paths = {RULES[name].path.replace("{channel}", shelf.private) for name in READS}
    with closing(HTTPConnection(where.hostname or "", where.port, timeout=20)) as connection:
        for name, value in product(SAYING, STRANGE):
            for path in paths if value is STRANGE[0] else sorted(paths)[:3]:
                answer = asked(connection, path, {name: value})
                for said in answer.headers.values():
                    assert EVIL not in said, (path, name)
                    assert not set(said) & {*map(chr, range(32)), "\x7f"}, (path, name)
