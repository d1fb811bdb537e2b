"""Plain values of many objects, completed without graphql-core's ceremony for each of them.

graphql-core builds a path, an info and a chain of calls for every field of every object: on a
page of 500 files with 25 fields each, that is nearly the whole time of the answer. What it does
for a field depends on the selection and the type alone. So it is found out once, and each
object costs a loop; a list of objects of which plain values alone are asked for costs a loop for
each field, most of them in C. Whatever is not the plain case takes graphql-core's own way: fields
with arguments or below which more is selected, values that are to be awaited, null where there
must be none, failures. Its methods used here are not public; pyproject.toml bounds its version,
and the tests compare both ways.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from types import CoroutineType, GeneratorType, NoneType
from typing import Any, Final, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    Undefined,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path, UndefinedType, gather_with_cancel
from msgspec import Raw
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graphrepo.graphql.direct import Direct, Known

_Kinds = frozenset[type]

_NONE: Final[_Kinds] = frozenset()
_SAME: Final = {
    "String": frozenset({str}),
    "ID": frozenset({str}),
    "Boolean": frozenset({bool}),
    "JSON": frozenset({dict, list, str, int, float, bool, Raw}),
}
"""Python's types whose values are the leaf's as they are, by the name of the leaf type."""
_MADE: Final = {
    "Int": frozenset({int}),
    "Float": frozenset({float}),
    "DateTime": frozenset({datetime}),
    "NaiveDate": frozenset({date}),
}
"""Those of whose values the leaf type makes another one."""
_SEQUENCES: Final = frozenset({list, tuple})


@dataclass(frozen=True, slots=True)
class _Leaf:
    """How the value of a field is read, and what is done with it by its type."""

    read: Callable[[Any], Any]
    same: _Kinds  # leave it
    made: _Kinds  # ``make`` another one
    make: Callable[[Any], Any]
    items: _Kinds | None  # where it is a list: its items are left as they are


_Plan = list[tuple[str, FieldDetailsList, _Leaf | None]]


class LeafExecutor(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor, with a short way for plain values."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Strawberry's
        """Make no plan yet."""
        super().__init__(*args, **kwargs)
        # The plan of a selection lives as long as the selection: no other one has its id.
        self._plans: dict[int, tuple[GroupedFieldSet, _Plan]] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,  # noqa: ANN401 - any view
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,  # noqa: ANN401 - graphql-core's own
    ) -> Any:  # noqa: ANN401 - a mapping, or what is to be awaited for it
        """Return the values of an object's fields, in the order of the selection."""
        results: dict[str, Any] = {}
        waiting: list[str] = []
        is_awaitable: Callable[[Any], bool] = cast("Any", self).is_awaitable
        try:
            for name, details, leaf in self._plan(parent_type, grouped_field_set):
                source = source_value
                if leaf is not None:
                    source = _short(leaf, source_value)
                    if not isinstance(source, Known):
                        results[name] = source
                        continue
                place = Path(path, name, parent_type.name)
                result = self.execute_field(parent_type, source, details, place, position_context)
                if result is not Undefined:
                    results[name] = result
                    if is_awaitable(result):
                        waiting.append(name)
        except Exception:
            if waiting:
                self.settle_in_background([results[name] for name in waiting])
            raise
        return _awaited(results, waiting) if waiting else results

    def complete_iterable_value(
        self,
        item_type: Any,  # noqa: ANN401 - graphql-core's own
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,  # noqa: ANN401 - graphql-core's own
    ) -> Any:  # noqa: ANN401 - a list, or what is to be awaited for it
        """Return the completed items of a list."""
        kind = _nullable(item_type)[1]
        if isinstance(items, list | tuple) and isinstance(kind, GraphQLObjectType):
            fields: Any = self.collect_subfields(kind, field_details_list)
            plan = self._plan(kind, fields.grouped_field_set)
            # The first one tells what the others are like, mostly.
            if not kind.is_type_of and _table(plan, items[:1]) and (table := _table(plan, items)):
                return table
        own_way: Callable[..., Any] = cast("Any", super()).complete_iterable_value
        return own_way(item_type, field_details_list, info, path, items, position_context)

    def _plan(self, parent: GraphQLObjectType, fields: GroupedFieldSet) -> _Plan:
        known = self._plans.get(id(fields))
        if known is None:
            plan = [(name, each, self._leaf(parent, each)) for name, each in fields.items()]
            known = self._plans[id(fields)] = (fields, plan)
        return known[1]

    def _leaf(self, parent: GraphQLObjectType, details: FieldDetailsList) -> _Leaf | None:
        node = details[0].node
        field = self.schema.get_field(parent, node.name.value)
        if field is None or field.args or node.arguments:
            return None
        if node.name.value == "__typename":
            return _Leaf(lambda _: parent.name, _SAME["String"], _NONE, str, None)
        resolve: Any = cast("Any", field).resolve
        if not isinstance(resolve, Direct):
            return None
        return self._of_type(field, resolve.reader(self.context_value))

    def _of_type(self, field: GraphQLField, read: Callable[[Any], Any]) -> _Leaf | None:
        kind: Any = cast("Any", field).type
        nothing, kind = _nullable(kind)
        if isinstance(kind, GraphQLList):
            inner, item = _nullable(cast("Any", kind).of_type)
            if not is_leaf_type(item):
                return None
            return _Leaf(read, nothing, _NONE, list, _SAME.get(item.name, _NONE) | inner)
        if not is_leaf_type(kind):
            return None
        made = _MADE.get(kind.name, _NONE)
        if isinstance(kind, GraphQLEnumType):
            made = frozenset({cast("Any", kind).wrapped_cls})
        make = kind.coerce_output_value
        return _Leaf(read, _SAME.get(kind.name, _NONE) | nothing, made, make, None)


def _table(plan: _Plan, items: Sequence[Any]) -> list[dict[str, Any]] | None:
    """Return the values of all objects of a list, or none where one of them is not plain."""
    names, leaves = [name for name, *_ in plan], [leaf for *_, leaf in plan]
    if not (_are_objects(items) and leaves and all(leaves)):
        return None
    columns: list[list[Any]] = []
    for leaf in cast("list[_Leaf]", leaves):
        column = _column(leaf, items)
        if column is None:
            return None
        columns.append(column)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _are_objects(items: Sequence[Any]) -> bool:
    """Return whether these are objects of one type, and nothing that stands for one."""
    kinds = set(map(type, items))
    if len(kinds) != 1 or hasattr(items[0], "__await__"):
        return False
    return not isinstance(items[0], NoneType | Exception | GeneratorType | UndefinedType)


def _column(leaf: _Leaf, sources: Sequence[Any]) -> list[Any] | None:
    """Return the completed values of a field of many objects, or none where one is not plain."""
    values: list[Any] = []
    completed = None
    with suppress(Exception):  # whoever takes the long way meets it again
        values.extend(map(leaf.read, sources))
        completed = _completed(leaf, values)
    if completed is None:
        for value in values:
            if isinstance(value, CoroutineType):
                value.close()  # the long way makes another one
    return completed


def _completed(leaf: _Leaf, values: list[Any]) -> list[Any] | None:
    kinds = set(map(type, values)) - leaf.same
    if not kinds:
        return values
    if kinds <= leaf.made:
        make, made = leaf.make, leaf.made
        return [make(value) if type(value) in made else value for value in values]
    if leaf.items is None or not kinds <= _SEQUENCES:
        return None
    items = chain.from_iterable(filter(None, values))
    if not leaf.items.issuperset(map(type, items)):
        return None
    return [None if value is None else list(value) for value in values]


def _short(leaf: _Leaf, source: object) -> object:
    """Return the completed value, or the value that graphql-core must complete."""
    try:
        value: object = leaf.read(source)
        kind = type(value)
        if kind in leaf.same:
            return value
        if kind in leaf.made:
            return leaf.make(value)
    except Exception as error:  # noqa: BLE001 - a resolver's, or a value that has no form
        return Known(error)
    if kind in _SEQUENCES and leaf.items is not None:
        items = cast("list[object]", value)
        if leaf.items.issuperset(map(type, items)):
            return list(items)
    return Known(value)


def _nullable(kind: Any) -> tuple[_Kinds, Any]:  # noqa: ANN401 - any type of graphql-core
    """Return the type of null where a type allows it, and the type without that word."""
    if isinstance(kind, GraphQLNonNull):
        return _NONE, cast("Any", kind).of_type
    return frozenset({NoneType}), kind


async def _awaited(results: dict[str, Any], waiting: list[str]) -> dict[str, Any]:
    if len(waiting) == 1:
        results[waiting[0]] = await results[waiting[0]]
        return results
    pending: list[Awaitable[Any]] = [results[name] for name in waiting]
    results.update(zip(waiting, await gather_with_cancel(*pending), strict=True))
    return results
