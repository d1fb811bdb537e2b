"""The few words of ASGI that this package speaks, and a whole answer as a value."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec

from graphrepo.access.viewer import Viewer
from graphrepo.intake.body import Message, Receive

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

Headers = tuple[tuple[str, str], ...]
RawHeaders = tuple[tuple[bytes, bytes], ...]

_FIELDS = "graphrepo.fields"  # where a request's headers by name are kept in its scope


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
    await send_start(send, reply.status, raw_headers((*reply.headers, *length)))
    body = b"" if scope["method"] == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body})


async def send_start(send: Send, status: int, headers: RawHeaders) -> None:
    """Send status and headers."""
    await send({"type": "http.response.start", "status": status, "headers": headers})


def raw_headers(headers: Headers) -> RawHeaders:
    """Return the headers as ASGI takes them."""
    return tuple(
        (name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers
    )


def header(scope: Scope, name: str) -> str:
    """Return a request header by its lower-case name, or an empty text."""
    return headers_of(scope).get(name, "")


def headers_of(scope: Scope) -> Mapping[str, str]:
    """Return the request's headers by their lower-case names.

    Fields sent in several lines are one list (RFC 9110, 5.3).
    """
    fields: dict[str, str] | None = scope.get(_FIELDS)
    if fields is None:
        fields = scope[_FIELDS] = _fields(scope)
    return fields


def drop_header(scope: Scope, name: str) -> None:
    """Take a header away from a request, as if it had not been sent."""
    unwanted = name.encode("latin-1")
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] != unwanted]
    scope.pop(_FIELDS, None)


def _fields(scope: Scope) -> dict[str, str]:
    fields: dict[str, str] = {}
    for key, value in scope["headers"]:
        name, text = key.decode("latin-1"), value.decode("latin-1")
        fields[name] = f"{fields[name]}, {text}" if name in fields else text
    return fields


def viewer_of(scope: Scope) -> Viewer:
    """Return who asks, as ``identity`` found out."""
    viewer: Viewer = scope["state"]["viewer"]
    return viewer


def asked_of(scope: Scope) -> object:
    """Return the database's version, if this request has asked for it (``repeats``); or none."""
    return scope["state"].get("version")


def client_of(scope: Scope) -> str:
    """Return the address that the client came from, as ``proxies`` found out; or nothing."""
    return (scope.get("client") or ("",))[0]


def came_by_tls(scope: Scope) -> bool:
    """Return whether the client's side is protected, here or by a proxy (``proxies``)."""
    return scope["scheme"] in {"https", "wss"}


def address_of(scope: Scope) -> str:
    """Return the address that the client used for this server: scheme and authority."""
    return f"{'https' if came_by_tls(scope) else 'http'}://{header(scope, 'host')}"


def host_of(scope: Scope) -> str:
    """Return the host name that the client used, without a port."""
    host = header(scope, "host")
    name = host[: host.rfind("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return (
        "".join(letter for letter in name if letter.isalnum() or letter in "-._[]:") or "localhost"
    )
