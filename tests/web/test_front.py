"""The layers around every request, without a network: bodies that stay unread, failures."""

import asyncio
import gc
import logging
import weakref

import pytest

from graphrepo.errors import NotFoundError
from graphrepo.intake.body import Message, Receive, body_chunks, read_all
from graphrepo.observability import RequestLog
from graphrepo.web.asgi import App, Reply, Scope, Send, send_reply
from graphrepo.web.front import Boundary, Front, Ledger, Patience, Unread
from tests.intake.streams import GONE, part, receiving

REFUSAL = Reply(403, (), b"no\n")


def scope(method: str = "POST", version: str = "1.1", **headers: str) -> Scope:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": method,
        "path": "/x",
        "http_version": version,
        "headers": raw,
        "state": {},
    }


async def refuse(scope: Scope, _receive: Receive, send: Send) -> None:
    await send_reply(REFUSAL, scope, send)


def bounded(app: App) -> App:
    return Front(Boundary(app))


def call(app: App, asked: Scope, receive: Receive) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    async def run() -> None:
        await app(asked, receive, send)

    asyncio.run(run())
    return sent


def headers_of(sent: list[Message]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


def counted(*messages: Message) -> tuple[Receive, list[Message]]:
    """Return a ``receive`` and the list of what was taken from it."""
    taken: list[Message] = []
    give = receiving(*messages)

    async def receive() -> Message:
        taken.append(await give())
        return taken[-1]

    return receive, taken


BODY = (part(b"12345"), part(b"67890"), part(b"end", more=False))


def test_the_rest_of_a_refused_body_is_read_before_the_answer() -> None:
    receive, taken = counted(*BODY)
    sent = call(Unread(refuse), scope(content_length="13"), receive)
    assert len(taken) == 3
    assert sent[0]["status"] == 403
    assert b"connection" not in headers_of(sent)


def test_a_body_that_was_read_is_not_read_again() -> None:
    async def read(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(body_chunks(receive), 100)
        await send_reply(REFUSAL, scope, send)

    receive, taken = counted(*BODY)
    sent = call(Unread(read), scope(transfer_encoding="chunked"), receive)
    assert len(taken) == 3
    assert b"connection" not in headers_of(sent)


def test_after_too_many_bytes_the_connection_is_closed() -> None:
    receive, taken = counted(*BODY)
    app = Unread(refuse, Patience(bytes=9))
    sent = call(app, scope(content_length="13"), receive)
    assert len(taken) == 2
    assert headers_of(sent)[b"connection"] == b"close"


def test_after_too_long_a_time_the_connection_is_closed() -> None:
    receive, _ = counted(part(b"12345"))
    sent = call(Unread(refuse, Patience(seconds=0)), scope(content_length="13"), receive)
    assert headers_of(sent)[b"connection"] == b"close"


def test_http_2_has_no_connection_to_close() -> None:
    receive, _ = counted(*BODY)
    app = Unread(refuse, Patience(bytes=9))
    sent = call(app, scope(version="2", content_length="13"), receive)
    assert b"connection" not in headers_of(sent)


def test_a_client_that_waits_for_a_word_is_not_asked_to_send() -> None:
    receive, taken = counted(*BODY)
    asked = scope(content_length="13", expect="100-Continue")
    sent = call(Unread(refuse), asked, receive)
    assert taken == []
    assert headers_of(sent)[b"connection"] == b"close"


def test_a_client_that_has_left_is_answered_in_vain() -> None:
    receive, taken = counted(part(b"12345"), GONE)
    sent = call(Unread(refuse), scope(content_length="13"), receive)
    assert taken[-1] == GONE
    assert sent[0]["status"] == 403


async def read_twice(scope: Scope, receive: Receive, send: Send) -> None:
    """Read a body, then wait for whatever comes behind it."""
    await read_all(body_chunks(receive), 100)
    await receive()
    await send_reply(REFUSAL, scope, send)


def test_a_body_that_stops_coming_is_given_up() -> None:
    receive, _ = counted(part(b"12345"))
    app = Front(Unread(Boundary(read_twice), Patience(silence=0.01)))
    sent = call(app, scope(content_length="13"), receive)
    assert sent[0]["status"] == 400
    assert headers_of(sent)[b"connection"] == b"close"


def test_a_body_that_comes_too_slowly_is_given_up() -> None:
    async def trickle() -> Message:
        await asyncio.sleep(0.005)
        return part(b"x")

    app = Front(Unread(Boundary(read_twice), Patience(silence=0.02, pace=1000)))
    sent = call(app, scope(content_length="1000"), trickle)
    assert sent[0]["status"] == 400


def test_what_comes_behind_a_body_may_take_its_time() -> None:
    async def receive() -> Message:
        if left:
            return left.pop()
        await asyncio.sleep(0.02)
        return GONE

    left = [part(b"12345", more=False)]
    sent = call(
        Front(Unread(Boundary(read_twice), Patience(silence=0.01))),
        scope(content_length="5"),
        receive,
    )
    assert sent[0]["status"] == 403


@pytest.mark.parametrize("headers", [{}, {"content_length": "0"}])
def test_without_a_body_nothing_is_read(headers: dict[str, str]) -> None:
    receive, taken = counted()
    call(Unread(refuse), scope("GET", **headers), receive)
    assert taken == []


def failing(error: Exception, *, after_start: bool) -> App:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if after_start:
            await send_reply(REFUSAL, scope, send)
        raise error

    return app


def test_a_failure_becomes_an_answer() -> None:
    app = bounded(failing(NotFoundError("Nothing here."), after_start=False))
    sent = call(app, scope("GET"), receiving())
    assert (sent[0]["status"], sent[1]["body"]) == (404, b"Nothing here.\n")


def test_a_failure_does_not_keep_its_request() -> None:
    async def fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
        future = asyncio.get_running_loop().create_future()  # it and this frame know each other
        future.set_exception(NotFoundError("Nothing here."))
        await future

    def ask() -> weakref.ref[Receive]:
        receive = receiving()
        call(bounded(fail), scope("GET"), receive)
        return weakref.ref(receive)

    gc.disable()
    try:
        assert ask()() is None
    finally:
        gc.enable()


def test_a_failure_to_a_head_has_no_body() -> None:
    app = bounded(failing(NotFoundError("Nothing here."), after_start=False))
    sent = call(app, scope("HEAD"), receiving())
    assert headers_of(sent)[b"content-length"] == b"14"
    assert sent[1]["body"] == b""


def test_a_failure_after_the_status_breaks_the_connection() -> None:
    app = bounded(failing(NotFoundError("Too late."), after_start=True))
    with pytest.raises(NotFoundError):
        call(app, scope("GET"), receiving())


def test_a_cancelled_request_is_not_answered() -> None:
    async def cancelled(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        call(bounded(cancelled), scope("GET"), receiving())


def test_every_answer_is_guarded_and_has_an_id() -> None:
    sent = call(Front(refuse), scope("GET"), receiving())
    assert headers_of(sent)[b"x-content-type-options"] == b"nosniff"
    assert b"x-request-id" in headers_of(sent)


def socket() -> Scope:
    asked = scope("GET")
    del asked["method"]
    return {**asked, "type": "websocket"}


def test_a_failure_before_a_websocket_opens_shuts_it() -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise NotFoundError("Nothing here.")

    sent = call(bounded(broken), socket(), receiving())
    assert sent == [{"type": "websocket.close", "code": 1011}]


def test_a_failure_after_a_websocket_opened_is_the_servers() -> None:
    async def broken(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        raise NotFoundError("Too late.")

    with pytest.raises(NotFoundError):
        call(bounded(broken), socket(), receiving())


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ({"type": "websocket.accept"}, "WEBSOCKET /x 101 5B"),
        ({"type": "websocket.close", "code": 4403}, "WEBSOCKET /x 403 5B"),
    ],
)
def test_a_websocket_has_its_line_in_the_log(message: Message, line: str) -> None:
    async def talking(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(message)
        await send({"type": "websocket.send", "text": "hello"})
        await send({"type": "websocket.close", "code": 1000})

    written: list[str] = []
    log = RequestLog(write=written.append)
    logging.getLogger("graphrepo.request").setLevel(logging.INFO)
    call(Front(talking, Ledger(log)), socket(), receiving())
    log.flush()
    assert f" INFO graphrepo.request: {line}" in written[0]
