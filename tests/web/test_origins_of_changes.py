"""The audit log tells from where each change came, by whichever door."""

import json
from typing import Any

import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.builders import package
from tests.processes import PASSWORD
from tests.server import ADMINISTRATOR, Client, Server

FROM = {"X-Forwarded-For": "203.0.113.7"}
ELSEWHERE = "2001:db8::7"
EVENTS = """query($f: EventFilter) { events(filters: $f, limit: 5) {
    page { actor action address details } } }"""
DESCRIBE = 'mutation($c: String!) {updateChannel(name: $c, description: "x") {name}}'


@pytest.fixture(scope="module")
def channel(owner: Client) -> str:
    return owner.create_channel()


def newest(person: Client, **about: str) -> dict[str, Any]:
    filters = {name: {"eq": value} for name, value in about.items()}
    return person.ask(EVENTS, f=filters)["events"]["page"][0]


def test_an_upload_and_a_mutation_come_from_where_the_proxy_says(
    server: Server, owner: Client, channel: str
) -> None:
    with server.client(ADMINISTRATOR) as admin:
        owner.upload(channel, package("traced"), headers=FROM).raise_for_status()
        assert newest(admin, channelName=channel)["address"] == FROM["X-Forwarded-For"]
        body = {"query": DESCRIBE, "variables": {"c": channel}}
        owner.request("POST", "/api/graphql", json=body).raise_for_status()
        found = newest(admin, channelName=channel)
        assert (found["action"], found["address"]) == ("update_channel", "127.0.0.1")


def test_a_websocket_does_not_lose_the_address(server: Server, owner: Client, channel: str) -> None:
    with connect(
        server.url.replace("http", "ws", 1) + "/api/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers=FROM,
    ) as socket:
        init = {"authorization": f"Bearer {owner.token}"}
        socket.send(json.dumps({"type": "connection_init", "payload": init}))
        assert json.loads(socket.recv())["type"] == "connection_ack"
        payload = {"query": DESCRIBE, "variables": {"c": channel}}
        socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        assert "errors" not in json.loads(socket.recv())["payload"]
    assert newest(owner, channelName=channel)["address"] == FROM["X-Forwarded-For"]


def test_addresses_are_for_administrators_and_whoever_did_it(
    server: Server, owner: Client, contributor: Client, channel: str
) -> None:
    built = package("carls")
    contributor.upload(channel, built, headers=FROM).raise_for_status()
    line = newest(owner, channelName=channel)
    assert (line["actor"], line["address"]) == ("carl", None)
    with server.client(ADMINISTRATOR) as admin:
        assert newest(admin, channelName=channel)["address"] == FROM["X-Forwarded-For"]


def test_a_wrong_password_leaves_a_line_without_it(server: Server, nobody: Client) -> None:
    credentials = {"login": "sam", "password": f"not {PASSWORD}"}
    headers = {"X-Forwarded-For": ELSEWHERE}
    answer = nobody.request("POST", "/api/auth/login", json=credentials, headers=headers)
    assert answer.status_code == 401
    with server.client(ADMINISTRATOR) as admin:
        assert newest(admin, action="fail_sign_in") == {
            "actor": "anonymous",
            "action": "fail_sign_in",
            "address": ELSEWHERE,
            "details": {"login": "sam", "reason": "wrong_credentials"},
        }
