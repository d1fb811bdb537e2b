"""What one client says of the server's host is told to nobody else."""

from collections.abc import Mapping

import httpx
import pytest

from tests.builders import package
from tests.server import Client
from tests.web.conftest import Shelf
from tests.web.reading import EVERY
from tests.web.routes import RULES

EVIL = "evil.example"
WAYS: Mapping[str, Mapping[str, str]] = {
    "Host": {"Host": EVIL},
    "X-Forwarded-Host": {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https"},
    "Forwarded": {"Forwarded": f"host={EVIL};proto=https;for=192.0.2.1"},
    "others": {
        "X-Host": EVIL,
        "X-Original-URL": f"//{EVIL}/",
        "X-Rewrite-URL": f"//{EVIL}/",
        "X-Forwarded-Server": EVIL,
        "X-HTTP-Host-Override": EVIL,
    },
}
CHANGING = {"x-request-id", "date"}
PAGES = (
    "/",
    "/channels/{channel}",
    "/channels/{channel}/packages/zlib",
    "/graphiql",
    "/setup?token=once",
)


def told(answer: httpx.Response) -> tuple[int, Mapping[str, str], bytes]:
    kept = {name: value for name, value in answer.headers.items() if name not in CHANGING}
    return answer.status_code, kept, answer.content


@pytest.mark.parametrize("way", WAYS)
def test_nothing_that_may_be_kept_tells_of_another_host(
    owner: Client, nobody: Client, shelf: Shelf, way: str
) -> None:
    files = [f"/{channel}/{name}" for channel in (shelf.public, shelf.private) for name in EVERY]
    rules = [rule.path for name, rule in RULES.items() if name.startswith("GET ")]
    for path in {*files, *PAGES, *rules}:
        for person in (owner, nobody):
            for accept in ("*/*", "text/html"):
                address = path.replace("{channel}", shelf.public)
                asked = {"Accept": accept}
                poisoned = person.get(address, headers={**asked, **WAYS[way]})
                if "no-store" in poisoned.headers.get("cache-control", ""):
                    assert EVIL not in poisoned.headers.get("location", "")
                    continue
                assert EVIL not in f"{poisoned.headers}{poisoned.text}", address
                assert told(person.get(address, headers=asked)) == told(poisoned), address


@pytest.mark.parametrize("way", WAYS)
def test_what_depends_on_the_host_is_kept_by_nobody(nobody: Client, way: str) -> None:
    body = {"query": "{ instanceConfig { baseUrl } }"}
    answer = nobody.request("POST", "/api/graphql", json=body, headers=WAYS[way])
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "filename",
    ['a"; filename="b.conda', "a\r\nX-Injected: yes", "a\u2028b.conda", "../a-1-0.conda", "a\x00"],
)
def test_no_name_of_a_file_becomes_a_header(owner: Client, shelf: Shelf, filename: str) -> None:
    built = package("plain")
    headers: dict[str, str] = {}
    form = [("file", (filename, built.data, "application/octet-stream", headers))]
    answer = owner.request("POST", f"/api/v1/upload/{shelf.public}", files=form)
    assert answer.status_code == 422
    assert "x-injected" not in answer.headers
