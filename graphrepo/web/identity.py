"""Who is asking: every way in which a client may say so, read in one place.

In this order, and the first credential that is good decides:

    /t/<token>/…                    conda, micromamba; directly under the host only
    Authorization: Bearer <token>   rattler, pixi, curl
    Authorization: Basic …          any user name with the token as password, or the token alone
    Authorization: token <token>    anaconda-client
    X-API-Key: <token>              quetz's uploaders
    Cookie: graphrepo_session=…     browsers

A credential that is no good is passed over: rattler and micromamba send one token to every
channel of a host, and public channels must not refuse them for it (channel-contract.md §10).
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from graphrepo.access.viewer import ANONYMOUS, Viewer
from graphrepo.errors import CsrfError
from graphrepo.intake.body import Receive
from graphrepo.registry.accounts import Accounts
from graphrepo.web.asgi import App, Scope, Send, asked_of, client_of, header, headers_of

SESSION_COOKIE = "graphrepo_session"

_CREDENTIALS = frozenset({"authorization", "x-api-key", "cookie"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SLASHES = re.compile("/{2,}")


@dataclass(frozen=True, slots=True)
class Identity:
    """Finds the viewer and cleans the address, in front of all routes, as ASGI middleware.

    Nothing behind it, and no log, sees the token that an address carried.
    """

    app: App
    accounts: Accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the viewer into the scope's state and pass the request on."""
        path, token = split_token(normalised(scope["path"]))
        if path != scope["path"]:
            scope["path"] = path
            scope["raw_path"] = quote(path).encode("ascii")
        viewer = await self._viewer(scope, token)
        if not only_reads(scope):  # reading leaves no trace, and there is much of it
            viewer = viewer.at(client_of(scope))
        scope["state"]["viewer"] = viewer
        if scope["type"] == "http":  # a WebSocket has named its page, see ``origins``
            check_origin(scope, viewer)
        await self.app(scope, receive, send)

    async def _viewer(self, scope: Scope, path_token: str) -> Viewer:
        if not path_token and _CREDENTIALS.isdisjoint(headers_of(scope)):
            return ANONYMOUS
        asked = asked_of(scope)
        for token in _tokens(scope, path_token):
            viewer = await self.accounts.viewer_of_token(token, asked)
            if not viewer.is_anonymous:
                return viewer
        secret = session_secret(scope)
        return await self.accounts.viewer_of_session(secret, asked) if secret else ANONYMOUS


def normalised(path: str) -> str:
    """Return the path without doubled and trailing slashes; no redirect ever says so.

    The server has decoded it: ``%2B`` and ``+`` are both a plus, never a space.
    """
    if path.startswith("/") and not path.endswith("/") and "//" not in path:
        return path
    return "/" + _SLASHES.sub("/", path).strip("/")


def split_token(path: str) -> tuple[str, str]:
    """Return a normalised path without ``/t/<token>``, and that token or an empty text."""
    if not path.startswith("/t/"):
        return path, ""
    token, _, rest = path.removeprefix("/t/").partition("/")
    return f"/{rest}", token


def check_origin(scope: Scope, viewer: Viewer) -> None:
    """Refuse a change that another site may have made a browser send (CSRF).

    A page elsewhere can have a form sent with whatever the browser adds by itself, but neither a
    JSON content type nor a header of its own: those need the permission of this server.

    Raises:
        CsrfError: The request changes something, may have been made so, and has no such proof.
    """
    if only_reads(scope) or viewer.is_anonymous or not (viewer.by_cookie or by_dialog(scope)):
        return
    if not (has_json(scope) or header(scope, "x-graphrepo-csrf")):
        message = (
            "A change made in a browser session must come from this site: send JSON with"
            " Content-Type application/json, or the header X-Graphrepo-Csrf."
        )
        raise CsrfError(message)


def only_reads(scope: Scope) -> bool:
    """Return whether a request changes nothing; a WebSocket, which has no method, may."""
    return scope.get("method") in _SAFE


def by_dialog(scope: Scope) -> bool:
    """Return whether a page asks with a key that may come from the browser's own dialog.

    A browser adds that key to what any page asks, like a cookie without SameSite. Programs send
    Basic just as well, and name no page.
    """
    is_basic = header(scope, "authorization")[:6].lower() == "basic "
    return is_basic and bool(header(scope, "origin") or header(scope, "sec-fetch-site"))


def has_json(scope: Scope) -> bool:
    """Return whether the body says that it is JSON."""
    kind = header(scope, "content-type").partition(";")[0]
    return kind.strip().lower() == "application/json"


def session_secret(scope: Scope) -> str:
    """Return the value of the session cookie, or an empty text."""
    for pair in header(scope, "cookie").replace(",", ";").split(";"):
        name, _, value = pair.partition("=")
        if name.strip() == SESSION_COOKIE:
            return value.strip()
    return ""


def _tokens(scope: Scope, path_token: str) -> Iterator[str]:
    if path_token:
        yield path_token
    scheme, _, value = header(scope, "authorization").partition(" ")
    if scheme.lower() in {"bearer", "token"}:
        yield value.strip()
    elif scheme.lower() == "basic":
        yield _basic_token(value)
    if key := header(scope, "x-api-key"):
        yield key.strip()


def _basic_token(value: str) -> str:
    try:
        user, _, password = b64decode(value.strip(), validate=True).decode("latin-1").partition(":")
    except ValueError:  # also of letters beyond ASCII
        return ""
    return password or user
