"""Following channels over the network, as real clients do, on both servers and several workers."""

import asyncio
import json
import os
import signal
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from gql import Client as GqlClient
from gql import gql
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.builders import package
from tests.server import Client, Server, running

PATH = "/api/graphql"
FOLLOW = "subscription($c: String!) { channelChanged(name: $c) { revision action filename } }"
VIEWER = "{ viewer { login } }"
FRIEND = "https://friend.example"
EVIL = "https://evil.example"

Heard = tuple[int, str]


@pytest.fixture(scope="module", params=["granian", "uvicorn"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Server]:
    """Serve with two workers, and let one other site ask."""
    data = tmp_path_factory.mktemp("site") / "data"
    options = ("--server", request.param, "--workers", "2")
    with running(data, *options, GRAPHREPO_ALLOWED_ORIGINS=FRIEND) as started:
        yield started


@pytest.fixture
def olga(site: Server) -> Generator[Client]:
    with site.client("olga") as client:
        yield client


@pytest.fixture
def cookie(site: Server) -> str:
    """Olga's session, as her browser sends it."""
    with site.client() as client:
        client.sign_in("olga")
        return f"graphrepo_session={client.http.cookies['graphrepo_session']}"


class Phone:
    """The client's end of a WebSocket."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire

    def say(self, **message: object) -> None:
        self._wire.send(json.dumps(message))

    def hear(self) -> dict[str, Any]:
        return json.loads(self._wire.recv(timeout=20))

    def begin(self, **payload: object) -> None:
        self.say(type="connection_init", payload=payload)
        assert self.hear() == {"type": "connection_ack"}

    def subscribe(self, query: str, **variables: object) -> None:
        self.say(type="subscribe", id="1", payload={"query": query, "variables": variables})

    def login(self) -> object:
        """Return whom the server takes this for."""
        self.subscribe(VIEWER)
        viewer = self.hear()["payload"]["data"]["viewer"]
        assert self.hear() == {"type": "complete", "id": "1"}
        return viewer and viewer["login"]

    def changes(self) -> Iterator[Heard]:
        while True:
            yield _change(self.hear()["payload"])

    def close_code(self) -> int | None:
        """Return the code with which the server closes."""
        with pytest.raises(ConnectionClosed) as caught:
            self._wire.recv(timeout=20)
        return caught.value.rcvd.code if caught.value.rcvd else None


def _change(result: dict[str, Any]) -> Heard:
    change = result["data"]["channelChanged"]
    return change["revision"], change["filename"]


@contextmanager
def phone(server: Server, origin: str | None = None, **headers: str) -> Generator[Phone]:
    """Open a WebSocket."""
    with connect(
        server.url.replace("http", "ws", 1) + PATH,
        subprotocols=[Subprotocol("graphql-transport-ws")],
        origin=None if origin is None else Origin(origin),
        additional_headers=headers,
        proxy=None,
    ) as wire:
        yield Phone(wire)


@contextmanager
def events(client: Client, channel: str) -> Generator[Iterator[Heard]]:
    """Follow a channel by server-sent events."""
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {client.token}"}
    body = {"query": FOLLOW, "variables": {"c": channel}}
    with client.http.stream("POST", PATH, json=body, headers=headers) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        lines = (line for line in answer.iter_lines() if line.startswith("data: "))
        yield (_change(json.loads(line.removeprefix("data: "))) for line in lines)


def stir(client: Client, channel: str, listeners: list[Iterator[Heard]]) -> None:
    """Upload until everybody has heard of it: no message says that a subscription stands."""
    waiting = [Thread(target=next, args=(listener,)) for listener in listeners]
    for thread in waiting:
        thread.start()
    number = 0
    while any(thread.is_alive() for thread in waiting):
        client.publish(channel, package("stir", str(number)))
        number += 1


def story(listener: Iterator[Heard], count: int) -> list[Heard]:
    """Return the next changes that are not of ``stir``."""
    found: list[Heard] = []
    while len(found) < count:
        revision, filename = next(listener)
        found += [] if filename.startswith("stir") else [(revision, filename)]
    return found


def test_subscribers_of_every_worker_hear_everything_once_and_in_order(
    site: Server, olga: Client
) -> None:
    channel = olga.create_channel(is_public=False)
    built = [package("then", str(number)) for number in range(12)]
    with ExitStack() as stack:
        listeners: list[Iterator[Heard]] = []
        for _ in range(5):
            line = stack.enter_context(phone(site))
            line.begin(authorization=f"Bearer {olga.token}")
            line.subscribe(FOLLOW, c=channel)
            listeners.append(line.changes())
        reader = stack.enter_context(site.client("mia"))
        listeners.append(stack.enter_context(events(reader, channel)))
        stir(olga, channel, listeners)
        carl = stack.enter_context(site.client("carl"))
        other = Thread(target=carl.publish, args=(channel, *built[6:]))
        other.start()
        olga.publish(channel, *built[:6])
        other.join()
        stories = [story(listener, len(built)) for listener in listeners]
    assert all(told == stories[0] for told in stories)
    first = stories[0][0][0]
    assert [revision for revision, _ in stories[0]] == list(range(first, first + len(built)))
    assert {name for _, name in stories[0]} == {file.filename for file in built}


def test_a_client_library_follows(site: Server, olga: Client) -> None:
    channel = olga.create_channel()

    async def follow() -> Heard:
        transport = WebsocketsTransport(
            url=site.url.replace("http", "ws", 1) + PATH,
            init_payload={"authorization": f"Bearer {olga.token}"},
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            connect_args={"proxy": None},
        )
        async with GqlClient(transport=transport) as session:
            request = gql(FOLLOW)
            request.variable_values = {"c": channel}
            changes = session.subscribe(request)
            uploads = asyncio.create_task(asyncio.to_thread(_keep_uploading, olga, channel, done))
            first = await anext(changes)
            await changes.aclose()
            done.append(True)
            await uploads
            return _change({"data": first})

    done: list[bool] = []
    assert asyncio.run(follow())[1].startswith("stir")


def _keep_uploading(client: Client, channel: str, done: list[bool]) -> None:
    number = 0
    while not done:
        client.publish(channel, package("stir", str(number)))
        number += 1


def make_private(olga: Client, channel: str) -> None:
    olga.ask("mutation($c: String!) {updateChannel(name: $c, isPublic: false) {name}}", c=channel)


def delete(olga: Client, channel: str) -> None:
    olga.ask("mutation($c: String!) {deleteChannel(name: $c) {name}}", c=channel)


@pytest.mark.parametrize("end", [make_private, delete])
def test_a_stranger_hears_nothing_after_the_right_has_ended(
    site: Server, olga: Client, end: Callable[[Client, str], None]
) -> None:
    channel = olga.create_channel()
    with phone(site) as line:
        line.begin()
        line.subscribe(FOLLOW, c=channel)
        stir(olga, channel, [line.changes()])
        end(olga, channel)
        message = line.hear()
        while message["payload"]["data"]:  # of uploads before the end
            message = line.hear()
        assert message["payload"]["errors"][0]["extensions"] == {"code": "not_authenticated"}
        assert line.hear() == {"type": "complete", "id": "1"}


def test_a_revoked_key_hears_nothing_more(site: Server, olga: Client) -> None:
    channel = olga.create_channel()
    token = olga.ask('mutation {createApiKey(name: "brief") {key}}')["createApiKey"]["key"]
    with phone(site) as line:
        line.begin(authorization=token)
        line.subscribe(FOLLOW, c=channel)
        stir(olga, channel, [line.changes()])
        olga.ask('mutation {deleteApiKey(name: "brief")}')
        message = line.hear()
        while message["payload"]["data"]:
            message = line.hear()
        assert message["payload"]["errors"][0]["extensions"] == {"code": "not_authenticated"}


def test_the_request_may_say_who_is_asking(site: Server, olga: Client, cookie: str) -> None:
    key = {"Authorization": f"Bearer {olga.token}"}
    typed = {"Authorization": f"Basic {b64encode(olga.token.encode()).decode()}"}
    for origin, headers, login in (
        (None, {}, None),
        (None, typed, "olga"),
        (site.url, typed, "olga"),
        (FRIEND, typed, None),  # the browser adds it by itself, as it would a cookie
        (None, key, "olga"),
        (None, {"Cookie": cookie}, "olga"),
        (site.url, {"Cookie": cookie}, "olga"),
        (FRIEND, {"Cookie": cookie}, None),  # a page of another site never has the cookie
        (FRIEND, key, "olga"),
    ):
        with phone(site, origin, **headers) as line:
            line.begin()
            assert line.login() == login, (origin, headers)


def test_pages_of_other_sites_do_not_get_in(site: Server, cookie: str) -> None:
    with pytest.raises(InvalidStatus) as caught, phone(site, EVIL, Cookie=cookie):
        pass
    assert caught.value.response.status_code == 403


def test_a_breach_of_the_protocol_has_its_code(site: Server) -> None:
    with phone(site) as line:
        line.subscribe(VIEWER)
        assert line.close_code() == 4401
    with phone(site) as line:
        line.begin()
        line.say(type="connection_init")
        assert line.close_code() == 4429
    with phone(site) as line:
        line.say(type="nonsense")
        assert line.close_code() == 4400
    with phone(site) as line:
        line.say(type="connection_init", payload={"authorization": "Bearer gr-" + "x" * 40})
        assert line.close_code() == 4403


def test_other_sites_ask_with_keys_and_never_with_the_cookie(
    site: Server, olga: Client, cookie: str
) -> None:
    asking = {
        "Origin": FRIEND,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    with site.client() as page:
        allowed = page.request("OPTIONS", PATH, headers=asking)
        assert (allowed.status_code, allowed.content) == (204, b"")
        assert allowed.headers["access-control-allow-origin"] == FRIEND
        refused = page.request("OPTIONS", PATH, headers={**asking, "Origin": EVIL})
        assert "access-control-allow-origin" not in refused.headers
        for given, viewer in (
            ({"Cookie": cookie}, None),
            ({"Authorization": f"Bearer {olga.token}"}, {"login": "olga"}),
        ):
            headers = {"Origin": FRIEND, **given}
            answer = page.request("POST", PATH, json={"query": VIEWER}, headers=headers)
            assert answer.json() == {"data": {"viewer": viewer}}
            assert answer.headers["access-control-allow-origin"] == FRIEND
            assert "access-control-allow-credentials" not in answer.headers


def test_files_and_failures_of_channels_are_open_to_other_sites(site: Server, olga: Client) -> None:
    channel = olga.create_channel()
    olga.publish(channel, package("a"))
    with site.client() as page:
        for path, status in (
            (f"/{channel}/noarch/repodata.json", 200),
            (f"/{channel}/noarch/none.json", 404),
        ):
            answer = page.get(path, headers={"Origin": FRIEND})
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == FRIEND
            assert "Origin" in answer.headers["vary"]
            assert "ETag" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("kind", ["granian", "uvicorn"])
def test_the_server_stops_while_somebody_follows(tmp_path: Path, kind: str) -> None:
    with running(tmp_path / "data", "--server", kind) as server, server.client("olga") as olga:
        channel = olga.create_channel()
        headers = {"Accept": "text/event-stream"}
        params = {"query": f'subscription {{ channelChanged(name: "{channel}") {{ revision }} }}'}
        with (
            phone(server) as line,
            server.client() as visitor,
            visitor.http.stream("GET", PATH, params=params, headers=headers) as answer,
        ):
            line.begin()
            lines = answer.iter_lines()
            until_event = Thread(target=lambda: next(line for line in lines if "next" in line))
            until_event.start()
            number = 0
            while until_event.is_alive():
                olga.publish(channel, package("stir", str(number)))
                number += 1
            os.kill(server.process, signal.SIGTERM)
            # It would take 20 seconds to lose its patience, and then cut the answer off.
            assert [line for line in lines if line.startswith("event")][-1] == "event: complete"
            line.close_code()
