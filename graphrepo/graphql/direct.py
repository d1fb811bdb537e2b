"""Fields without arguments, resolved without Strawberry's conversions.

There is nothing to convert for them, and looking for it takes three times as long as such a
field itself: on a page of 500 rows that is most of an answer.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, cast

from graphql import GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

_RawInfo = GraphQLResolveInfo[Any]
_Resolve = Callable[[Any, _RawInfo], Any]


def resolve_directly(schema: GraphQLSchema) -> None:
    """Let every field without arguments be read or called as it was declared."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and kind is not schema.subscription_type:
            for field in kind.fields.values():
                definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
                if isinstance(definition, StrawberryField) and not definition.arguments:
                    field.resolve = _directly(definition)


def _directly(definition: StrawberryField) -> _Resolve:
    resolver: Any = cast("Any", definition).base_resolver  # its own type is partly unknown
    if resolver is None:
        return _reading(definition.python_name)
    method: Callable[..., Any] = resolver.wrapped_func
    takes_info = resolver.info_parameter is not None
    takes_root = len(resolver.signature.parameters) > takes_info
    if takes_root and takes_info:
        return _calling_with_info(method, definition)
    return _calling(method) if takes_root else _asking(method, definition, takes_info=takes_info)


def _reading(name: str) -> _Resolve:
    attribute = attrgetter(name)

    def resolve(root: Any, _info: _RawInfo) -> Any:  # noqa: ANN401 - any view, any fact
        return attribute(root)

    return resolve


def _calling(method: Callable[..., Any]) -> _Resolve:
    def resolve(root: Any, _info: _RawInfo) -> Any:  # noqa: ANN401 - as above
        return method(root)

    return resolve


def _calling_with_info(method: Callable[..., Any], definition: StrawberryField) -> _Resolve:
    def resolve(root: Any, info: _RawInfo) -> Any:  # noqa: ANN401 - as above
        return method(root, info=Info(info, definition))

    return resolve


def _asking(
    method: Callable[..., Any], definition: StrawberryField, *, takes_info: bool
) -> _Resolve:
    """Resolve a field of the query itself, which stands below nothing."""

    def resolve(_root: Any, info: _RawInfo) -> Any:  # noqa: ANN401 - as above
        return method(info=Info(info, definition)) if takes_info else method()

    return resolve
