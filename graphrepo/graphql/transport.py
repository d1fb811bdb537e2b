"""``/api/graphql``: GraphQL over HTTP with bounded bodies and files straight into staging.

Whatever an operation leads to is answered with status 200, its failures in ``errors``. Only a
request that holds no operation (no JSON, too large, cut off) fails as HTTP itself.

A body is taken as JSON whatever its Content-Type says, because curl's documented call sends
another one; a browser cannot use that, as ``web`` refuses cookies without the CSRF proof.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
from graphql import GraphQLError
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from graphrepo.access.viewer import ANONYMOUS, Viewer
from graphrepo.blobs.staging import StagedFile
from graphrepo.errors import (
    GraphrepoError,
    InvalidRequestError,
    TooLargeError,
    UploadInterruptedError,
)
from graphrepo.graphql.context import Context, Instance
from graphrepo.graphql.errors import error_entries
from graphrepo.graphql.limits import QueryLimits
from graphrepo.graphql.loaders import Loaders
from graphrepo.graphql.operations import (
    FORM_LIMITS,
    Operation,
    form_operation,
    json_operation,
    query_operation,
)
from graphrepo.graphql.scalars import UploadedFile
from graphrepo.graphql.schema import build_schema
from graphrepo.intake.body import Receive, body_chunks, read_all
from graphrepo.intake.multipart import FilePart, form_parts, is_form
from graphrepo.intake.receive import receive_file
from graphrepo.registry.registry import Registry

PATH: Final = "/api/graphql"
_MAX_JSON: Final = 1024 * 1024
_LOG: Final = logging.getLogger(__name__)

_Request = Request[Any, Any, State]
_READING: Final = frozenset({OperationType.QUERY})
_ANY: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})


def graphql_route(
    registry: Registry,
    instance: Instance,
    *,
    base_url: str | None = None,
    limits: QueryLimits | None = None,
) -> Sequence[HTTPRouteHandler]:
    """Return the handlers of the GraphQL address.

    Args:
        registry: answers everything.
        instance: what ``instanceConfig`` says; its ``max_upload_bytes`` bounds each file.
        base_url: the public address, where it is not the one that requests name as their host.
        limits: the most that one operation may ask for.
    """
    transport = Transport(registry, instance, base_url, limits)
    return (
        post(PATH, status_code=200, include_in_schema=False)(transport.post),
        get(PATH, include_in_schema=False)(transport.get),
    )


class Transport:
    """Reads requests, runs their operations, writes the answers."""

    def __init__(
        self,
        registry: Registry,
        instance: Instance,
        base_url: str | None,
        limits: QueryLimits | None,
    ) -> None:
        """Build the schema once for all requests."""
        self._registry = registry
        self._instance = instance
        self._base_url = base_url
        self._schema = build_schema(limits)

    async def get(self, request: _Request) -> Response[bytes]:
        """Run a query of the address's parameters, never a mutation.

        Raises:
            InvalidRequestError: there is no query.
        """
        given = request.query_params
        operation = query_operation(
            given.get("query", ""), given.get("variables"), given.get("operationName")
        )
        return _response(await self._run(request, operation, _READING))

    async def post(self, request: _Request) -> Response[bytes]:
        """Run the operation of a body.

        Raises:
            InvalidRequestError: the body holds no operation.
            TooLargeError: the body, or a file in it, is over its limit.
            UploadInterruptedError: the client left before the end.
        """
        files: list[StagedFile] = []
        try:
            operation = await self._operation(request, files)
            return _response(await self._run(request, operation, _ANY))
        except (InvalidRequestError, TooLargeError, UploadInterruptedError):
            raise
        except GraphrepoError as error:  # of a file that came with the operation
            refusal = GraphQLError(error.message, original_error=error)
            return _response(_answer(None, [refusal], None))
        finally:
            for file in files:
                await asyncio.to_thread(file.discard)

    async def _operation(self, request: _Request, files: list[StagedFile]) -> Operation:
        body = body_chunks(cast("Receive", request.receive))
        content_type = request.headers.get("content-type", "")
        if not is_form(content_type):
            return json_operation(await read_all(body, _MAX_JSON))
        gate = _Gate(self._registry, _viewer(request), self._instance.max_upload_bytes, files)
        return await form_operation(form_parts(body, content_type, FORM_LIMITS), gate.receive)

    async def _run(
        self, request: _Request, operation: Operation, allowed: frozenset[OperationType]
    ) -> dict[str, Any]:
        _LOG.debug("GraphQL operation %r", operation.name)
        try:
            result = await self._schema.execute(
                operation.query,
                variable_values=operation.variables,
                context_value=self._context(request),
                operation_name=operation.name,
                allowed_operation_types=allowed,
            )
        except InvalidOperationTypeError:
            message = "This way runs queries only; send mutations in the body of a POST."
            return _answer(None, [GraphQLError(message)], operation.name)
        return _answer(result.data, result.errors or (), operation.name)

    def _context(self, request: _Request) -> Context:
        viewer = _viewer(request)
        host = request.headers.get("host", "localhost")
        return Context(
            registry=self._registry,
            viewer=viewer,
            loaders=Loaders(self._registry, viewer),
            instance=self._instance,
            address=self._base_url or f"{request.scope['scheme']}://{host}",
        )


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


def _viewer(request: _Request) -> Viewer:
    found = request.scope["state"].get("viewer")
    return found if isinstance(found, Viewer) else ANONYMOUS


def _answer(
    data: dict[str, Any] | None, errors: Sequence[GraphQLError], operation: str | None
) -> dict[str, Any]:
    if not errors:
        return {"data": data}
    return {"data": data, "errors": error_entries(errors, operation)}


def _response(answer: dict[str, Any]) -> Response[bytes]:
    headers = {"cache-control": "no-store"}  # answers are for one viewer, some hold a new key
    return Response(msgspec.json.encode(answer), media_type="application/json", headers=headers)
