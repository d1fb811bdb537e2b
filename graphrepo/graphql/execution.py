"""Runs operations, whichever way they came, and puts their results into the answer's form."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import GraphQLError
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from graphrepo.access.viewer import Viewer
from graphrepo.graphql.context import Context, Instance
from graphrepo.graphql.errors import error_entries
from graphrepo.graphql.limits import QueryLimits
from graphrepo.graphql.loaders import Loaders
from graphrepo.graphql.operations import Operation
from graphrepo.graphql.schema import build_schema
from graphrepo.registry.registry import Registry

Kinds = frozenset[OperationType]
Body = dict[str, Any]

READING: Final = frozenset({OperationType.QUERY})
ONE_ANSWER: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})
FOLLOWING: Final = frozenset({OperationType.QUERY, OperationType.SUBSCRIPTION})
EVERYTHING: Final = frozenset(OperationType)

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and the scheme and authority under which they reached the server."""

    viewer: Viewer
    address: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One result as JSON; ``is_refusal`` says that the operation did not begin at all."""

    body: Body
    is_refusal: bool = False


class Execution:
    """The schema and what its resolvers need, for any number of operations."""

    def __init__(
        self,
        registry: Registry,
        instance: Instance,
        *,
        base_url: str | None = None,
        limits: QueryLimits | None = None,
    ) -> None:
        """Build the schema once.

        Args:
            registry: answers everything.
            instance: what ``instanceConfig`` says.
            base_url: the public address, where it is not the one that requests name.
            limits: the most that one operation may ask for.
        """
        self.registry = registry
        self.instance = instance
        self._base_url = base_url
        self.schema = build_schema(limits)

    async def answer(self, asker: Asker, operation: Operation, allowed: Kinds) -> Body:
        """Return the one result of a query or mutation."""
        _LOG.debug("GraphQL operation %r", operation.name)
        try:
            result = await self.schema.execute(
                operation.query,
                variable_values=operation.variables,
                context_value=self._context(asker),
                operation_name=operation.name,
                allowed_operation_types=allowed,
            )
        except InvalidOperationTypeError:
            return body_of(None, [_wrong_way(allowed)], operation.name)
        return body_of(result.data, result.errors or (), operation.name)

    async def answers(
        self,
        asker: Asker,
        operation: Operation,
        allowed: Kinds,
        begun: asyncio.Event | None = None,
    ) -> AsyncGenerator[Answer]:
        """Yield the results of any operation as they come; a subscription's have no end.

        ``begun`` is set when a subscription will miss no change any more.
        """
        _LOG.debug("GraphQL operation %r", operation.name)
        stream = await self.schema.stream(
            operation.query,
            variable_values=operation.variables,
            context_value=self._context(asker, begun),
            operation_name=operation.name,
            allowed_operation_types=allowed,
        )
        try:
            async with aclosing(stream):
                async for result in stream:
                    yield _answer(cast("ExecutionResult", result), operation.name, allowed)
        except Exception as error:  # noqa: BLE001 - of parsing and measuring, which come first
            body = body_of(None, [_located(error)], operation.name)
            yield Answer(body, is_refusal=True)

    def _context(self, asker: Asker, begun: asyncio.Event | None = None) -> Context:
        return Context(
            registry=self.registry,
            viewer=asker.viewer,
            loaders=Loaders(self.registry, asker.viewer),
            instance=self.instance,
            address=self._base_url or asker.address,
            origin=asker.address,
            begun=begun or asyncio.Event(),
        )


def body_of(data: Body | None, errors: Sequence[GraphQLError], operation: str | None) -> Body:
    """Return a result as JSON; ``operation`` is the operation's name, for the log."""
    if not errors:
        return {"data": data}
    return {"data": data, "errors": error_entries(errors, operation)}


def _answer(result: ExecutionResult, operation: str | None, allowed: Kinds) -> Answer:
    errors = result.errors or []
    if any(isinstance(error.original_error, InvalidOperationTypeError) for error in errors):
        errors = [_wrong_way(allowed)]
    body = body_of(result.data, errors, operation)
    return Answer(body, is_refusal=isinstance(result, PreExecutionError))


def _located(error: Exception) -> GraphQLError:
    if isinstance(error, GraphQLError):
        return error
    return GraphQLError(str(error), original_error=error)


def _wrong_way(allowed: Kinds) -> GraphQLError:
    if allowed == ONE_ANSWER:
        return GraphQLError(
            "A subscription has many answers; ask with Accept: text/event-stream, or over a"
            " WebSocket with the subprotocol graphql-transport-ws."
        )
    return GraphQLError("This way changes nothing; send mutations in the body of a POST.")
