"""What a proxy says of a client counts if the operator named the proxy, and only then."""

from ipaddress import ip_network

import httpx
import pytest

from graphrepo.web.asgi import Scope
from graphrepo.web.proxies import Proxies
from tests.processes import PASSWORD
from tests.server import Server, running
from tests.waiting import PATIENCE

PROXIES = Proxies([ip_network("10.0.0.0/8"), ip_network("::1/128")])
CLIENT = "203.0.113.7"


def settled(peer: str | None, kind: str = "http", **headers: str) -> Scope:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {
        "type": kind,
        "scheme": "ws" if kind == "websocket" else "http",
        "client": peer and (peer, 4711),
        "headers": [(b"host", b"backend:8000"), *raw],
    }
    PROXIES.settle(scope)
    return scope


def host(scope: Scope) -> bytes:
    (value,) = (value for name, value in scope["headers"] if name == b"host")
    return value


@pytest.mark.parametrize("peer", ["10.1.2.3", "::1", "::ffff:10.1.2.3"])
def test_a_named_proxy_is_believed(peer: str) -> None:
    said = {
        "x_forwarded_for": CLIENT,
        "x_forwarded_proto": "https",
        "x_forwarded_host": "conda.example.org",
    }
    scope = settled(peer, **said)
    assert scope["client"] == (CLIENT, 0)
    assert scope["scheme"] == "https"
    assert host(scope) == b"conda.example.org"
    assert settled(peer, "websocket", **said)["scheme"] == "wss"


@pytest.mark.parametrize("peer", [CLIENT, "::2", "unix", None])
def test_nobody_else_is(peer: str | None) -> None:
    scope = settled(
        peer, x_forwarded_for="1.2.3.4", x_forwarded_proto="https", x_forwarded_host="evil.example"
    )
    assert scope["client"] == (peer and (peer, 4711))
    assert scope["scheme"] == "http"
    assert host(scope) == b"backend:8000"


@pytest.mark.parametrize("peer", ["10.1.2.3", CLIENT])
def test_nothing_behind_sees_the_headers(peer: str) -> None:
    scope = settled(peer, x_forwarded_for="1.2.3.4", x_forwarded_port="1", range="bytes=0-")
    assert {name for name, _ in scope["headers"]} == {b"host", b"range"}


@pytest.mark.parametrize(
    ("said", "client"),
    [
        (CLIENT, CLIENT),
        (f"{CLIENT}, 10.0.0.2", CLIENT),
        (f"1.2.3.4, {CLIENT}, 10.0.0.3,10.0.0.2", CLIENT),
        ("10.0.0.9, 10.0.0.2", "10.0.0.9"),
        ("2001:db8::7", "2001:db8::7"),
        ("made up, 10.0.0.2", "10.0.0.2"),
        ("made up", "10.1.2.3"),
        ("", "10.1.2.3"),
    ],
)
def test_what_a_client_adds_itself_is_not_its_address(said: str, client: str) -> None:
    assert settled("10.1.2.3", x_forwarded_for=said)["client"][0] == client


@pytest.mark.parametrize("scheme", ["gopher", "", "ws"])
def test_a_scheme_is_http_or_https(scheme: str) -> None:
    assert settled("10.1.2.3", x_forwarded_proto=scheme)["scheme"] == "http"


def test_the_nearest_proxy_has_the_last_word() -> None:
    scope = settled("10.1.2.3", x_forwarded_proto="https, http", x_forwarded_host="evil, ours")
    assert (scope["scheme"], host(scope)) == ("http", b"ours")


def test_a_request_without_a_proxy_stays_as_it_is() -> None:
    assert settled(CLIENT, accept="*/*")["client"] == (CLIENT, 4711)


def test_addresses_for_links_follow_the_proxy(server: Server) -> None:
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "conda.example.org"}
    with server.client() as nobody:
        answer = nobody.request(
            "POST", "/api/graphql", headers=said, json={"query": "{instanceConfig {baseUrl}}"}
        )
    assert answer.json()["data"]["instanceConfig"]["baseUrl"] == "https://conda.example.org"


@pytest.mark.parametrize("kind", ["granian", "uvicorn"])
def test_without_named_proxies_nobody_is_believed(
    tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    data = tmp_path_factory.mktemp(kind) / "data"
    with running(data, "--server", kind, GRAPHREPO_TRUSTED_PROXIES="none") as server:
        credentials = {"login": "olga", "password": PASSWORD}
        said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": CLIENT}
        answer = httpx.post(
            f"{server.url}/api/auth/login",
            headers=said,
            json=credentials,
            trust_env=False,
            timeout=PATIENCE,
        )
        assert "Secure" not in answer.headers["set-cookie"]
    log = server.log.read_text()
    assert CLIENT not in log
    assert "from=127.0.0.1" in log
