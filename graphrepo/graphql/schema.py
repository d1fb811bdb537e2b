"""The schema, assembled, and the way one operation runs through it."""

from collections.abc import Iterable, Iterator
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_operation_ast,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext

from graphrepo.errors import InvalidRequestError
from graphrepo.graphql.direct import resolve_directly
from graphrepo.graphql.documents import Documents
from graphrepo.graphql.leaves import LeafExecutor
from graphrepo.graphql.limits import QueryLimits, check_limits
from graphrepo.graphql.mutations import Mutation
from graphrepo.graphql.queries import Query
from graphrepo.graphql.scalars import SCALARS
from graphrepo.graphql.subscriptions import Subscription
from graphrepo.graphql.types_account import User


class Schema(strawberry.Schema):
    """Strawberry's schema without its own log, which would show what users typed."""

    def process_errors(
        self,
        errors: list[GraphQLError],
        execution_context: ExecutionContext | None = None,
    ) -> None:
        """Leave the errors to ``graphql.errors``, which logs the unexpected ones."""


def build_schema(limits: QueryLimits | None = None) -> Schema:
    """Return the schema; operations over the limits are refused before anything runs."""
    allowed = limits or QueryLimits()

    documents = Documents(allowed.tokens)

    class Entrance(SchemaExtension):
        """Reads the document in Strawberry's place: parse, measure, accept older forms."""

        def on_parse(self) -> Iterator[None]:
            """Put the document where Strawberry would."""
            context = self.execution_context
            self._document = documents.read(context.query or "")
            _measure(context, self._document.sent, allowed)
            context.graphql_document = self._document.wanted
            yield

        def on_validate(self) -> Iterator[None]:
            """Let Strawberry check what was not found valid before."""
            context = self.execution_context
            if self._document.is_valid:
                context.pre_execution_errors = []
            yield
            if not (self._document.is_valid or context.pre_execution_errors):
                documents.remember(self._document)

    schema = Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[User],
        extensions=[Entrance],
        execution_context_class=LeafExecutor,
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    _leave_out_null_defaults(core(schema))
    resolve_directly(core(schema))
    return schema


def core(schema: strawberry.Schema) -> GraphQLSchema:
    """Return graphql-core's schema, which Strawberry gives no public way to."""
    return schema._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def _leave_out_null_defaults(schema: GraphQLSchema) -> None:
    # Absent and null mean the same here, so "= null" at every argument would only be noise.
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            _clear(kind.fields.values())
        elif isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for field in kind.fields.values():
                _clear(field.args.values())


def _clear(values: Iterable[GraphQLArgument | GraphQLInputField]) -> None:
    for value in values:
        if value.default_value is None:
            value.default_value = Undefined


def _measure(context: ExecutionContext, document: DocumentNode, limits: QueryLimits) -> None:
    name = context.operation_name
    operation = get_operation_ast(document, name)
    if operation is None:
        raise InvalidRequestError(_no_operation(name))
    variables: dict[str, Any] = context.variables or {}
    check_limits(core(context.schema), document, operation, variables, limits)


def _no_operation(name: str | None) -> str:
    if name is None:
        return "The document must hold one operation, or operationName must choose one of several."
    return f"The document holds no operation named {name}."
