"""Documents asked for again: what was answered to the same request a moment ago, and nothing since.

Many installers of one kind send the very same request, byte for byte, credentials included. As
long as nobody has committed (``Database.version``) its answer is the same, whatever stands between
this layer and the rows. A second later it is found anew all the same, since keys expire without
a commit. Only documents that lie in memory, and that nothing counts, are kept (``may_repeat``).
"""

from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Final, NamedTuple

from graphrepo.access.viewer import Viewer
from graphrepo.errors import UnavailableError
from graphrepo.intake.body import Message, Receive
from graphrepo.web.asgi import App, Scope, Send, headers_of, viewer_of
from graphrepo.web.channel_files import is_channel_path

_BODY: Final = frozenset({"content-length", "transfer-encoding"})
_SECONDS: Final = 1.0
_MOST: Final = 1024  # answers
_BYTES: Final = 32 * 1024 * 1024  # of their bodies; most of them lie in memory anyway


class _Kept(NamedTuple):
    version: object
    until: float
    path: str
    viewer: Viewer
    start: Message
    body: Message


class Repeats:
    """Gives an answer again, as ASGI middleware inside of ``front.Front``."""

    def __init__(
        self,
        app: App,
        version: Callable[[], Awaitable[object]],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Keep nothing yet."""
        self._app = app
        self._version = version
        self._clock = clock
        self._kept: dict[Hashable, _Kept] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as a moment ago, or pass the request on."""
        if scope.get("method") != "GET" or not is_channel_path(scope["path"]):
            await self._app(scope, receive, send)
            return
        key = (scope["path"], scope["scheme"], *scope["headers"])
        version = scope["state"]["version"] = await self._now()
        kept = self._kept.get(key)
        if kept is not None and kept.version == version and self._clock() < kept.until:
            scope["path"] = kept.path
            scope["state"]["viewer"] = kept.viewer
            await send(kept.start)
            await send(kept.body)
            return
        heard = _Heard(send)
        await self._app(scope, receive, heard)
        may_repeat = version is not None and heard.is_whole and _may_repeat(scope)
        if may_repeat and await self._now() == version:
            self._keep(key, version, scope, heard)

    async def _now(self) -> object:
        try:
            return await self._version()
        except UnavailableError:  # the application will ask again, and say so in its own way
            return None

    def _keep(self, key: Hashable, version: object, scope: Scope, heard: "_Heard") -> None:
        start, body = heard.messages
        self._bytes += len(body["body"])
        if len(self._kept) >= _MOST or self._bytes > _BYTES:
            self._kept.clear()
            self._bytes = len(body["body"])
        until = self._clock() + _SECONDS
        self._kept[key] = _Kept(version, until, scope["path"], viewer_of(scope), start, body)


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
