"""Schema objects written as plain declarations over the registry's views.

The value behind ``Channel`` is a ``ChannelView``, never a wrapper: a field without a resolver
reads the attribute of its name, the others are static methods that take the view as ``root``.
So a row costs no object of its own, and no module needs another one to build its values.
Docstrings become the descriptions that clients see.
"""

import inspect
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import strawberry
from strawberry.types.lazy_type import LazyType
from strawberry.types.nodes import SelectedField, Selection
from strawberry.utils.str_converters import to_camel_case

from graphrepo.graphql.direct import Related

T = TypeVar("T")


def _later(name: str, module: str) -> Any:  # noqa: ANN401 - a type that does not exist yet
    return LazyType[Any, Any](name, f"graphrepo.graphql.{module}")


CHANNEL: Final = _later("Channel", "types_channel")
CHANNEL_PAGE: Final = _later("ChannelPageResult", "types_channel")
PACKAGE: Final = _later("Package", "types_package")
PACKAGE_PAGE: Final = _later("PackagePageResult", "types_package")
"""Types that are named before their module can be imported: the graph has cycles, imports none."""


def selected(info: strawberry.Info[Any, None]) -> set[str]:
    """Return the names of the fields that are asked for below this one, fragments included."""
    found: set[str] = set()
    left: list[Selection] = [part for field in info.selected_fields for part in field.selections]
    while left:
        part = left.pop()
        if isinstance(part, SelectedField):
            found.add(part.name)
        else:
            left.extend(part.selections)
    return found


def graph_type(cls: type[T]) -> type[T]:
    """Make the class a schema object; its docstring is the description."""
    return strawberry.type(cls, description=inspect.getdoc(cls))


def field(
    graphql_type: object = None, *, name: str | None = None, is_subscription: bool = False
) -> Callable[..., Any]:
    """Make a static method a field.

    ``graphql_type`` says the field's type where the method's own annotation cannot, because it
    returns a view; ``name`` replaces the name in the schema. A subscription's method returns
    an async iterator over the values of that type.
    """

    def declare(method: Any) -> object:  # noqa: ANN401 - a staticmethod, which typing cannot name
        return strawberry.field(
            method,
            name=name,
            graphql_type=graphql_type,
            is_subscription=is_subscription,
            description=inspect.getdoc(method),
        )

    return declare


def related(graphql_type: object, relation: str, *, name: str | None = None) -> Callable[..., Any]:
    """Make a function of what a loader has for an object's id a field of the object.

    ``relation`` is the name of the loader, an attribute of ``Loaders``. The function gets none
    where the loader has nothing.
    """

    def declare(method: Any) -> object:  # noqa: ANN401 - as above
        use: Callable[[Any], Any] = getattr(method, "__func__", method)
        direct = Related(relation, use)

        def resolve(root: strawberry.Parent[Any], info: strawberry.Info[Any, None]) -> object:
            return direct.resolve(root, cast("Any", info))

        return strawberry.field(
            resolve,
            name=name or to_camel_case(use.__name__),
            graphql_type=graphql_type,
            description=inspect.getdoc(use),
            metadata={Related: direct},
        )

    return declare
