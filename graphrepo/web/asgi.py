"""The few words of ASGI that this package speaks, and a whole answer as a value."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec

from graphrepo.access.viewer import Viewer
from graphrepo.intake.body import Message, Receive

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A small answer, ready to send."""

    status: int
    headers: Headers = ()
    body: bytes = b""


def json_reply(status: int, content: object, headers: Headers = ()) -> Reply:
    """Return an answer that a program reads; no cache keeps it."""
    own = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Reply(status, (*own, *headers), msgspec.json.encode(content))


async def send_reply(reply: Reply, scope: Scope, send: Send) -> None:
    """Send the answer; a HEAD gets the headers alone."""
    length = () if reply.status in {204, 304} else (("content-length", str(len(reply.body))),)
    await send_start(send, reply.status, (*reply.headers, *length))
    body = b"" if scope["method"] == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body})


async def send_start(send: Send, status: int, headers: Headers) -> None:
    """Send status and headers."""
    raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})


def header(scope: Scope, name: str) -> str:
    """Return a request header by its lower-case name, or an empty text.

    Fields sent in several lines are one list (RFC 9110, 5.3).
    """
    wanted = name.encode("latin-1")
    return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key == wanted)


def viewer_of(scope: Scope) -> Viewer:
    """Return who asks, as ``identity`` found out."""
    viewer: Viewer = scope["state"]["viewer"]
    return viewer


def came_by_tls(scope: Scope) -> bool:
    """Return whether the client's side is protected, here or by the proxy that says so.

    A client that lies in this header only takes rights away from itself.
    """
    protected = {"https", "wss"}
    return bool(protected & {scope["scheme"], header(scope, "x-forwarded-proto").lower()})


def host_of(scope: Scope) -> str:
    """Return the host name that the client used, without a port."""
    host = header(scope, "host")
    name = host[: host.rfind("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return (
        "".join(letter for letter in name if letter.isalnum() or letter in "-._[]:") or "localhost"
    )
