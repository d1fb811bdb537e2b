"""Answers given again: the same to the same request, as long as nothing changed and a second."""

import asyncio
import itertools

import pytest

from graphrepo.access.viewer import ANONYMOUS, Viewer
from graphrepo.errors import UnavailableError
from graphrepo.intake.body import Message, Receive
from graphrepo.web.asgi import Headers, Reply, Scope, Send, raw_headers, send_reply
from graphrepo.web.repeats import Repeats
from tests.builders import package
from tests.intake.streams import receiving
from tests.server import Client

ADD = """mutation($channel: String!) {
    addChannelMember(channelName: $channel, userName: "sam", role: VIEWER) {role}}"""
REMOVE = """mutation($channel: String!) {
    deleteChannelMember(channelName: $channel, userName: "sam") {role}}"""
MIA = Viewer(1, "mia")


class Site:
    """An application that counts its requests, a version and a clock."""

    def __init__(self) -> None:
        self.version: object = 1
        self.now = 0.0
        self.answered = itertools.count(1)
        self.may_repeat = True
        self.app = Repeats(self.answer, self.ask, lambda: self.now)

    async def ask(self) -> object:
        if self.version is None:
            raise UnavailableError("gone")
        return self.version

    async def answer(self, scope: Scope, _receive: Receive, send: Send) -> None:
        number = next(self.answered)
        scope["state"]["may_repeat"] = self.may_repeat
        scope["state"]["viewer"] = MIA
        scope["path"] = scope["path"].replace("//", "/")
        await send_reply(Reply(200, (), b"%d" % number), scope, send)

    def get(
        self, path: str = "/lab/noarch/a", *headers: tuple[str, str], method: str = "GET"
    ) -> Scope:
        """Ask, and return the scope with the body in it."""
        scope: Scope = {"type": "http", "method": method, "path": path, "scheme": "http"}
        scope |= {"headers": [*raw_headers(headers)], "state": {"viewer": ANONYMOUS}}
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receiving(), send))
        return {**scope, "body": b"".join(message.get("body", b"") for message in sent)}


def test_the_same_request_gets_the_same_answer() -> None:
    site = Site()
    first, second = site.get("/lab//noarch/a"), site.get("/lab//noarch/a")
    assert first["body"] == second["body"] == b"1"
    assert second["path"] == "/lab/noarch/a"  # as the log is to have it
    assert second["state"]["viewer"] is MIA


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/lab/noarch/b", ()),
        ("/lab/noarch/a", (("authorization", "Bearer x"),)),
        ("/lab/noarch/a", (("origin", "http://elsewhere"),)),
    ],
)
def test_another_request_gets_its_own(path: str, headers: Headers) -> None:
    site = Site()
    site.get()
    assert site.get(path, *headers)["body"] == b"2"


def test_a_commit_ends_it() -> None:
    site = Site()
    site.get()
    site.version = 2
    assert site.get()["body"] == b"2"


def test_a_second_ends_it() -> None:
    site = Site()
    site.get()
    site.now = 0.99
    assert site.get()["body"] == b"1"
    site.now = 1.0
    assert site.get()["body"] == b"2"


def test_a_commit_meanwhile_keeps_nothing() -> None:
    site = Site()
    answer = site.answer

    async def answer_late(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)
        site.version = 2

    site.app = Repeats(answer_late, site.ask, lambda: site.now)
    site.get()
    assert site.get()["body"] == b"2"


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("/lab/noarch/a", "HEAD", ()),
        ("/healthz", "GET", ()),
        ("/t/gr-token/lab/noarch/a", "GET", ()),
        ("/lab/noarch/a", "GET", (("content-length", "1"),)),
        ("/lab/noarch/a", "GET", (("transfer-encoding", "chunked"),)),
    ],
)
def test_some_requests_are_always_passed_on(path: str, method: str, headers: Headers) -> None:
    site = Site()
    site.get(path, *headers, method=method)
    site.get(path, *headers, method=method)
    assert next(site.answered) == 3


def test_what_is_counted_is_passed_on() -> None:
    site = Site()
    site.may_repeat = False
    site.get()
    assert site.get()["body"] == b"2"


def test_a_body_in_parts_is_not_kept() -> None:
    site = Site()

    async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["state"]["may_repeat"] = True
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"%d" % next(site.answered)})

    site.app = Repeats(answer, site.ask, lambda: site.now)
    assert [site.get()["body"], site.get()["body"]] == [b"a1", b"a2"]


def test_without_a_database_the_application_says_so() -> None:
    site = Site()
    site.version = None
    assert [site.get()["body"], site.get()["body"]] == [b"1", b"2"]


def test_a_great_number_is_not_kept() -> None:
    site = Site()
    for number in range(1025):
        site.get(f"/lab/noarch/{number}")
    assert site.get("/lab/noarch/1024")["body"] == b"1025"
    assert site.get("/lab/noarch/0")["body"] == b"1026"


@pytest.mark.both_servers
def test_what_changes_is_seen_at_once(owner: Client, stranger: Client) -> None:
    """The documents, the rights of the reader, and who may read at all."""
    channel = owner.create_channel(is_public=False)
    path = f"/{channel}/noarch/repodata.json"
    assert [stranger.get(path).status_code for _ in range(2)] == [403, 403]
    owner.ask(ADD, channel=channel)
    for version in ("1", "2"):
        built = package("a", version)
        owner.publish(channel, built)
        for _ in range(3):
            assert built.filename in stranger.get(path).text
    answers = [stranger.get(path) for _ in range(2)]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 2
    owner.ask(REMOVE, channel=channel)
    assert stranger.get(path).status_code == 403
