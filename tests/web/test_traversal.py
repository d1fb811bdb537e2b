"""Whatever stands in an address, no file outside the store is read or made, and nothing breaks."""

from collections.abc import Generator, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.server import Client, Server
from tests.web.conftest import Shelf
from tests.web.routes import RULES, Rule

CANARY = "this-is-outside"
PARTS = (
    "..",
    "%2e%2e",
    ".%2e",
    "%252e%252e",
    f"..%2f..%2f{CANARY}",
    f"..%2f..%2f..%2f{CANARY}",
    f"..%5c..%5c{CANARY}",
    f"....%2f%2f{CANARY}",
    f"%c0%ae%c0%ae%c0%af{CANARY}",  # dots and a slash in more bytes than they need
    f"%e0%80%ae%e0%80%ae%e0%80%af{CANARY}",
    f"%ef%bc%8e%ef%bc%8e%ef%bc%8f{CANARY}",  # their wide forms
    f"..;%2f{CANARY}",
    "%2fetc%2fpasswd",
    f"file:%2f%2f%2f{CANARY}",
    "%00",
    f"{CANARY}%00.conda",
    "%ff%fe",
    "%0d%0aX-Injected:%20yes",
    "%e2%80%ae",  # from here on, right to left
    "%",
    "%zz",
    "~",
    "a" * 3000,
)


def hostile(path: str) -> Iterator[str]:
    """Yield the path with each of its parts, and what follows it, replaced by each of these."""
    parts = path.removeprefix("/").split("/")
    for place in range(len(parts)):
        for part in PARTS:
            yield "/" + "/".join((*parts[:place], part, *parts[place + 1 :]))
            yield "/" + "/".join((*parts[:place], part))


def shapes() -> Iterator[tuple[str, Rule]]:
    """Yield a rule for each kind of address that has parameters: its method and its parts."""
    seen: set[tuple[str, str, int]] = set()
    for name, rule in RULES.items():
        method, _, template = name.partition(" ")
        kind = (method, template.partition("{")[0], template.count("/"))
        if "{" in template and kind not in seen:
            seen.add(kind)
            yield method, rule


@pytest.fixture(scope="module")
def canaries(server: Server) -> Generator[list[Path]]:
    """Put a file where a step or two out of the store would lead."""
    places = (server.data / "blobs", server.data, server.data.parent)
    found = [place / CANARY for place in places]
    for file in found:
        file.write_text(CANARY * 3)
    yield found
    for file in found:
        file.unlink()


def around(data: Path) -> set[Path]:
    """Return every file but those that the store and the database make by themselves."""
    kept = (data / "blobs" / "blobs", data / "blobs" / "staging")
    return {
        file
        for file in data.parent.rglob("*")
        if not any(file.is_relative_to(place) for place in kept) and ".sqlite" not in file.name
    }


@pytest.mark.both_servers
def test_no_address_leads_out_of_the_store(
    server: Server, owner: Client, shelf: Shelf, canaries: list[Path]
) -> None:
    before = around(server.data)
    where = urlsplit(server.url)
    with closing(HTTPConnection(where.hostname or "", where.port, timeout=20)) as connection:
        for method, rule in shapes():
            headers = {**rule.headers, "Authorization": f"Bearer {owner.token}"}
            for target in hostile(rule.path.replace("{channel}", shelf.public)):
                connection.request(method, target, rule.content, headers)
                answer = connection.getresponse()
                said = answer.read()
                assert answer.status < 500, (method, target)
                assert (CANARY * 3).encode() not in said
                assert b"root:" not in said
                assert "x-injected" not in {name.lower() for name, _ in answer.getheaders()}
    assert around(server.data) == before
    assert {file.read_text() for file in canaries} == {CANARY * 3}
