"""Pages of other sites: which may ask, what they get to see, and that no cookie works for them."""

import asyncio

import pytest

from graphrepo.intake.body import Message, Receive
from graphrepo.web.asgi import Reply, Scope, Send, send_reply
from graphrepo.web.origins import CrossOrigin, is_own
from tests.intake.streams import receiving

FRIEND = "https://friend.example"
ANSWER = Reply(200, (("etag", '"1"'), ("vary", "Accept")), b"ok")


def scope(path: str = "/lab/noarch/repodata.json", method: str = "GET", **headers: str) -> Scope:
    given = {"host": "conda.example", "cookie": "graphrepo_session=s", **headers}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
    return {"type": "http", "scheme": "http", "method": method, "path": path, "headers": raw}


class Site:
    """A server behind the layer; remembers what reached it."""

    def __init__(self, *allowed: str, base_url: str | None = None) -> None:
        self.layer = CrossOrigin(self._answer, frozenset(allowed), base_url)
        self.reached: list[Scope] = []

    async def _answer(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.reached.append(scope)
        if scope["type"] == "http":
            await send_reply(ANSWER, scope, send)

    def ask(self, asked: Scope) -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)
            await asyncio.sleep(0)

        async def run() -> None:
            await self.layer(asked, receiving(), send)

        asyncio.run(run())
        return sent

    def headers(self, asked: Scope) -> list[tuple[str, str]]:
        """Ask, and return the headers of the answer."""
        start = self.ask(asked)[0]
        return [(name.decode(), value.decode()) for name, value in start["headers"]]

    def keeps_cookie(self, asked: Scope) -> bool:
        self.ask(asked)
        return any(name == b"cookie" for name, _ in self.reached[-1]["headers"])


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://conda.example", True),
        ("http://conda.example:80", True),
        ("HTTP://Conda.Example", True),
        ("https://conda.example", True),  # a proxy speaks TLS and says nothing of it
        ("https://conda.example:443", True),
        ("http://conda.example:8080", False),
        ("https://conda.example:80", False),
        ("http://conda.example.evil", False),
        ("http://evil/conda.example", False),
        ("http://evil@conda.example", False),
        ("ftp://conda.example", False),
        ("null", False),
        ("", False),
        ("http://[", False),
    ],
)
def test_an_origin_is_ours_if_it_is_where_the_request_went(origin: str, *, own: bool) -> None:
    assert is_own(origin, scope(), None) is own


def test_a_port_belongs_to_the_origin() -> None:
    asked = scope(host="localhost:8000")
    assert is_own("http://localhost:8000", asked, None)
    assert not is_own("http://localhost", asked, None)
    assert not is_own("http://localhost:3000", asked, None)


def test_the_public_address_is_ours_too() -> None:
    asked = scope(host="backend:8000")
    assert is_own("https://conda.example", asked, "https://Conda.Example")
    assert not is_own("https://conda.example", asked, None)


def test_a_page_without_tls_is_not_the_one_with_it() -> None:
    asked = scope()
    asked["scheme"] = "https"
    assert is_own("https://conda.example", asked, None)
    assert not is_own("http://conda.example", asked, None)


def test_a_cookie_works_for_our_own_pages_alone() -> None:
    for site in (Site(), Site("*"), Site(FRIEND)):
        assert site.keeps_cookie(scope())
        assert site.keeps_cookie(scope(origin="http://conda.example"))
        for origin in (FRIEND, "https://evil.example", "null"):
            assert not site.keeps_cookie(scope(origin=origin))
            assert not site.keeps_cookie(scope("/api/graphql", "POST", origin=origin))


def test_nothing_changes_while_nobody_is_allowed() -> None:
    plain = [("etag", '"1"'), ("vary", "Accept"), ("content-length", "2")]
    for asked in (scope(), scope(origin=FRIEND), scope("/api/graphql", "POST", origin=FRIEND)):
        assert Site().headers(asked) == plain


@pytest.mark.parametrize(
    "path", ["/lab/noarch/repodata.json", "/api/graphql", "/t/tok/lab", "//lab"]
)
def test_an_allowed_page_may_read_the_answer(path: str) -> None:
    found = Site(FRIEND).headers(scope(path, origin=FRIEND))
    assert ("access-control-allow-origin", FRIEND) in found
    assert ("vary", "Origin") in found
    exposed = dict(found)["access-control-expose-headers"]
    for name in ("ETag", "X-Channel-Revision", "X-Graphrepo-Error", "Content-Range"):
        assert name in exposed
    assert "access-control-allow-credentials" not in dict(found)


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}, {"origin": "null"}])
def test_others_may_not_and_caches_know_that_it_depends(headers: dict[str, str]) -> None:
    found = Site(FRIEND).headers(scope(**headers))
    assert ("vary", "Origin") in found
    assert "access-control-allow-origin" not in dict(found)


def test_our_own_pages_need_no_permission() -> None:
    found = Site("*").headers(scope(origin="http://conda.example"))
    # A browser that keeps this answer must not show it to another site from its cache.
    assert "access-control-allow-origin" not in dict(found)
    assert ("vary", "Origin") in found


def test_a_star_allows_every_page() -> None:
    for origin in ("https://any.example", "null", "http://localhost:5173"):
        found = dict(Site("*").headers(scope(origin=origin)))
        assert found["access-control-allow-origin"] == origin
        assert "access-control-allow-credentials" not in found


@pytest.mark.parametrize("path", ["/", "/ui/1/app.js", "/graphiql", "/healthz", "/channels/lab"])
def test_pages_for_people_are_not_for_other_sites(path: str) -> None:
    assert "access-control-allow-origin" not in dict(Site("*").headers(scope(path, origin=FRIEND)))


def preflight(path: str, method: str, origin: str = FRIEND) -> Scope:
    return scope(path, "OPTIONS", origin=origin, access_control_request_method=method)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/graphql", "GET, HEAD, POST, PUT, DELETE"),
        ("/api/v1/upload/lab", "GET, HEAD, POST, PUT, DELETE"),
        ("/lab/noarch/repodata.json", "GET, HEAD"),
        ("/t/token/lab/noarch/repodata.json", "GET, HEAD"),
    ],
)
def test_a_preflight_is_answered_in_front_of_everything(path: str, methods: str) -> None:
    site = Site(FRIEND)
    start, body = site.ask(preflight(path, "POST"))
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    assert (start["status"], body["body"], site.reached) == (204, b"", [])
    assert found["access-control-allow-origin"] == FRIEND
    assert found["access-control-allow-methods"] == methods
    allowed = found["access-control-allow-headers"].split(", ")
    assert {"Authorization", "Content-Type", "X-API-Key", "X-File-Name"} <= set(allowed)
    assert {"X-File-SHA256", "X-Graphrepo-Csrf"} <= set(allowed)
    assert int(found["access-control-max-age"]) > 0
    assert found["vary"] == "Origin"
    assert "access-control-allow-credentials" not in found


@pytest.mark.parametrize(
    "asked",
    [
        preflight("/api/graphql", "POST", "https://evil.example"),
        preflight("/ui/1/app.js", "GET"),
        scope("/api/graphql", "OPTIONS", origin=FRIEND),
        scope("/api/graphql", "OPTIONS"),
    ],
)
def test_any_other_question_for_options_goes_on(asked: Scope) -> None:
    site = Site(FRIEND)
    site.ask(asked)
    assert len(site.reached) == 1


def socket(**headers: str) -> Scope:
    return {**scope("/api/graphql", **headers), "type": "websocket", "scheme": "ws"}


def test_a_websocket_opens_for_allowed_pages_and_for_programs() -> None:
    for allowed, headers in (
        ((), {}),
        ((), {"origin": "http://conda.example"}),
        ((FRIEND,), {"origin": FRIEND}),
        (("*",), {"origin": "https://any.example"}),
    ):
        site = Site(*allowed)
        assert site.ask(socket(**headers)) == []
        assert len(site.reached) == 1
    assert not Site("*").keeps_cookie(socket(origin=FRIEND))
    assert Site().keeps_cookie(socket(origin="http://conda.example"))


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://conda.example:81"])
def test_a_websocket_stays_shut_for_others(origin: str) -> None:
    site = Site(FRIEND)
    assert site.ask(socket(origin=origin)) == [{"type": "websocket.close", "code": 4403}]
    assert site.reached == []
