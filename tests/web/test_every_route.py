"""Every address, asked by everybody, of a public, a private and a missing channel.

What comes out must be what ``routes`` reads off the policy. A route without a rule fails here.
"""

import re
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from litestar.routes import HTTPRoute, WebSocketRoute

from graphrepo.access.policy import Action
from graphrepo.app import create_app
from graphrepo.settings import Settings
from tests.server import Client, Server
from tests.web.conftest import Shelf
from tests.web.routes import ACTORS, ELSEWHERE, RULES, SOCKETS, Actor, Rule

UNSPOKEN = {"HEAD", "OPTIONS"}  # the first answers like GET, the second is the framework's
MISSING = "no-such-channel"
CHANGING = {"x-request-id", "date", "content-length"}


@pytest.fixture(scope="module")
def clients(server: Server, owner: Client) -> Generator[Mapping[str, Client]]:
    """Everybody, by their titles."""
    other = owner.create_channel()
    with ExitStack() as stack:
        found: dict[str, Client] = {}
        for actor in ACTORS:
            client = stack.enter_context(server.client())
            token = server.tokens.get(actor.login, "")
            if actor.key:
                mode = actor.key.mode.name
                where = {"channel": other} if actor.key.channel == ELSEWHERE else {}
                token = owner.create_key(mode=mode, **where)
            if actor.title == "somebody with a forged key":
                token = f"gr-{'A' * 40}"
            found[actor.title] = Client(client.http, actor.login, token)
        yield found


def ask(client: Client, name: str, channel: str) -> httpx.Response:
    rule = RULES[name]
    method = name.partition(" ")[0]
    path = rule.path.replace("{channel}", channel)
    if method == "GET":
        return client.get(path, headers=rule.headers)
    return client.request(method, path, headers=rule.headers, content=rule.content)


def expected(actor: Actor, rule: Rule, channel: str, *, is_public: bool | None) -> int:
    """Return the status; ``is_public`` of ``None`` is a channel that does not exist."""
    if rule.need is None:
        return rule.status
    if is_public is not None and actor.may(rule.need, channel, is_public=is_public):
        return rule.status
    return 403 if actor.login else 401


def told(answer: httpx.Response, channel: str) -> tuple[int, object, str]:
    """Return all that an answer tells, as if it had been about another channel."""

    def elsewhere(text: str) -> str:
        text = re.sub(r'class="mark [a-z]+ [a-z]+"', "", text)  # colour and form follow the name
        return re.sub(rf"\b{re.escape(channel)}\b", MISSING, text)

    headers = sorted(
        # The ETag of a page is a digest of its text, in which the channel is named.
        (name, "" if name == "etag" else elsewhere(value))
        for name, value in answer.headers.multi_items()
        if name not in CHANGING
    )
    return answer.status_code, headers, elsewhere(answer.text)


def test_every_route_has_its_rule(tmp_path: Path) -> None:
    routes = create_app(Settings(data=tmp_path)).routes
    plain = {route: re.sub(":[a-z]+", "", route.path) for route in routes}
    addresses = {
        f"{method} {path}"
        for route, path in plain.items()
        if isinstance(route, HTTPRoute)
        for method in set(map(str, route.methods)) - UNSPOKEN
    }
    assert addresses == {name for name in RULES if " /{channel}" not in name}
    sockets = {path for route, path in plain.items() if isinstance(route, WebSocketRoute)}
    assert sockets == SOCKETS
    assert all(isinstance(route, HTTPRoute | WebSocketRoute) for route in routes)


@pytest.mark.parametrize("name", RULES)
def test_everybody_is_answered_as_the_policy_says(
    clients: Mapping[str, Client], shelf: Shelf, name: str
) -> None:
    rule = RULES[name]
    kinds: dict[str, bool | None] = {shelf.public: True, shelf.private: False, MISSING: None}
    if "{channel}" not in rule.path:
        kinds = {MISSING: None}
    answers = {
        (actor, channel): ask(clients[actor.title], name, channel)
        for actor in ACTORS
        for channel in kinds
    }
    assert {key: answer.status_code for key, answer in answers.items()} == {
        (actor, channel): expected(actor, rule, channel, is_public=kinds[channel])
        for actor, channel in answers
    }
    for actor in ACTORS:
        if shelf.private in kinds and not actor.may(Action.READ, shelf.private, is_public=False):
            private, missing = answers[actor, shelf.private], answers[actor, MISSING]
            assert told(private, shelf.private) == told(missing, MISSING)


WAYS: Mapping[str, Mapping[str, str]] = {
    "JSON": {"Accept": "application/json"},
    "a page": {"Accept": "text/html"},
    "what is known already": {"If-None-Match": "*"},
    "what is newer": {"If-Modified-Since": "Thu, 01 Jan 2099 00:00:00 GMT"},
    "a part": {"Range": "bytes=0-0"},
    "what is not there": {"Range": "bytes=9999999-"},
    "gzip": {"Accept-Encoding": "gzip"},
    "a page of another site": {"Origin": "https://friend.example"},
}
PREFIXES = ("//", f"/t/gr-{'B' * 40}")
METHODS = ("HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH")


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if "{channel}" in rule.path])
def test_no_way_of_asking_tells_a_private_channel_from_a_missing_one(
    clients: Mapping[str, Client], shelf: Shelf, name: str
) -> None:
    def answer(client: Client, channel: str, question: tuple[str, str, str]) -> object:
        method, prefix, way = question
        path = prefix + RULES[name].path.replace("{channel}", channel)
        return told(client.request(method, path, headers=WAYS[way]), channel)

    questions = [("GET", "", way) for way in WAYS]
    questions += [(method, "", "JSON") for method in METHODS]
    questions += [("GET", prefix, "JSON") for prefix in PREFIXES]
    for actor in ("nobody", "stranger"):
        for question in questions:
            private = answer(clients[actor], shelf.private, question)
            assert private == answer(clients[actor], MISSING, question), (actor, question)
