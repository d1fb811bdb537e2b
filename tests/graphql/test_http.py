"""GraphQL over HTTP against the running server, as its real clients talk."""

import asyncio
import json
from collections.abc import Generator
from io import BytesIO
from pathlib import Path

import pytest
from gql import Client as GqlClient
from gql import FileVar, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport, HTTPXTransport

from tests.builders import package
from tests.graphql.forms import FORM, FORM_HEAD, MEBI, PATH
from tests.server import Client, Server
from tests.waiting import until
from tests.web.wire import connected

pytestmark = pytest.mark.both_servers

VIEWER = "{ viewer { login } }"
CREATE = "mutation($name: String!) { createChannel(name: $name) { name } }"
UPLOAD = """mutation($channel: String!, $file: Upload!) {
    uploadPackage(channelName: $channel, file: $file) { filename sha256 downloadUrl } }"""


@pytest.fixture
def olga(server: Server) -> Generator[Client]:
    with server.client("olga") as client:
        yield client


@pytest.fixture
def visitor(server: Server) -> Generator[Client]:
    """Send without credentials, unless a test adds some."""
    with server.client() as client:
        yield client


@pytest.fixture
def browser(server: Server) -> Generator[Client]:
    """Olga in a browser: a session cookie and no token."""
    with server.client() as client:
        client.sign_in("olga")
        yield client


def login_seen(client: Client, **headers: str) -> object:
    response = client.request("POST", PATH, json={"query": VIEWER}, headers=headers)
    assert response.status_code == 200
    return response.json()


def test_a_good_token_is_its_viewer_and_a_bad_one_nobody(server: Server, visitor: Client) -> None:
    olga = {"data": {"viewer": {"login": "olga"}}}
    nobody = {"data": {"viewer": None}}
    token = server.tokens["olga"]
    assert login_seen(visitor, Authorization=f"Bearer {token}") == olga
    assert login_seen(visitor, **{"X-API-Key": token}) == olga
    assert login_seen(visitor) == nobody
    for bad in ("Bearer gr-" + "x" * 40, "Bearer", "Bearer nonsense", "Basic !", "Digest a"):
        assert login_seen(visitor, Authorization=bad) == nobody
    in_path = visitor.request("POST", f"/t/{token}{PATH}", json={"query": VIEWER})
    assert in_path.json() == olga


def test_a_body_is_json_whatever_its_type_says(olga: Client) -> None:
    body = json.dumps({"query": VIEWER}).encode()
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/graphql+json"):
        answer = olga.request("POST", PATH, content=body, headers={"Content-Type": kind})
        assert answer.json() == {"data": {"viewer": {"login": "olga"}}}
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
    assert olga.request("POST", PATH, content=body).status_code == 200


def test_a_cookie_needs_the_proof_of_its_origin(browser: Client) -> None:
    body = json.dumps({"query": VIEWER}).encode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.request("POST", PATH, json={"query": VIEWER}).json() == {
        "data": {"viewer": {"login": "olga"}}
    }
    refused = browser.request("POST", PATH, content=body, headers=form)
    assert refused.status_code == 403
    assert refused.headers["x-graphrepo-error"] == "csrf_rejected"
    proven = browser.request("POST", PATH, content=body, headers={**form, "X-Graphrepo-Csrf": "1"})
    assert proven.status_code == 200


def test_a_form_of_a_cookie_needs_the_proof_too(browser: Client, olga: Client) -> None:
    channel = olga.create_channel()
    built = package("from-the-page")
    operations = {"query": UPLOAD, "variables": {"channel": channel, "file": None}}
    none: dict[str, str] = {}
    files = [
        ("operations", (None, json.dumps(operations).encode(), "application/json", none)),
        ("map", (None, b'{"0": ["variables.file"]}', "application/json", none)),
        ("0", (built.filename, built.data, "application/octet-stream", none)),
    ]
    assert browser.request("POST", PATH, files=files).status_code == 403
    proof = {"X-Graphrepo-Csrf": "1"}
    answer = browser.request("POST", PATH, files=files, headers=proof).json()
    assert answer["data"]["uploadPackage"]["sha256"] == built.sha256


def test_get_reads_and_never_writes(olga: Client) -> None:
    def get(**params: str) -> dict[str, object]:
        answer = olga.get(PATH, params=params)
        assert answer.status_code == 200
        return answer.json()

    assert get(query=VIEWER) == {"data": {"viewer": {"login": "olga"}}}
    query = "query A { viewer { login } } query B($n: String!) { channel(name: $n) { name } }"
    variables = json.dumps({"n": "nowhere"})
    assert get(query=query, operationName="B", variables=variables) == {"data": {"channel": None}}
    refused = get(query=CREATE, variables='{"name": "by-get"}')
    assert refused["data"] is None
    assert "extensions" in str(refused["errors"])
    assert olga.ask('{ channel(name: "by-get") { name } }') == {"channel": None}


def test_a_cookie_reads_by_get_without_a_proof(browser: Client) -> None:
    assert browser.get(PATH, params={"query": VIEWER}).json() == {
        "data": {"viewer": {"login": "olga"}}
    }


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'[{"query": "{ viewer { login } }"}]', 400),
        (b'{"query": 5}', 400),
        (b'{"query": "' + b" " * (MEBI + 1) + b'"}', 413),
    ],
)
def test_what_holds_no_operation_fails_as_http(olga: Client, content: bytes, status: int) -> None:
    answer = olga.request("POST", PATH, content=content)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/plain")


def test_an_address_without_a_query_fails_as_http(olga: Client) -> None:
    for params in ({}, {"query": ""}, {"query": VIEWER, "variables": "{"}):
        assert olga.get(PATH, params=params).status_code == 400
    assert olga.request("PUT", PATH, json={"query": VIEWER}).status_code == 405


def test_failures_of_an_operation_come_with_status_200(olga: Client, visitor: Client) -> None:
    for client, query, code in (
        (olga, "{ viewer { login }", "invalid_request"),
        (olga, "{ nothing }", "invalid_request"),
        (visitor, 'mutation { createChannel(name: "a") { name } }', "not_authenticated"),
    ):
        answer = client.request("POST", PATH, json={"query": query})
        assert answer.status_code == 200
        assert answer.json()["errors"][0]["extensions"] == {"code": code}


def gql_client(server: Server, login: str) -> GqlClient:
    headers = {"Authorization": f"Bearer {server.tokens[login]}"}
    transport = HTTPXTransport(url=f"{server.url}{PATH}", headers=headers, trust_env=False)
    return GqlClient(transport=transport, fetch_schema_from_transport=True)


def test_gql_fetches_the_schema_and_uploads_a_file(
    server: Server, olga: Client, tmp_path: Path
) -> None:
    built = package("by-gql", subdir="linux-64")
    path = tmp_path / built.filename
    path.write_bytes(built.data)
    channel = olga.create_channel()
    with gql_client(server, "olga") as session:
        upload = gql(UPLOAD)
        upload.variable_values = {"channel": channel, "file": FileVar(str(path))}
        made = session.execute(upload, upload_files=True)["uploadPackage"]
    assert made["filename"] == built.filename
    assert made["sha256"] == built.sha256
    assert olga.get(made["downloadUrl"].removeprefix(server.url)).content == built.data
    repodata = olga.get(f"/{channel}/linux-64/repodata.json").json()
    assert built.filename in repodata["packages.conda"]


def test_gql_uploads_while_it_streams_and_sees_refusals(server: Server, olga: Client) -> None:
    channel = olga.create_channel()
    built = package("streamed")

    async def send(login: str) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {server.tokens[login]}"}
        transport = HTTPXAsyncTransport(url=f"{server.url}{PATH}", headers=headers, trust_env=False)
        upload = gql(UPLOAD)
        file = FileVar(BytesIO(built.data), filename=built.filename)
        upload.variable_values = {"channel": channel, "file": file}
        async with GqlClient(transport=transport) as session:
            return await session.execute(upload, upload_files=True)

    made = asyncio.run(send("carl"))
    assert made["uploadPackage"]
    for login, code in (("mia", "forbidden"), ("sam", "forbidden")):
        with pytest.raises(TransportQueryError) as refused:
            asyncio.run(send(login))
        assert refused.value.errors
        assert refused.value.errors[0]["extensions"] == {"code": code}


def test_a_client_that_leaves_leaves_nothing_behind(server: Server, olga: Client) -> None:
    head = FORM_HEAD.replace(b"CHANNEL", olga.create_channel().encode())
    with connected(server) as wire:
        bearer = f"Authorization: Bearer {olga.token}"
        wire.ask("POST", PATH, bearer, "Content-Length: 4000000", f"Content-Type: {FORM}")
        wire.send(head + bytes(2 * MEBI))
        until(lambda: server.under_way)
    until(lambda: not server.under_way)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "gzip"),
        ("br;q=1.0, gzip;q=0.8", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0, identity", None),
        ("gzip;q=0.0", None),
        ("identity", None),
    ],
)
def test_long_answers_are_smaller_for_those_who_read_them_so(
    visitor: Client, accepted: str, coding: str | None
) -> None:
    query = "{ __schema { types { name fields { name description } } } }"
    headers = {"Accept-Encoding": accepted}
    answer = visitor.request("POST", PATH, json={"query": query}, headers=headers)
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "accept-encoding"
    assert "Query" in {found["name"] for found in answer.json()["data"]["__schema"]["types"]}


def test_short_answers_are_sent_as_they_are(visitor: Client) -> None:
    headers = {"Accept-Encoding": "gzip"}
    answer = visitor.request("POST", PATH, json={"query": VIEWER}, headers=headers)
    assert "content-encoding" not in answer.headers
