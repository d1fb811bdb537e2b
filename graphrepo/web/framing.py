"""Requests whose beginning or end two parties may see differently, refused before they are used.

A proxy in front and the server behind must agree where a request ends and whom it is for
(RFC 9112, 11.2). What web servers let through and can be read in two ways ends here, together
with its connection, so that nothing behind it is taken for another request.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphrepo.errors import InvalidRequestError
from graphrepo.intake.body import Receive
from graphrepo.web.asgi import App, Reply, Scope, Send, headers_of, send_reply
from graphrepo.web.errors import error_reply

# RFC 3986, 3.2.2: a name or an address; names of machines in a container network have underscores.
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]*)(?::[0-9]*)?")
_CLOSE: Final = ("connection", "close")


@dataclass(frozen=True, slots=True)
class Framing:
    """Lets through what can be read in one way alone, as ASGI middleware."""

    app: App

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it and end its connection."""
        flaw = flaw_of(scope)
        if not flaw:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            said = error_reply(InvalidRequestError(flaw), scope)
            await send_reply(Reply(said.status, (*said.headers, _CLOSE), said.body), scope, send)


def flaw_of(scope: Scope) -> str:
    """Return what is wrong with a request's frame, as a sentence; empty if nothing is."""
    fields = headers_of(scope)
    if scope["http_version"] == "0.9":  # what follows its line may be meant as headers
        return "Speak HTTP/1.1: the first line of a request ends with it."
    return _unclear_place(scope, fields.get("host", "")) or _unclear_end(fields)


def _unclear_place(scope: Scope, host: str) -> str:
    if not host and scope["http_version"] == "1.1":  # HTTP/1.0 had none
        return "An HTTP/1.1 request must say its host; send the header Host."
    if not _HOST.fullmatch(host):  # two of them are joined by a comma
        return "The header Host must be there once and hold one name or address, with its port."
    if not scope["path"].startswith(("/", "*")):
        return "Ask for a path of this server, not for the whole of an address."
    return ""


def _unclear_end(fields: Mapping[str, str]) -> str:
    coding = fields.get("transfer-encoding")
    if coding is None:
        return ""
    if "content-length" in fields:  # RFC 9112, 6.1: an attempt at request smuggling
        return "A body has either Content-Length or Transfer-Encoding; send one of them."
    if coding.strip().lower() != "chunked":
        return "The only Transfer-Encoding that this server takes is chunked, once."
    return ""
