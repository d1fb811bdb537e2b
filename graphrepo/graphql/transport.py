"""``/api/graphql``: GraphQL over HTTP with bounded bodies and files straight into staging.

The same address serves answers without an end: as server-sent events to clients that prefer
them (``event_stream``), and over WebSockets (``socket``).

Whatever an operation leads to is answered with status 200, its failures in ``errors``; with 429
and Retry-After where one of them is of too much at once. Only a request that holds no operation
(no JSON, too large, cut off) fails as HTTP itself.

A body is taken as JSON whatever its Content-Type says, because curl's documented call sends
another one; a browser cannot use that, as ``web`` refuses cookies without the CSRF proof.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
from graphql import GraphQLError
from litestar import Request, WebSocket
from litestar.datastructures import State
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from graphrepo.access.viewer import ANONYMOUS, Viewer
from graphrepo.blobs.staging import StagedFile
from graphrepo.errors import (
    GraphrepoError,
    InvalidRequestError,
    TooLargeError,
    UploadInterruptedError,
)
from graphrepo.graphql.bounds import Bounds, Outlet, Send, StreamLimits, key_of
from graphrepo.graphql.compression import compressed
from graphrepo.graphql.event_stream import EventStream, wants_stream
from graphrepo.graphql.execution import (
    EVERYTHING,
    FOLLOWING,
    ONE_ANSWER,
    READING,
    Asker,
    Body,
    Execution,
    Kinds,
    body_of,
)
from graphrepo.graphql.operations import (
    FORM_LIMITS,
    Operation,
    form_operation,
    json_operation,
    query_operation,
)
from graphrepo.graphql.revalidation import KEPT_TO_BE_ASKED_AGAIN, is_held, tag_of
from graphrepo.graphql.scalars import UploadedFile
from graphrepo.graphql.socket import Caller, Conversation, converse
from graphrepo.intake.body import Receive, body_chunks, read_all
from graphrepo.intake.multipart import FilePart, form_parts, is_form
from graphrepo.intake.receive import receive_file
from graphrepo.registry.registry import Registry

_MAX_JSON: Final = 1024 * 1024

_Request = Request[Any, Any, State]
_Socket = WebSocket[Any, Any, State]
_Connection = _Request | _Socket


class Transport:
    """Reads requests, has their operations run, writes the answers."""

    def __init__(self, execution: Execution, streams: StreamLimits | None = None) -> None:
        """Count the open streams of all requests together; ``streams`` is the most of them."""
        self._execution = execution
        self._bounds = Bounds.of(streams or StreamLimits())

    async def get(self, request: _Request) -> ASGIApp:
        """Run a query or follow a subscription of the address's parameters, never a mutation.

        Raises:
            InvalidRequestError: there is no query.
            TooManySubscriptionsError: there is no room for one more stream of events.
        """
        given = request.query_params
        operation = query_operation(
            given.get("query", ""), given.get("variables"), given.get("operationName")
        )
        if wants_stream(request.headers.get("accept", "")):
            return self._stream(request, operation, FOLLOWING)
        answer = await self._execution.answer(_asker(request), operation, READING)
        return await _response(request, answer, is_read_again=True)

    async def ask(
        self, request: _Request, document: str, variables: Mapping[str, Any]
    ) -> Body | None:
        """Return the data of a query that the server's own page asks; None where it fails."""
        operation = Operation(document, dict(variables), None)
        answer = await self._execution.answer(_asker(request), operation, READING)
        return None if "errors" in answer else answer["data"]

    async def post(self, request: _Request) -> ASGIApp:
        """Run the operation of a body.

        Raises:
            InvalidRequestError: the body holds no operation.
            TooLargeError: the body, or a file in it, is over its limit.
            UploadInterruptedError: the client left before the end.
            TooManySubscriptionsError: there is no room for one more stream of events.
        """
        if is_form(request.headers.get("content-type", "")):
            return await self._post_form(request)
        body = body_chunks(cast("Receive", request.receive))
        operation = json_operation(await read_all(body, _MAX_JSON))
        if wants_stream(request.headers.get("accept", "")):
            return self._stream(request, operation, EVERYTHING)
        return await _response(
            request, await self._execution.answer(_asker(request), operation, ONE_ANSWER)
        )

    async def connect(self, socket: _Socket) -> None:
        """Run the operations of a WebSocket."""
        send, receive = cast("Send", socket.send), cast("Receive", socket.receive)
        outlet = Outlet(send, self._bounds.limits.send)
        caller = Caller(_asker(socket), _client(socket))
        talk = Conversation(self._execution, self._bounds, caller, outlet)
        await converse(talk, outlet, receive, socket.scope["subprotocols"])

    async def _post_form(self, request: _Request) -> ASGIResponse:
        with self._execution.registry.courtesy.upload(_viewer(request)):
            return await self._answer_form(request)

    async def _answer_form(self, request: _Request) -> ASGIResponse:
        files: list[StagedFile] = []
        try:
            operation = await self._form_operation(request, files)
            return await _response(
                request, await self._execution.answer(_asker(request), operation, ONE_ANSWER)
            )
        except (InvalidRequestError, TooLargeError, UploadInterruptedError):
            raise
        except GraphrepoError as error:  # of a file that came with the operation
            refusal = GraphQLError(error.message, original_error=error)
            return await _response(request, body_of(None, [refusal], None))
        finally:
            for file in files:
                await asyncio.to_thread(file.discard)

    async def _form_operation(self, request: _Request, files: list[StagedFile]) -> Operation:
        body = body_chunks(cast("Receive", request.receive))
        content_type = request.headers.get("content-type", "")
        most = self._execution.instance.max_upload_bytes
        gate = _Gate(self._execution.registry, _viewer(request), most, files)
        return await form_operation(form_parts(body, content_type, FORM_LIMITS), gate.receive)

    def _stream(self, request: _Request, operation: Operation, allowed: Kinds) -> ASGIApp:
        begun = asyncio.Event()
        answers = self._execution.answers(_asker(request), operation, allowed, begun)
        key = key_of(_viewer(request), _client(request))
        stream = EventStream(answers, self._bounds, key, begun)
        return cast("ASGIApp", stream)


@dataclass(frozen=True, slots=True)
class _Gate:
    """Lets files into staging, for viewers who may upload somewhere at all."""

    registry: Registry
    viewer: Viewer
    max_bytes: int
    files: list[StagedFile]  # everything staged; whoever made the list discards it

    async def receive(self, part: FilePart) -> UploadedFile:
        publisher = self.registry.publisher
        if not self.files:
            await publisher.authorise_anywhere(self.viewer)
        received = await receive_file(publisher.stage, part.chunks, self.max_bytes)
        self.files.append(received.staged)
        return UploadedFile(part.filename, received.staged, received.digests)


def _asker(request: _Connection) -> Asker:
    host = request.headers.get("host", "localhost")
    scheme = request.scope["scheme"].replace("ws", "http")
    return Asker(_viewer(request), f"{scheme}://{host}")


def _viewer(request: _Connection) -> Viewer:
    found = request.scope["state"].get("viewer")
    viewer = found if isinstance(found, Viewer) else ANONYMOUS
    return viewer if viewer.address else viewer.at(_client(request))


def _client(request: _Connection) -> str:
    return request.client.host if request.client else ""


async def _response(
    request: _Request, answer: Body, *, is_read_again: bool = False
) -> ASGIResponse:
    encoded = msgspec.json.encode(answer)
    # Answers are for one viewer, some hold a new key.
    caching = {"cache-control": "no-store"}
    if is_read_again and "errors" not in answer:
        tag = tag_of(encoded)
        caching = {"cache-control": KEPT_TO_BE_ASKED_AGAIN, "etag": tag}
        if is_held(tag, request.headers.get("if-none-match", "")):
            return ASGIResponse(status_code=304, headers={**caching, "vary": "accept-encoding"})
    body, headers = await compressed(encoded, request.headers.get("accept-encoding", ""))
    headers = {**caching, **headers}
    if wait := _wait(answer):
        headers["retry-after"] = str(wait)
    status = 429 if wait else 200
    return ASGIResponse(
        body=body, status_code=status, media_type="application/json", headers=headers
    )


def _wait(answer: Body) -> int:
    """Return after how many seconds to ask again, where that is what is wrong."""
    return max(
        (error["extensions"].get("retryAfter", 0) for error in answer.get("errors", ())), default=0
    )
