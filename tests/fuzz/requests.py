"""The targets that read requests: their heads, who asks, forms, the texts of operations."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, build_schema

from graphrepo.access.viewer import ANONYMOUS, Viewer
from graphrepo.conda.names import parse_filename
from graphrepo.errors import GraphrepoError
from graphrepo.graphql.documents import Documents
from graphrepo.graphql.limits import QueryLimits, check_limits
from graphrepo.intake.body import Message, Receive
from graphrepo.intake.multipart import is_form
from graphrepo.web.asgi import Scope, Send, header, headers_of, host_of
from graphrepo.web.framing import flaw_of
from graphrepo.web.identity import (
    Identity,
    check_origin,
    has_json,
    normalised,
    session_secret,
    split_token,
)
from graphrepo.web.origins import is_own
from tests.fuzz.targets import FORM, PARTS, Target, parts_of

if TYPE_CHECKING:
    from graphrepo.registry.accounts import Accounts


def form_head(data: bytes) -> None:
    """Read a form whose Content-Type is the first line, then what is said of the upload."""
    kind, _, body = data.partition(b"\n")
    text = kind.decode("latin-1")
    if is_form(text):
        asyncio.run(parts_of([body], text))
    scope = _scope(b"X-File-Name: " + kind + b"\nX-File-SHA256: " + body.partition(b"\n")[0])
    with suppress(GraphrepoError):
        parsed = parse_filename(header(scope, "x-file-name"))
        assert str(parsed) == header(scope, "x-file-name")


def graphql_text(data: bytes) -> None:
    """Read the text of an operation and weigh it."""
    limits = QueryLimits()
    with suppress(GraphrepoError, GraphQLError):
        document = Documents(limits.tokens).read(data.decode(errors="replace"))
        for each in document.wanted.definitions:
            if isinstance(each, OperationDefinitionNode):
                check_limits(_schema(), document.wanted, each, {}, limits)


def framing(data: bytes) -> None:
    """Look at the head of a request: what passes has one host and one end."""
    path, _, head = data.partition(b"\n")
    scope = _scope(head, path.decode("latin-1"))
    if not flaw_of(scope):
        fields = headers_of(scope)
        assert not fields.keys() >= {"content-length", "transfer-encoding"}
        assert not set(host_of(scope)) & set(' \r\n"<>,/@')


def identity(data: bytes) -> None:
    """Clean an address, take its token away, and find what else says who is asking."""
    path, _, head = data.partition(b"\n")
    clean = normalised(path.decode(errors="replace"))
    assert clean == normalised(clean)
    assert "//" not in clean
    rest, _token = split_token(clean)
    assert rest.startswith("/")
    scope = _scope(head, rest)
    session_secret(scope)
    with suppress(GraphrepoError):
        check_origin(scope, Viewer(1, "olga", by_cookie=True))
        assert has_json(scope) or header(scope, "x-graphrepo-csrf")
    is_own(header(scope, "origin"), scope, "https://packages.example")
    asyncio.run(_nobody(scope))


def _scope(head: bytes, path: str = "/") -> Scope:
    pairs = [line.partition(b":") for line in head.split(b"\n") if line]
    headers = [(name.strip().lower(), value.strip()) for name, _, value in pairs]
    kind: Scope = {"type": "http", "method": "POST", "scheme": "http", "http_version": "1.1"}
    return {**kind, "path": path, "headers": headers, "state": {}, "client": None}


async def _nobody(scope: Scope) -> None:
    """Try each of the credentials, none of which is good."""

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        assert scope["state"]["viewer"].is_anonymous

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(_message: Message) -> None:
        raise AssertionError("nothing is sent")

    await Identity(app, cast("Accounts", _Nobody()))(scope, receive, send)


class _Nobody:
    """Accounts of a server where nobody has any."""

    async def viewer_of_token(self, token: str, _asked: object = None) -> Viewer:
        assert isinstance(token, str)
        return ANONYMOUS

    viewer_of_session = viewer_of_token


@cache
def _schema() -> GraphQLSchema:
    # As it is exported: to instrument all that the real one imports takes minutes.
    return build_schema((Path(__file__).parents[2] / "schema.graphql").read_text())


TARGETS: Mapping[str, tuple[Target, Sequence[bytes]]] = MappingProxyType(
    {
        "form_head": (
            form_head,
            [FORM.encode() + b"\n" + PARTS, b"demo-1.0-0.conda\n" + b"0" * 64],
        ),
        "graphql_text": (
            graphql_text,
            [
                b"query($n: Int = 5) { channels(limit: $n) { page { ...C } } } fragment C on C {a}",
                b'mutation { createChannel(name: "a") { name } }',
                b'subscription { channelChanged(name: "a") @skip(if: true) { revision } }',
            ],
        ),
        "framing": (
            framing,
            [
                b"/lab\nHost: [::1]:80\nTransfer-Encoding: chunked",
                b"*\nHost: a_b.c\nContent-Length: 5",
            ],
        ),
        "identity": (
            identity,
            [
                b"//t/gr-a//lab/\nAuthorization: Basic bWU6Z3ItYQ==\nOrigin: http://a\nHost: a",
                b"/\nCookie: a=b; graphrepo_session=c\nX-API-Key: k\nX-Graphrepo-Csrf: 1",
            ],
        ),
    }
)
