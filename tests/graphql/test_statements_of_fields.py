"""Every field of every type costs the same number of statements for 3 rows and for 30.

The questions are read off the schema, so a new field is asked for without being listed here.
"""

from collections import deque
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_leaf_type,
    is_required_argument,
)

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode
from graphrepo.graphql.schema import build_schema, core
from graphrepo.registry.requests import NewApiKey
from tests.builders import package
from tests.clocks import HandClock
from tests.graphql.asking import Api
from tests.graphql.test_statements import statements
from tests.registry.world import World

SCHEMA: Final = core(build_schema())
PAGE: Final = "PageResult"
ALONE: Final = frozenset(
    {"BackgroundJob", "BackgroundJobResult", "ChannelResult", "QuarantineResult"}
)
"""Types of which an answer holds a single one, with what it brings along."""

EXAMPLES: Final = {
    "matchSpec": '"shared"',
    "pattern": '"share/shared.txt"',
}
"""A value for each argument that a field cannot do without."""

Holder = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True)
class Case:
    """A field of a type, and the question that asks for it of many rows at once."""

    name: str
    query: str


def written(field: GraphQLField) -> str:
    """Return the type as the schema writes it, such as ``[Url!]!``."""
    return str(cast("Any", field).type)


def inner(field: GraphQLField) -> object:
    return SCHEMA.type_map[written(field).strip("[]!")]


def arguments(field: GraphQLField, limit: int) -> str | None:
    """Return the arguments to ask with, or none where nobody knows a value for one of them."""
    given = {"limit": str(limit)} if "limit" in field.args else {}
    for name, argument in field.args.items():
        if is_required_argument(argument):
            if name not in EXAMPLES:
                return None
            given[name] = EXAMPLES[name]
    return (
        "(" + ", ".join(f"{name}: {value}" for name, value in given.items()) + ")" if given else ""
    )


def leaves(kind: Holder) -> str:
    """Return a selection of everything that a value has by itself."""
    names = [
        name
        for name, field in kind.fields.items()
        if is_leaf_type(inner(field)) and not any(map(is_required_argument, field.args.values()))
    ]
    items = kind.fields["page"] if kind.name.endswith(PAGE) else None
    of_items = f"page {leaves(of_kind(items))}" if items else ""
    return "{ " + " ".join(["__typename", *names, of_items]) + " }"


def of_kind(field: GraphQLField) -> Holder:
    kind = inner(field)
    assert isinstance(kind, Holder)
    return kind


def is_many(field: GraphQLField) -> bool:
    text = written(field)
    return text.startswith("[") or text.strip("!").endswith(PAGE)


def ways() -> Mapping[str, tuple[str, ...]]:
    """Return for each type the shortest way to many of its values, as nested selections."""
    found: dict[tuple[str, bool], tuple[str, ...]] = {}
    left: deque[tuple[Holder, bool, tuple[str, ...]]] = deque()
    assert SCHEMA.query_type is not None
    left.append((SCHEMA.query_type, False, ()))
    while left:
        kind, has_many, way = left.popleft()
        if (kind.name, has_many) in found:
            continue
        found[kind.name, has_many] = way
        for name, field in kind.fields.items():
            asked = arguments(field, 3 if has_many else 40)
            if isinstance(inner(field), Holder) and asked is not None:
                left.append((of_kind(field), has_many or is_many(field), (*way, f"{name}{asked}")))
    return {name: way for (name, has_many), way in found.items() if has_many or name == "Query"}


def cases() -> Iterator[Case]:
    for name, way in ways().items():
        if name.endswith(PAGE):
            continue  # asked for by the field that returns it
        kind = SCHEMA.type_map[name]
        assert isinstance(kind, Holder)
        for field_name, field in kind.fields.items():
            asked = arguments(field, 3 if way else 40)
            if asked is not None:
                below = leaves(of_kind(field)) if isinstance(inner(field), Holder) else ""
                steps = "".join(f"{{ {step} " for step in way)
                query = f"{steps}{{ {field_name}{asked} {below} }}{' }' * len(way)}"
                yield Case(f"{name}.{field_name}", query)


CASES: Final = tuple(cases())


class Crowd:
    """A world that grows: everybody has a channel, and a share in one of all."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.owner = world.person("ada", is_admin=True)
        self.owner.create_channel("all")
        self.size = 0

    def grow(self, size: int) -> None:
        for number in range(self.size, size):
            self._add(number)
        self.size = size

    def _add(self, number: int) -> None:
        person = self.world.person(f"user-{number}")
        person.create_channel(f"channel-{number}")
        self.owner.add_member("all", person, Role.CONTRIBUTOR)
        registry = self.world.registry
        key = NewApiKey(f"key-{number}", AccessMode.READ, None, f"channel-{number}")
        self.world.run(registry.keys.create(self.owner.viewer, key))
        needs = [f"package-{max(0, number - 1)} >=1"]
        about = {"home": "https://example.org", "summary": f"number {number}"}
        for version in ("1.0", "2.0"):
            built = package(f"package-{number}", version, about=about, depends=needs)
            person.publish("all", built)
        # One file for each: the search for a path reads fifty at a time.
        shared = package("shared", about=about, depends=needs, files={"share/shared.txt": b"text"})
        person.publish(f"channel-{number}", shared)


Counts = Mapping[str, tuple[int, int]]


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Generator[Counts]:
    """Return the number of statements of each case, for few rows and for many."""
    world = World(tmp_path_factory.mktemp("crowd"), HandClock())
    crowd = Crowd(world)
    few, many = (_measured(crowd, size) for size in (3, 30))
    yield {name: (few[name], many[name]) for name in few}
    world.close()


def _measured(crowd: Crowd, size: int) -> Mapping[str, int]:
    crowd.grow(size)
    api = Api(crowd.world)
    return {case.name: statements(api, crowd.owner, case.query) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rows_cost_no_statements(counts: Counts, case: Case) -> None:
    few, many = counts[case.name]
    assert few == many, case.query
    assert many <= 14


def test_every_page_and_every_relation_is_asked_for() -> None:
    kinds = [kind for kind in SCHEMA.type_map.values() if isinstance(kind, GraphQLObjectType)]
    aside = {"Mutation", "Subscription", *ALONE}
    many = {
        f"{kind.name}.{name}"
        for kind in kinds
        for name, field in kind.fields.items()
        if is_many(field) and not kind.name.startswith("__") and not kind.name.endswith(PAGE)
    }
    assert {name for name in many if name.partition(".")[0] not in aside} <= {
        case.name for case in CASES
    }
