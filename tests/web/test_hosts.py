"""What one client says of the server's host is told to nobody else."""

import socket
from collections.abc import Generator, Mapping
from dataclasses import replace

import httpx
import pytest

from tests.builders import package
from tests.issuer import TRUST, Issuer
from tests.server import Client, Server, running
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
NAME = "packages.example"
TOLD = """query($c: String!) {
    instanceConfig { baseUrl }
    channel(name: $c) { packages { page { variants { page { downloadUrl } } } } } }"""
"""Every field that says where the server is."""

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


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Generator[Server]:
    """Serve under a public name, which CI jobs' tokens must be meant for."""
    with socket.create_server(("127.0.0.1", 0)) as free:  # the server will tell its name alone
        port = free.getsockname()[1]
    with running(
        tmp_path_factory.mktemp("named") / "data",
        *("--port", str(port)),
        GRAPHREPO_BASE_URL=f"https://{NAME}",
        GRAPHREPO_OIDC_ISSUERS=f"github={issuer.url}",
        GRAPHREPO_ALLOW_PRIVATE_SOURCES="yes",
    ) as started:
        yield replace(started, url=f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_has_a_name_goes_by_no_other(named: Server, issuer: Issuer, way: str) -> None:
    with named.client("olga") as olga:
        channel = olga.create_channel()
        olga.publish(channel, package("zlib"))
        olga.ask(TRUST, c=channel)
        for address in (*(f"/{channel}/{name}" for name in EVERY), *PAGES):
            answer = olga.get(address.replace("{channel}", channel), headers=WAYS[way])
            assert EVIL not in f"{answer.headers}{answer.text}", address
        body = {"query": TOLD, "variables": {"c": channel}}
        answer = olga.request("POST", "/api/graphql", json=body, headers=WAYS[way])
        assert (answer.text.count(EVIL), answer.text.count(NAME)) == (0, 2)

    def mint(audience: str) -> int:
        sent = {"token": issuer.job(aud=audience)}
        path = "/api/oidc/mint_token"
        with named.client() as job:
            return job.request("POST", path, json=sent, headers=WAYS[way]).status_code

    assert mint(EVIL) == 401
    assert mint(NAME) == 200


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
