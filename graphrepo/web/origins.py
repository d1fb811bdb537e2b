"""Pages of other sites: what a browser lets them ask, and that no cookie works for them.

A browser names the site of the page that asks in ``Origin`` (RFC 6454), with every WebSocket
and every request that another site could misuse. From elsewhere the session cookie is thrown
away, whatever else happens: pages on other sites send API keys. So it is where the browser says
of a change only that it comes from elsewhere (https://w3c.github.io/webappsec-fetch-metadata).
The sites that the operator allows get the headers of CORS
(https://fetch.spec.whatwg.org/#http-cors-protocol), on the addresses of the API and of channels;
never ``Access-Control-Allow-Credentials``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from graphrepo.intake.body import Message, Receive
from graphrepo.web.asgi import (
    App,
    Headers,
    Reply,
    Scope,
    Send,
    came_by_tls,
    drop_header,
    header,
    raw_headers,
    send_reply,
)
from graphrepo.web.channel_files import is_channel_path
from graphrepo.web.identity import by_dialog, normalised, only_reads, split_token

ANY: Final = "*"

_EXPOSED: Final = (
    "access-control-expose-headers",
    "ETag, X-Channel-Revision, X-Graphrepo-Error, Content-Range, X-Request-Id",
)
_ALLOWED_HEADERS: Final = (
    "Authorization, Content-Type, X-API-Key, X-File-Name, X-File-SHA256, X-Graphrepo-Csrf"
)
_API_METHODS: Final = "GET, HEAD, POST, PUT, DELETE"
_CHANNEL_METHODS: Final = "GET, HEAD"
_REMEMBERED: Final = "7200"  # seconds; no browser keeps a preflight for longer
_FORBIDDEN: Final = 4403
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class CrossOrigin:
    """Tells this site's own pages from others, in front of whatever knows viewers, as ASGI."""

    app: App
    allowed: frozenset[str] = frozenset()
    base_url: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, without its cookie if the page is not ours."""
        origin = header(scope, "origin")
        is_foreign = not is_own(origin, scope, self.base_url) if origin else _is_forged(scope)
        if is_foreign:
            drop_header(scope, "cookie")
        is_welcome = is_foreign and bool(self.allowed & {ANY, origin.lower()})
        if scope["type"] == "websocket":
            if is_foreign and by_dialog(scope):  # no script can set it there
                drop_header(scope, "authorization")
            if is_foreign and not is_welcome:
                await send({"type": "websocket.close", "code": _FORBIDDEN})
            else:
                await self.app(scope, receive, send)
            return
        methods = _methods(scope["path"]) if self.allowed else ""
        if not methods:
            await self.app(scope, receive, send)
        elif is_welcome and _is_preflight(scope):
            headers = (("vary", "Origin"), *_permission(origin), *_preflight(methods))
            await send_reply(Reply(204, headers), scope, send)
        else:
            own = (("vary", "Origin"), *(_permission(origin) if is_welcome else ()))
            await self.app(scope, receive, _with_headers(send, own))


def is_own(origin: str, scope: Scope, base_url: str | None) -> bool:
    """Return whether the origin is this server, as the client reached it or by its own name.

    A proxy in front may speak TLS without saying so, so ``https`` is believed; but a page that
    came without TLS is not the one that came with it.
    """
    origin = origin.lower()
    if base_url is not None and origin == base_url.lower():
        return True
    scheme, _, authority = origin.partition("://")
    if scheme not in _PORTS or (scheme == "http" and came_by_tls(scope)):
        return False
    port = _PORTS[scheme]
    return _host(authority, port) == _host(header(scope, "host").lower(), port)


def _is_forged(scope: Scope) -> bool:
    """Return whether a page elsewhere asks for a change; to follow its link is to read."""
    return header(scope, "sec-fetch-site") == "cross-site" and not only_reads(scope)


def _host(authority: str, port: int) -> str:
    return authority.removesuffix(f":{port}")


def _methods(path: str) -> str:
    """Return what may be done from elsewhere at this address; nothing at pages for people."""
    path, _token = split_token(normalised(path))
    if path.startswith("/api/"):
        return _API_METHODS
    return _CHANNEL_METHODS if is_channel_path(path) else ""


def _is_preflight(scope: Scope) -> bool:
    return scope["method"] == "OPTIONS" and bool(header(scope, "access-control-request-method"))


def _permission(origin: str) -> Headers:
    # Never "*": what a browser keeps of this site's own visit must not be readable elsewhere.
    return (("access-control-allow-origin", origin), _EXPOSED)


def _preflight(methods: str) -> Headers:
    return (
        ("access-control-allow-methods", methods),
        ("access-control-allow-headers", _ALLOWED_HEADERS),
        ("access-control-max-age", _REMEMBERED),
    )


def _with_headers(send: Send, own: Iterable[tuple[str, str]]) -> Send:
    raw = raw_headers(tuple(own))

    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *raw]}
        await send(message)

    return send_with
