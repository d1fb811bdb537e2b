"""Answers given again: the same to the same request, as long as nothing changed and a second."""

import asyncio
import itertools
from collections.abc import Coroutine
from ipaddress import ip_network
from typing import Any

import pytest

from graphrepo.access.viewer import ANONYMOUS, Viewer
from graphrepo.errors import UnavailableError
from graphrepo.intake.body import Message, Receive
from graphrepo.observability import RequestFacts
from graphrepo.serving.protocol import go_on
from graphrepo.web.asgi import App, Headers, RawHeaders, Reply, Scope, Send, raw_headers, send_reply
from graphrepo.web.front import Ledger
from graphrepo.web.proxies import Proxies
from graphrepo.web.repeats import REPEAT, Repeatable
from tests.builders import package
from tests.intake.streams import receiving
from tests.server import Client

ADD = """mutation($channel: String!) {
    addChannelMember(channelName: $channel, userName: "sam", role: VIEWER) {role}}"""
REMOVE = """mutation($channel: String!) {
    deleteChannelMember(channelName: $channel, userName: "sam") {role}}"""
MIA = Viewer(1, "mia")
PROXIES = Proxies([ip_network("10.0.0.0/8")])


class Site:
    """An application that counts its requests, a server that keeps offers, a version, a clock."""

    def __init__(self) -> None:
        self.version: object = 1
        self.now = 0.0
        self.answered = itertools.count(1)
        self.may_repeat = True
        self.peer = "192.0.2.1"
        self.asked = 0  # for the version
        self.takes_time = False
        self.noted: list[RequestFacts] = []
        self.kept: dict[tuple[object, ...], Message] = {}
        self.use(self.answer)

    def use(self, app: App) -> None:
        ledger = Ledger(ids=map(str, itertools.count(1)), meter=self.noted.append)
        self.app = Repeatable(app, self.ask, ledger, PROXIES, lambda: self.now)

    async def ask(self) -> object:
        self.asked += 1
        if self.takes_time:
            await asyncio.sleep(0)
        if self.version is None:
            raise UnavailableError("gone")
        return self.version

    async def answer(self, scope: Scope, _receive: Receive, send: Send) -> None:
        number = next(self.answered)
        scope["state"]["may_repeat"] = self.may_repeat
        scope["state"]["viewer"] = MIA
        scope["path"] = scope["path"].replace("//", "/")
        await send_reply(Reply(200, (("etag", "x"),), b"%d" % number), scope, send)

    def get(
        self, path: str = "/lab/noarch/a", *headers: tuple[str, str], method: str = "GET"
    ) -> bytes:
        """Ask as a server does, and return the body."""
        return asyncio.run(self._get((method, path, *headers), raw_headers(headers)))

    async def _get(self, key: tuple[object, ...], headers: RawHeaders) -> bytes:
        offer = self.kept.pop(key, None)
        if offer is not None and await offer["again"](self.peer, "") is not None:
            self.kept[key] = offer
            return offer["body"]["body"]
        method, path = key[:2]
        scope: Scope = {"type": "http", "method": method, "path": path, "scheme": "http"}
        scope |= {"headers": [*headers], "state": {"viewer": ANONYMOUS}}
        scope |= {"extensions": {REPEAT: {}}, "client": (self.peer, 1)}
        PROXIES.settle(scope)
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receiving(), send)
        if sent[-1]["type"] == REPEAT:
            self.kept[key] = sent.pop()
        return b"".join(message.get("body", b"") for message in sent)


def test_the_same_request_gets_the_same_answer() -> None:
    site = Site()
    assert [site.get("/lab//noarch/a") for _ in range(3)] == [b"1"] * 3


def test_each_answer_is_noted_as_the_first_was() -> None:
    site = Site()
    for _ in range(3):
        site.get("/lab//noarch/a")
    told = [facts._replace(seconds=0) for facts in site.noted]
    line = RequestFacts("1", "GET", "/lab/noarch/a", 200, 1, 0, "mia", "192.0.2.1")
    assert told == [line, line._replace(request_id="2")]
    assert all(facts.seconds > 0 for facts in site.noted)


def test_an_answer_given_again_has_an_id_of_its_own_and_all_other_fields() -> None:
    site = Site()
    site.get()
    (offer,) = site.kept.values()
    assert asyncio.run(offer["again"](site.peer, "")) == (b"x-request-id", b"1")
    assert offer["start"]["status"] == 200
    fields = dict(offer["start"]["headers"])
    assert fields.keys() == {b"etag", b"content-length", b"x-content-type-options"}


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
    assert site.get(path, *headers) == b"2"


def test_the_words_of_proxies_count_by_where_they_come_from() -> None:
    site = Site()
    forwarded = ("/lab/noarch/a", ("x-forwarded-proto", "https"))
    answers: list[bytes] = []
    for site.peer in ("10.0.0.1", "10.0.0.2", "192.0.2.1", "192.0.2.2", "10.0.0.1"):
        answers.append(site.get(*forwarded))
    assert answers == [b"1", b"1", b"2", b"2", b"3"]


def test_the_line_of_a_forwarded_request_names_its_client() -> None:
    site = Site()
    site.get()
    (offer,) = site.kept.values()
    for peer in ("10.0.0.1", "192.0.2.7"):
        asyncio.run(offer["again"](peer, "198.51.100.1, 192.0.2.5"))
    assert [facts.client for facts in site.noted] == ["192.0.2.5", "192.0.2.7"]


def told(site: Site, turns: int, *, in_tasks: bool) -> int:
    """Return how often the version is asked for two requests in each turn of the event loop."""
    site.get()
    (offer,) = site.kept.values()

    async def take_in() -> None:
        loop, done = asyncio.get_running_loop(), list[object]()

        async def one() -> None:
            done.append(await offer["again"](site.peer, ""))

        def begin() -> None:
            for _ in range(2):
                if in_tasks:
                    running.append(loop.create_task(one()))
                else:
                    _first_step(one(), running)

        running: list[asyncio.Task[None]] = []
        for _ in range(turns):
            loop.call_soon(begin)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await asyncio.gather(*running)
        assert len(done) == 2 * turns
        assert None not in done

    before = site.asked
    asyncio.run(take_in())
    return site.asked - before


def _first_step(work: Coroutine[Any, Any, None], running: list[asyncio.Task[None]]) -> None:
    """Begin outside of a task, as a connection does, and go on in one if it has to wait."""
    try:
        awaited = work.send(None)
    except StopIteration:
        return
    running.append(asyncio.ensure_future(go_on(work, awaited)))


def test_requests_that_arrive_together_ask_once() -> None:
    assert told(Site(), 3, in_tasks=False) == 3


def test_what_goes_on_in_tasks_asks_each_time() -> None:
    assert told(Site(), 3, in_tasks=True) == 6


def test_a_version_that_took_time_is_not_kept() -> None:
    site = Site()
    site.takes_time = True
    assert told(site, 3, in_tasks=False) == 6


def test_a_commit_ends_it() -> None:
    site = Site()
    site.get()
    site.version = 2
    assert site.get() == b"2"


def test_a_second_ends_it() -> None:
    site = Site()
    site.get()
    site.now = 0.99
    assert site.get() == b"1"
    site.now = 1.0
    assert site.get() == b"2"


def test_a_commit_meanwhile_keeps_nothing() -> None:
    site = Site()
    answer = site.answer

    async def answer_late(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)
        site.version = 2

    site.use(answer_late)
    site.get()
    assert site.get() == b"2"


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
    assert site.get() == b"2"


def test_a_body_in_parts_is_not_kept() -> None:
    site = Site()

    async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["state"]["may_repeat"] = True
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"%d" % next(site.answered)})

    site.use(answer)
    assert [site.get(), site.get()] == [b"a1", b"a2"]


def test_without_a_database_the_application_says_so() -> None:
    site = Site()
    site.version = None
    assert [site.get(), site.get()] == [b"1", b"2"]


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
