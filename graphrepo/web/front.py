"""What happens to every request, outermost first.

Front      gives it an id, writes its line in the log, guards its answer with headers
Unread     reads what is left of a refused body, so that the client gets to see why
Boundary   turns every failure into an answer
"""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter

from graphrepo.access.viewer import ANONYMOUS
from graphrepo.errors import UploadInterruptedError
from graphrepo.intake.body import Message, Receive, body_chunks, drain
from graphrepo.observability import RequestFacts, RequestLog
from graphrepo.web.asgi import App, Scope, Send, client_of, header, send_reply, viewer_of
from graphrepo.web.errors import error_reply
from graphrepo.web.metrics import Note, forget

_SOCKET_STATUS = {"websocket.accept": 101, "websocket.close": 403}
_FAILED = 1011  # RFC 6455, 7.4.1
GUARD = (b"x-content-type-options", b"nosniff")
"""The field that keeps browsers from guessing what a body is."""


def _request_ids() -> Iterator[str]:
    """Yield ids that no other process gives: its own beginning, then a number."""
    return map(f"{secrets.token_hex(5)}{{:06x}}".format, count())


def id_field(request_id: str) -> tuple[bytes, bytes]:
    """Return the header field that tells a client the id of its request."""
    return (b"x-request-id", request_id.encode("ascii"))


@dataclass(frozen=True, slots=True)
class Ledger:
    """Gives requests their ids, and takes note of those that were answered."""

    log: RequestLog = field(default_factory=RequestLog)
    ids: Iterator[str] = field(default_factory=_request_ids)
    meter: Note = forget

    def note(self, facts: RequestFacts) -> None:
        """Have the line of a request written, and count it."""
        self.log.note(facts)
        self.meter(facts)


@dataclass(frozen=True, slots=True)
class Front:
    """The outermost layer."""

    app: App
    ledger: Ledger = field(default_factory=Ledger)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note its line when it is done, however it ends."""
        request_id = next(self.ledger.ids)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["viewer"] = ANONYMOUS
        watched = state["answer"] = _Watched(send, request_id)
        begin = perf_counter()
        try:
            await self.app(scope, receive, watched)
        finally:
            facts = RequestFacts(
                request_id=request_id,
                method=scope.get("method", "WEBSOCKET"),
                path=scope["path"],
                status=watched.status,
                sent=watched.sent,
                seconds=perf_counter() - begin,
                login=viewer_of(scope).login,
                client=client_of(scope),
                received=state.get("received", 0),
            )
            self.ledger.note(facts)


class _Watched:
    """A ``send`` that counts what goes out and adds the headers that every answer has."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._own = (id_field(request_id), GUARD)
        self.status = 0  # as long as nothing was answered
        self.sent = 0
        self._headers: Sequence[tuple[bytes, bytes]] = ()

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
            self._headers = given = message["headers"]
            message = {**message, "headers": [*given, *self._own]}
        elif kind == "http.response.body":
            self.sent += len(message.get("body", b""))
        elif kind == "http.response.pathsend":
            self.sent += _content_length(self._headers)
        else:
            self.status = self.status or _SOCKET_STATUS.get(kind, 0)
            self.sent += len(message.get("text") or message.get("bytes") or b"")
        await self._send(message)


@dataclass(frozen=True, slots=True)
class Patience:
    """How much longer a refused body may be, and how slow any body; then the connection ends."""

    bytes: int = 256 * 1024 * 1024  # of a refused body, that are read nevertheless
    seconds: float = 30.0  # for those
    silence: float = 75.0  # seconds for which nothing may come
    pace: float = 500.0  # bytes in a second; slower ones use up the time of ``silence``


@dataclass(frozen=True, slots=True)
class Unread:
    """Reads bodies, not for ever, and what is left of them before an early answer."""

    app: App
    patience: Patience = Patience()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, watching how much of its body is read."""
        if not _has_body(scope):
            await self.app(scope, receive, send)
            return
        body = _Body(receive, self.patience)

        async def send_after_body(message: Message) -> None:
            is_start = message["type"] == "http.response.start"
            if is_start and not await _settled(scope, body, self.patience):
                message = _closing(message, scope)
            await send(message)

        try:
            await self.app(scope, body.receive, send_after_body)
        finally:
            scope["state"]["received"] = body.size


@dataclass(frozen=True, slots=True)
class Boundary:
    """Answers failures; one that comes after the status was sent breaks the connection."""

    app: App

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and answer if it fails."""
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            if scope["state"]["answer"].status:
                raise
            reply = error_reply(error, scope)
            # A future keeps the error, whose frames keep the future, the request and the
            # connection: without this, until the next collection of garbage.
            error.__traceback__ = None
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": _FAILED})
            else:
                await send_reply(reply, scope, send)


class _Body:
    """A request body that knows whether it was read, and whether to its end."""

    def __init__(self, receive: Receive, patience: Patience) -> None:
        self._receive = receive
        self._patience = patience
        self._waited = 0.0  # seconds, for the client alone
        self.is_touched = False
        self.is_over = False
        self.is_stuck = False
        self.size = 0  # of what was read

    async def receive(self) -> Message:
        self.is_touched = True
        message = await (self._receive() if self.is_over else self._in_time())
        self.is_over = not message.get("more_body", False)
        self.size += len(message.get("body", b""))
        return message

    async def _in_time(self) -> Message:
        allowed = self._patience.silence + self.size / self._patience.pace - self._waited
        begin = perf_counter()
        try:
            async with asyncio.timeout(min(allowed, self._patience.silence)):
                return await self._receive()
        except TimeoutError as error:
            self.is_stuck = True
            message = "The body came too slowly and was given up; nothing was stored. Send it anew."
            raise UploadInterruptedError(message) from error
        finally:
            self._waited += perf_counter() - begin


async def _settled(scope: Scope, body: _Body, patience: Patience) -> bool:
    """Return whether the body is out of the way, after reading what may be read of it."""
    if body.is_over:
        return True
    if body.is_stuck:
        return False
    if not body.is_touched and header(scope, "expect").lower() == "100-continue":
        return False  # the client waits for a word before it sends, and this is it
    try:
        async with asyncio.timeout(patience.seconds):
            return await drain(body_chunks(body.receive), patience.bytes)
    except TimeoutError:
        return False


def _closing(message: Message, scope: Scope) -> Message:
    if not scope["http_version"].startswith("1"):
        return message  # HTTP/2 ends the stream, and has no such header
    return {**message, "headers": [*message["headers"], (b"connection", b"close")]}


def _content_length(headers: Sequence[tuple[bytes, bytes]]) -> int:
    return next((int(value) for name, value in headers if name == b"content-length"), 0)


def _has_body(scope: Scope) -> bool:
    return header(scope, "content-length") not in {"", "0"} or bool(
        header(scope, "transfer-encoding")
    )
