"""Answers that may be given again to the very same request, as long as nothing has changed.

Many installers of one kind send the same request, byte for byte, credentials included. As long as
nobody has committed (``Database.version``) its answer is the same, whatever stands between this
layer and the rows. A second later it is found anew all the same, since keys expire without a
commit. Only documents that lie in memory, and that nothing counts, are offered (``may_repeat``).

The server alone knows the bytes of a request. Where a scope's extensions name ``REPEAT``, it takes
such an offer as one more message behind the body, and keeps it (``serving.former``):

    start, body    the messages of the answer, without what is of one request alone
    again          an ``Again``, asked each time before the answer is given again

Behind a proxy the same words come with the addresses of many clients. No document depends on
those, so the server leaves that field out of the comparison and hands it to ``again``.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic, perf_counter
from typing import Final

from graphrepo.errors import UnavailableError
from graphrepo.intake.body import Message, Receive
from graphrepo.observability import RequestFacts
from graphrepo.web.asgi import App, Scope, Send, headers_of, viewer_of
from graphrepo.web.channel_files import is_channel_path
from graphrepo.web.front import GUARD, Ledger, id_field
from graphrepo.web.proxies import Proxies, was_believed

REPEAT: Final = "graphrepo.repeat"

Version = Callable[[], Awaitable[object]]

_BODY: Final = frozenset({"content-length", "transfer-encoding"})
_SECONDS: Final = 1.0


class Repeatable:
    """Offers answers to the server, as ASGI middleware inside of ``front.Front``."""

    def __init__(
        self,
        app: App,
        version: Version,
        ledger: Ledger,
        proxies: Proxies,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Ask for the version, and have what is given again noted in the ledger."""
        self._app = app
        self._version = version
        self._ledger = ledger
        self._proxies = proxies
        self._clock = clock
        self._together = _Together(version)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and offer its answer if it may be given again."""
        if scope.get("method") != "GET" or not is_channel_path(scope["path"]):
            await self._app(scope, receive, send)
            return
        version = scope["state"]["version"] = await _told(self._version)
        if REPEAT not in scope.get("extensions", ()):
            await self._app(scope, receive, send)
            return
        heard = _Heard(send)
        await self._app(scope, receive, heard)
        if version is not None and heard.is_whole and _may_repeat(scope):
            await send(self._offer(version, scope, heard))

    def _offer(self, version: object, scope: Scope, heard: "_Heard") -> Message:
        start, body = heard.messages
        path, login = scope["path"], viewer_of(scope).login
        status, sent = start["status"], len(body["body"])
        until, believed = self._clock() + _SECONDS, was_believed(scope)

        async def again(peer: str, forwarded_for: str) -> tuple[bytes, bytes] | None:
            begin = perf_counter()
            if believed is not None and self._proxies.is_trusted(peer) != believed:
                return None  # its other words count, or do not
            if self._clock() >= until or await self._together.now() != version:
                return None
            client = self._proxies.client(peer, forwarded_for) if forwarded_for else peer
            request_id = next(self._ledger.ids)
            seconds = perf_counter() - begin
            facts = RequestFacts(request_id, "GET", path, status, sent, seconds, login, client)
            self._ledger.note(facts)
            return id_field(request_id)

        guarded = {**start, "headers": (*start["headers"], GUARD)}
        return {"type": REPEAT, "start": guarded, "body": body, "again": again}


Again = Callable[[str, str], Awaitable[tuple[bytes, bytes] | None]]
"""Takes the address that a request came from, and what X-Forwarded-For says, if it is there.

Returns the field that the new answer has of its own, and has noted it; or none if the request
must be asked of the application again.
"""


class _Together:
    """The version, asked once for all requests that the event loop found waiting.

    The loop takes in what has arrived on all connections, then does what it was told to do soon,
    then looks again. So the requests that it takes in, outside of any task, had all arrived when
    the first of them asked. What was sent by somebody who had heard of a later change is taken in
    when the version is forgotten.
    """

    def __init__(self, version: Version) -> None:
        self._version = version
        self._known: object = None

    async def now(self) -> object:
        if self._known is not None and asyncio.current_task() is None:
            return self._known
        version = await _told(self._version)
        if (
            asyncio.current_task() is None
        ):  # else it was told later, while the loop did other things
            self._known = version
            asyncio.get_running_loop().call_soon(self._forget)
        return version

    def _forget(self) -> None:
        self._known = None


async def _told(version: Version) -> object:
    try:
        return await version()
    except UnavailableError:  # the application will ask again, and say so in its own way
        return None


class _Heard:
    """A ``send`` that remembers what it passes on, as long as that is little."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.messages: list[Message] = []

    @property
    def is_whole(self) -> bool:
        """Whether that was one start and one body, and all of it."""
        if len(self.messages) != 2:  # noqa: PLR2004 - these two
            return False
        last = self.messages[-1]
        return last["type"] == "http.response.body" and not last.get("more_body")

    async def __call__(self, message: Message) -> None:
        if len(self.messages) <= 2:  # noqa: PLR2004 - one more tells that it is no such answer
            self.messages.append(message)
        await self._send(message)


def _may_repeat(scope: Scope) -> bool:
    has_body = not _BODY.isdisjoint(headers_of(scope))
    return bool(scope["state"].get("may_repeat")) and not has_body
