"""Both ways of execution lead to the same: the short one of leaves, and graphql-core's own.

``test_generated.py`` and ``test_clients.py`` compare them on the real schema; here are the
values and shapes that no real field has, or has seldom.
"""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Any, Final

import pytest
import strawberry
from graphql import GraphQLError
from msgspec import Raw
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graphrepo.graphql.direct import resolve_directly
from graphrepo.graphql.leaves import LeafExecutor
from graphrepo.graphql.scalars import JSON, SCALARS
from graphrepo.graphql.schema import Schema, core


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Word(StrEnum):
    HELLO = "hello"


@dataclass(frozen=True)
class Row:
    """What the fields of a ``Thing`` are read from: each of them is ``value``."""

    value: Any = "text"
    raises: bool = False
    waits: bool = False


TYPES: Final[Mapping[str, Any]] = {
    "text": str,
    "number": int,
    "flag": bool,
    "ratio": float,
    "ident": strawberry.ID,
    "moment": datetime,
    "day": date,
    "json": JSON,
    "colour": Colour,
    "texts": list[str],
    "gaps": list[str | None],
    "numbers": list[int],
    "nested": list[list[str]],
}
VALUES: Final[tuple[object, ...]] = (
    *("text", "", "red", Word.HELLO, b"bytes", None, True, False),
    *(0, -1, 2**40, 2**63, 1.0, 1.5, math.nan, math.inf),
    *(datetime(2026, 1, 2, 3, 4, 5, 678, UTC), date(2026, 1, 2)),
    *(Colour.BLUE, Colour, object, ValueError("a value"), GraphQLError("of GraphQL")),
    *((), [], ("a", "b"), ["a", None], ("a", 1), [1, 2], [Word.HELLO], [["a"], []], {"a": [1]}),
    *({"a"}, range(2), Raw(b'{"a": 1}')),
)


def value(root: strawberry.Parent[Row]) -> Any:  # noqa: ANN401 - anything
    if root.raises:
        raise root.value
    return _later(root.value) if root.waits else root.value


async def _later(result: object) -> object:
    await asyncio.sleep(0)
    if isinstance(result, Exception):
        raise result
    return result


def asked(root: strawberry.Parent[Row], text: str) -> str:
    return f"{root.value} {text}"


def context(root: strawberry.Parent[Row], info: strawberry.Info[str, None]) -> str:
    return f"{root.value} {info.context}"


def below(root: strawberry.Parent[Row]) -> Row:
    return root


async def below_later(root: strawberry.Parent[Row]) -> Row:
    return root


def _thing() -> Any:  # noqa: ANN401 - a type that Strawberry makes
    leaves = {
        f"{name}{end}": strawberry.field(value, graphql_type=kind if end else kind | None)
        for name, kind in TYPES.items()
        for end in ("", "_always")
    }
    later = strawberry.LazyType[Any, Any]("Thing", __name__)
    others: dict[str, Any] = {
        "asked": strawberry.field(asked),
        "context": strawberry.field(context),
        "below": strawberry.field(below, graphql_type=later | None),
        "below_later": strawberry.field(below_later, graphql_type=later),
    }
    return strawberry.type(type("Thing", (), leaves | others))


Thing = _thing()


def given(root: strawberry.Parent[tuple[Row, ...]]) -> tuple[Row, ...]:
    return root


def _schema(executor: type[StrawberryGraphQLCoreExecutionContext]) -> Schema:
    fields = {
        "things": strawberry.field(given, graphql_type=list[Thing]),
        "gaps": strawberry.field(given, graphql_type=list[Thing | None] | None),
    }
    schema = Schema(
        query=strawberry.type(type("Query", (), fields)),
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=executor,
    )
    resolve_directly(core(schema))
    return schema


SHORT: Final = _schema(LeafExecutor)
LONG: Final = _schema(StrawberryGraphQLCoreExecutionContext)


def answer(schema: Schema, rows: tuple[Row, ...], query: str) -> tuple[str, list[object]]:
    asking = schema.execute(query, {"yes": True}, context_value="here", root_value=rows)
    result = asyncio.run(asking)
    errors = result.errors or []
    assert all(each.path for each in errors), errors  # they come from running, not from reading
    return repr(result.data), [(repr(each.original_error), each.formatted) for each in errors]


def assert_same(rows: tuple[Row, ...], query: str) -> tuple[str, list[object]]:
    """Compare both ways, the order of keys and errors and the text of each value included."""
    short = answer(SHORT, rows, query)
    assert short == answer(LONG, rows, query)
    return short


@pytest.mark.parametrize("each", VALUES, ids=lambda value: repr(value).partition(" at 0x")[0])
def test_any_value_of_any_type(each: object) -> None:
    ways = [Row(each), Row(each, waits=True)]
    if isinstance(each, Exception):
        ways.append(Row(each, raises=True))
    names = [f"{name}{end}" for name in TYPES for end in ("", "Always")]
    aliased = " ".join(f"{name}: gaps {{ {name} }}" for name in names)
    strict = " ".join(f"{name}: things {{ {name} }}" for name in names if "Always" not in name)
    for row in ways:
        rows = (Row(), row, Row())
        assert_same(rows, f"{{ {aliased} }}")
        assert_same(rows, f"{{ {strict} }}")


def test_null_where_there_must_be_none_takes_the_object_with_it() -> None:
    rows = (Row(), Row(None), Row())
    data, errors = assert_same(rows, "{ gaps { textAlways } }")
    assert data == "{'gaps': [{'textAlways': 'text'}, None, {'textAlways': 'text'}]}"
    assert "Cannot return null for non-nullable field Thing.textAlways." in str(errors)
    assert "['gaps', 1, 'textAlways']" in str(errors)
    assert assert_same(rows, "{ things { textAlways } }")[0] == "None"


def test_a_failure_is_null_and_names_its_place() -> None:
    rows = (Row(), Row(ValueError("broken"), raises=True))
    data, errors = assert_same(rows, "{ things { other: text } }")
    assert data == "{'things': [{'other': 'text'}, {'other': None}]}"
    assert "ValueError('broken')" in str(errors)
    assert "['things', 1, 'other']" in str(errors)


@pytest.mark.parametrize("row", [Row(), Row(waits=True), Row(None), Row(7.5, waits=True)], ids=repr)
@pytest.mark.parametrize(
    "fields",
    [
        "__typename text",
        "a: text b: text a: text",
        "...F other: numbersAlways ...F",
        "... { text } ... on Thing @skip(if: $yes) { day } ... @include(if: $yes) { day }",
        "text @skip(if: $yes) flag @include(if: $yes) number @include(if: false)",
        "context",
        'text asked(text: "a") again: text',
        "text below { __typename text below { textAlways } } flag",
        "belowLater { text } text belowLater { flag }",
        "below { numberAlways } belowLater { text } textAlways",
        "a: belowLater { numberAlways } b: belowLater { flagAlways } numberAlways",
    ],
)
def test_any_shape(row: Row, fields: str) -> None:
    fragment = "fragment F on Thing { text flag }" if "...F" in fields else ""
    declared = "query Q($yes: Boolean!)" if "$yes" in fields else "query Q"
    for name in ("things", "gaps"):
        assert_same((Row(), row, Row()), f"{declared} {{ {name} {{ {fields} }} }} {fragment}")
