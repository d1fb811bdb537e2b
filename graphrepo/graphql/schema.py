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
    GraphQLSyntaxError,
    Undefined,
    get_operation_ast,
    parse,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext

from graphrepo.errors import InvalidRequestError, QueryTooComplexError
from graphrepo.graphql.compat import accept_older_forms
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

    class Entrance(SchemaExtension):
        """Reads the document in Strawberry's place: parse, measure, accept older forms."""

        def on_parse(self) -> Iterator[None]:
            """Put the document where Strawberry would."""
            context = self.execution_context
            context.graphql_document = _document(context, allowed)
            yield

    schema = Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[User],
        extensions=[Entrance],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    _leave_out_null_defaults(core(schema))
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


def _document(context: ExecutionContext, limits: QueryLimits) -> DocumentNode:
    text, name = context.query or "", context.operation_name
    document = _parsed(text, limits.tokens)
    operation = get_operation_ast(document, name)
    if operation is None:
        raise InvalidRequestError(_no_operation(name))
    variables: dict[str, Any] = context.variables or {}
    check_limits(core(context.schema), document, operation, variables, limits)
    return accept_older_forms(document, text)


def _parsed(text: str, most: int) -> DocumentNode:
    try:
        return parse(text, max_tokens=most)
    except GraphQLSyntaxError as error:
        if "Parsing aborted" not in error.message:  # graphql-core says so in words alone
            raise
        message = f"The query is over the limit of {most} tokens; ask in several requests."
        raise QueryTooComplexError(message) from error


def _no_operation(name: str | None) -> str:
    if name is None:
        return "The document must hold one operation, or operationName must choose one of several."
    return f"The document holds no operation named {name}."
