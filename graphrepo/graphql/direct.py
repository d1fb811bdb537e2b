"""Fields without arguments, resolved without Strawberry's conversions.

There is nothing to convert for them, and looking for it takes three times as long as such a
field itself: on a page of 500 rows that is most of an answer.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, cast

from graphql import GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from graphrepo.graphql.loading import NOT_YET, then

_RawInfo = GraphQLResolveInfo[Any]
_Resolve = Callable[[Any, _RawInfo], Any]
_Read = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Known:
    """In the place of the value that a field stands below: the field's own value, found before."""

    value: object


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that the resolver of a field without arguments may ask of its ``info``."""

    context: object


class Direct(ABC):
    """Resolves a field below a value, by that value and the context of the request alone."""

    __slots__ = ()

    def __call__(self, root: Any, info: _RawInfo) -> Any:  # noqa: ANN401 - any view, any fact
        """Resolve as graphql-core asks for it."""
        return root.value if isinstance(root, Known) else self.resolve(root, info)

    @abstractmethod
    def resolve(self, root: Any, info: _RawInfo) -> Any:  # noqa: ANN401 - as above
        """Return the field of one value."""

    @abstractmethod
    def reader(self, context: object) -> _Read:
        """Return what resolves the field of any number of values in one request."""


@dataclass(frozen=True, slots=True)
class Related(Direct):
    """A field made of what a loader has for the object's id; ``relation`` is the loader's name.

    For many objects the loader is looked up once, and what it has loaded costs one call each.
    """

    relation: str
    use: _Read

    def resolve(self, root: Any, info: _RawInfo) -> Any:  # noqa: ANN401 - Direct's
        """Return the field of one value, or what is to be awaited for it."""
        return then(getattr(info.context.loaders, self.relation), root.id, self.use)

    def reader(self, context: Any) -> _Read:  # noqa: ANN401 - the request's own
        """Return what resolves the field of any number of values."""
        relation, use = getattr(context.loaders, self.relation), self.use

        def read(root: Any) -> Any:  # noqa: ANN401 - any view, any fact
            found = relation.found.get(root.id, NOT_YET)
            return then(relation, root.id, use) if found is NOT_YET else use(found)

        return read


def resolve_directly(schema: GraphQLSchema) -> None:
    """Let every field without arguments be read or called as it was declared."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and kind is not schema.subscription_type:
            for field in kind.fields.values():
                definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
                if isinstance(definition, StrawberryField) and not definition.arguments:
                    field.resolve = _directly(definition)


def _directly(definition: StrawberryField) -> _Resolve:
    related = definition.metadata.get(Related)
    if related is not None:
        return cast("Related", related)
    resolver: Any = cast("Any", definition).base_resolver  # its own type is partly unknown
    if resolver is None:
        return _Calling(attrgetter(definition.python_name))
    method: Callable[..., Any] = resolver.wrapped_func
    takes_info = resolver.info_parameter is not None
    takes_root = len(resolver.signature.parameters) > takes_info
    if takes_root and takes_info:
        return _CallingWithInfo(method, definition)
    return _Calling(method) if takes_root else _asking(method, definition, takes_info=takes_info)


@dataclass(frozen=True, slots=True)
class _Calling(Direct):
    read: _Read

    def resolve(self, root: Any, info: _RawInfo) -> Any:  # noqa: ARG002, ANN401 - Direct's
        return self.read(root)

    def reader(self, context: object) -> _Read:  # noqa: ARG002 - Direct's
        return self.read


@dataclass(frozen=True, slots=True)
class _CallingWithInfo(Direct):
    method: Callable[..., Any]
    definition: StrawberryField

    def resolve(self, root: Any, info: _RawInfo) -> Any:  # noqa: ANN401 - Direct's
        return self.method(root, info=Info(info, self.definition))

    def reader(self, context: object) -> _Read:
        return partial(self.method, info=Surroundings(context))


def _asking(
    method: Callable[..., Any], definition: StrawberryField, *, takes_info: bool
) -> _Resolve:
    """Resolve a field of the query itself, which stands below nothing."""

    def resolve(_root: Any, info: _RawInfo) -> Any:  # noqa: ANN401 - any view, any fact
        return method(info=Info(info, definition)) if takes_info else method()

    return resolve
