"""Whole files sent by the proxy in front, which is told where they are.

Inside, a whole file is handed on by its path as to any server that takes paths
(``http.response.pathsend``). Here the path becomes a header, and the body is left to the proxy:

    X-Accel-Redirect   nginx: an address that leads to nobody but nginx itself
    X-Sendfile         Apache, lighttpd: the path
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from graphrepo.intake.body import Message, Receive
from graphrepo.web.asgi import App, Scope, Send

INTERNAL: Final = "/local/blobs/"
"""Where nginx has the directory of the store; ``local`` can be no channel's name."""

_EXTENSION = "http.response.pathsend"


@dataclass(frozen=True, slots=True)
class HandOver:
    """Names files instead of sending them, as ASGI middleware.

    ``root`` is the directory of the store where nginx is in front, and none elsewhere.
    """

    app: App
    root: Path | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, taking paths in its answer."""
        scope["extensions"] = {**(scope.get("extensions") or {}), _EXTENSION: {}}
        await self.app(scope, receive, _Handing(send, self._pair))

    def _pair(self, path: str) -> tuple[bytes, bytes]:
        if self.root is None:
            return b"x-sendfile", quote(path).encode("ascii")
        address = INTERNAL + Path(path).relative_to(self.root).as_posix()
        return b"x-accel-redirect", address.encode("ascii")


class _Handing:
    """A ``send`` that holds an answer's start until it knows what follows."""

    def __init__(self, send: Send, name: Callable[[str], tuple[bytes, bytes]]) -> None:
        self._send = send
        self._name = name
        self._held: list[Message] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._held.append(message)
            return
        if message["type"] == _EXTENSION:
            self._held[0] = self._named(self._held[0], message["path"])
            message = {"type": "http.response.body", "body": b""}
        while self._held:
            await self._send(self._held.pop())
        await self._send(message)

    def _named(self, start: Message, path: str) -> Message:
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        return {**start, "headers": [*headers, self._name(path), (b"content-length", b"0")]}
