"""What a page of another site can make a browser send changes nothing: each route, each mutation.

Such a page sends forms and texts without asking first, and the browser adds what it holds by
itself: the session's cookie, and the key that somebody typed into its dialog (Basic). What a
browser asks this server about first (JSON, headers of its own, other methods) is tried as well,
from there.
"""

import json
from base64 import b64encode
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any, Final

import httpx
import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from graphrepo.graphql.schema import build_schema, core
from tests.builders import package
from tests.graphql.matrix import MUTATIONS
from tests.processes import PASSWORD
from tests.server import Client, Sending, Server, running
from tests.web.routes import RULES

GRAPHQL: Final = "/api/graphql"
EVIL: Final = "https://evil.example"
PAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "another site": {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"},
    "another site, and an old browser": {"Origin": EVIL},
    "a sandbox": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "a sandbox, and an old browser": {"Origin": "null"},
    "a neighbour on this host": {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
    "another site that hides its name": {"Sec-Fetch-Site": "cross-site"},
}
FEW: Final = ("another site", "a sandbox, and an old browser", "another site that hides its name")
"""For each mutation; each route gets them all."""

NO_PAGE: Final[Mapping[str, str]] = {}
"""Nothing says where it comes from: an old browser, or a program."""

PLAIN: Final = ("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data")
"""Content types that no browser asks about first (https://fetch.spec.whatwg.org/#cors-safelisted-
request-header)."""

JSON: Final = "application/json"
CHANGES: Final = [name for name in RULES if name[:4] != "GET " and not name.endswith(GRAPHQL)]
SESSIONS: Final = {"POST /api/auth/login", "POST /api/auth/setup", "POST /api/auth/logout"}
NEED_NOBODY: Final = {*SESSIONS, "POST /api/oidc/mint_token"}
REFUSED: Final = {"csrf_rejected", "not_authenticated"}
SCHEMA: Final = core(build_schema())
WHO: Final = "{ viewer { login } }"
LINES: Final = "{ events { totalCount } }"
BUILT: Final = package("forged")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """Serve a directory of these tests' own, whose audit log nobody else writes."""
    with running(tmp_path_factory.mktemp("forged") / "data") as started:
        yield started


@pytest.fixture(scope="module")
def root(site: Server) -> Generator[Client]:
    with site.client("root") as client:
        yield client


@pytest.fixture(scope="module")
def victim(site: Server) -> Generator[Client]:
    """Sign an administrator in."""
    with site.client() as client:
        client.sign_in("root")
        yield client


@pytest.fixture(scope="module")
def dialog(site: Server, root: Client) -> Generator[Client]:
    """Type an administrator's key into a browser's own dialog: it goes along with everything."""
    kept = b64encode(f"me:{root.token}".encode()).decode()
    with site.client() as client:
        client.http.headers["Authorization"] = f"Basic {kept}"
        yield client


def forged(pages: Iterable[str] = PAGES) -> Iterator[Mapping[str, str]]:
    """Yield the headers of every request that another site may cause."""
    named = [PAGES[page] for page in pages]
    for page in (NO_PAGE, *named):
        for kind in PLAIN:
            yield {**page, "Content-Type": kind} if kind else page
    for page in named:
        yield {**page, "Content-Type": JSON}


def is_by_dialog(headers: Mapping[str, str]) -> bool:
    """Say whether a page is named, and sends it unasked; what names none may be a program's."""
    return bool({"Origin", "Sec-Fetch-Site"} & headers.keys()) and JSON not in headers.values()


def operation(name: str, channel: str) -> dict[str, object]:
    """Return a mutation about a channel, as it would work."""
    given = MUTATIONS[name].arguments.replace("$c", json.dumps(channel)).replace("$file", "$f")
    for made in ("$notice", "$publisher"):
        given = given.replace(made, '"9"')
    declared = "($f: Upload!)" if "$f" in given else ""
    given = f"({given})" if given else ""
    query = f"mutation{declared} {{ {name}{given} {selection(name)} }}"
    return {"query": query, "variables": {"f": None} if declared else {}}


def selection(name: str) -> str:
    kind = SCHEMA.type_map["Mutation"]
    assert isinstance(kind, GraphQLObjectType)
    return "" if is_leaf_type(get_named_type(kind.fields[name].type)) else "{ __typename }"


def form(operation: Mapping[str, object]) -> Sending:
    """Return an operation as GraphQL's forms carry it, with a file if it wants one."""
    none: dict[str, str] = {}
    places = {"0": ["variables.f"]} if operation["variables"] else {}
    texts = {"operations": json.dumps(operation).encode(), "map": json.dumps(places).encode()}
    file = ("0", (BUILT.filename, BUILT.data, "application/octet-stream", none))
    files: list[tuple[str, tuple[str | None, bytes, str, Mapping[str, str]]]] = [
        (name, (None, text, JSON, none)) for name, text in texts.items()
    ]
    return {"files": [*files, *([file] if places else [])]}


def sent(body: Mapping[str, object], headers: Mapping[str, str]) -> Sending:
    """Return a GraphQL request with these headers and the body that they announce."""
    if headers.get("Content-Type") != "multipart/form-data":
        return {"content": json.dumps(body).encode(), "headers": headers}
    rest = {name: value for name, value in headers.items() if name != "Content-Type"}
    return {**form(body), "headers": rest}


def codes(answer: httpx.Response) -> set[str]:
    """Return what an answer calls the failures that it tells of."""
    if code := answer.headers.get("x-graphrepo-error"):
        return {code}
    failures: list[Any] = answer.json().get("errors", [])
    return {failure["extensions"]["code"] for failure in failures}


@pytest.mark.parametrize("name", MUTATIONS)
def test_no_mutation_is_made_by_another_site(
    root: Client, victim: Client, dialog: Client, name: str
) -> None:
    channel = f"about-{name.lower()}"
    root.ask("mutation($n: String!) { createChannel(name: $n) { name } }", n=channel)
    body = operation(name, channel)
    refused = REFUSED | ({"invalid_request"} if body["variables"] else set[str]())  # no file came
    before = root.ask(LINES)
    for headers in forged(FEW):
        answer = victim.request("POST", GRAPHQL, **sent(body, headers))
        assert codes(answer) & refused, (headers, answer.text)
    for headers in filter(is_by_dialog, forged(FEW)):
        answer = dialog.request("POST", GRAPHQL, **sent(body, headers))
        assert codes(answer) == {"csrf_rejected"}, (headers, answer.text)
    for accept in ("*/*", "text/event-stream"):
        params = {"query": str(body["query"])}
        answer = victim.get(GRAPHQL, params=params, headers={"Accept": accept})
        assert "errors" in answer.text, accept
    assert root.ask(LINES) == before
    own = {"Origin": root.url, "X-Graphrepo-Csrf": "1", "Content-Type": "multipart/form-data"}
    honest = victim.request("POST", GRAPHQL, **sent(body, own))
    assert not codes(honest) & {*REFUSED, "invalid_request"}, honest.text


@pytest.mark.parametrize("name", CHANGES)
def test_no_route_is_used_by_another_site(
    root: Client, victim: Client, dialog: Client, name: str
) -> None:
    rule = RULES[name]
    method = name.partition(" ")[0]
    path = rule.path.replace("{channel}", root.create_channel())
    before = root.ask(LINES)
    for headers in forged():
        answer = victim.request(method, path, headers=headers, content=rule.content)
        assert "set-cookie" not in answer.headers, headers
        if name not in NEED_NOBODY:
            assert codes(answer) & REFUSED, (headers, answer.text)
    for headers in filter(is_by_dialog, forged()):
        answer = dialog.request(method, path, headers=headers, content=rule.content)
        assert codes(answer) == {"csrf_rejected"}, (headers, answer.text)
    assert root.ask(LINES) == before
    assert victim.ask(WHO) == {"viewer": {"login": "root"}}
    for client in (victim, dialog):
        if client is victim or name not in SESSIONS:
            proof = {"Origin": root.url, "X-Graphrepo-Csrf": "1", **rule.headers}
            answer = client.request(method, path, headers=proof, content=rule.content)
            assert answer.status_code == rule.status
    if name == "POST /api/auth/logout":
        victim.sign_in("root")


def test_a_program_with_basic_names_no_page_and_needs_no_proof(
    root: Client, dialog: Client
) -> None:
    answer = dialog.upload(root.create_channel(), BUILT)
    assert answer.status_code == 201


@pytest.mark.parametrize("kind", PLAIN)
def test_no_form_of_another_site_signs_anybody_in(site: Server, kind: str) -> None:
    body = json.dumps({"login": "olga", "password": PASSWORD}).encode()
    for page in (NO_PAGE, *PAGES.values()):
        headers = {**page, "Content-Type": kind} if kind else page
        with site.client() as visitor:
            answer = visitor.request("POST", "/api/auth/login", headers=headers, content=body)
        assert (answer.status_code, "set-cookie" in answer.headers) == (400, False)


def test_no_form_of_another_site_signs_anybody_out(victim: Client, site: Server) -> None:
    """Sent across sites it comes without the cookie, and its answer could take that away."""
    with site.client() as elsewhere:
        for page in (NO_PAGE, *PAGES.values()):
            answer = elsewhere.request("POST", "/api/auth/logout", headers=page)
            assert "set-cookie" not in answer.headers
    assert victim.ask(WHO) == {"viewer": {"login": "root"}}
