"""Filters and orders, alone and nested."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.builders import package
from tests.clocks import HandClock
from tests.graphql.asking import Answer, Api
from tests.registry.world import Person, World

CHANNELS = """query($filters: ChannelFilter, $orderBy: ChannelOrderBy) {
    channels(filters: $filters, orderBy: $orderBy) { totalCount page { name } } }"""
PACKAGES = """query($filters: PackageFilter, $orderBy: PackageOrderBy) {
    packages(filters: $filters, orderBy: $orderBy) { totalCount page { name } } }"""

NUMS = ["num_py", "numba", "numpy"]


@dataclass(frozen=True)
class Asking:
    """Ada, asking about channels that no test here changes."""

    api: Api
    ada: Person

    def ask(self, query: str, **variables: object) -> Answer:
        return self.api.ask(self.ada, query, **variables)


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Generator[Asking]:
    """Fill lab and vault, which are ada's, and give sam a channel too."""
    clock = HandClock()
    world = World(tmp_path_factory.mktemp("filters"), clock)
    person = world.person("ada")
    person.create_channel("lab")
    person.create_channel("vault", is_public=False)
    person.publish("lab", package("numpy", "1.9", subdir="linux-64"))
    person.publish("lab", package("numba", "0.59", subdir="win-64"))
    person.delete("lab", "win-64/numba-0.59-0.conda")
    for channel, built in (
        ("lab", package("numpy", "2.0")),
        ("lab", package("numba", "0.60")),
        ("lab", package("num_py", "1.0")),
        ("vault", package("scipy", "1.0", subdir="linux-64")),
    ):
        clock.advance(timedelta(minutes=1))
        person.publish(channel, built)
    world.person("sam").create_channel("sams")
    yield Asking(Api(world), person)
    world.close()


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (None, ["num_py", "numba", "numpy", "scipy"]),
        ({}, ["num_py", "numba", "numpy", "scipy"]),
        ({"name": {}}, ["num_py", "numba", "numpy", "scipy"]),
        ({"name": {"eq": "numpy"}}, ["numpy"]),
        ({"name": {"ne": "numpy"}}, ["num_py", "numba", "scipy"]),
        ({"name": {"isIn": ["numpy", "scipy", "none"]}}, ["numpy", "scipy"]),
        ({"name": {"isIn": []}}, []),
        ({"name": {"isNotIn": ["numpy"]}}, ["num_py", "numba", "scipy"]),
        ({"name": {"isNotIn": []}}, ["num_py", "numba", "numpy", "scipy"]),
        ({"name": {"startsWith": "num"}}, ["num_py", "numba", "numpy"]),
        ({"name": {"startsWith": "num_"}}, ["num_py"]),
        ({"name": {"contains": "%"}}, []),
        ({"name": {"endsWith": "py"}}, ["num_py", "numpy", "scipy"]),
        ({"name": {"contains": "um", "ne": "numba"}}, ["num_py", "numpy"]),
        ({"or": [{"name": {"eq": "numpy"}}, {"name": {"eq": "scipy"}}]}, ["numpy", "scipy"]),
        ({"or": []}, ["num_py", "numba", "numpy", "scipy"]),
        ({"and": []}, ["num_py", "numba", "numpy", "scipy"]),
        (
            {"and": [{"name": {"endsWith": "py"}}, {"name": {"startsWith": "n"}}]},
            ["num_py", "numpy"],
        ),
        (
            {
                "name": {"endsWith": "py"},
                "or": [
                    {"and": [{"name": {"startsWith": "s"}}, {"name": {"contains": "ci"}}]},
                    {"name": {"eq": "numpy"}},
                    {"name": {"eq": "numba"}},
                ],
            },
            ["numpy", "scipy"],
        ),
        ({"channelName": {"eq": "vault"}}, ["scipy"]),
        ({"channelName": {"contains": "a"}, "name": {"startsWith": "num"}}, NUMS),
        ({"platform": "noarch"}, NUMS),
        ({"platform": "linux-64"}, ["numpy", "scipy"]),
        ({"platform": "linux-64", "channelName": {"eq": "lab"}}, ["numpy"]),
        ({"or": [{"platform": "win-64"}, {"platform": "linux-64"}]}, ["numpy", "scipy"]),
        ({"platform": "%"}, []),
        ({"name": {"eq": "x' OR '1'='1"}}, []),
        ({"name": {"contains": "'; DROP TABLE package; --"}}, []),
    ],
)
def test_packages(ada: Asking, filters: object, expected: list[str]) -> None:
    found = ada.ask(PACKAGES, filters=filters).data["packages"]
    assert [item["name"] for item in found["page"]] == expected
    assert found["totalCount"] == len(expected)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"isPublic": True}, ["lab", "sams"]),
        ({"isPublic": False}, ["vault"]),
        ({"owner": {"eq": "sam"}}, ["sams"]),
        ({"owner": {"isIn": ["ada"]}, "isPublic": True}, ["lab"]),
        ({"or": [{"owner": {"eq": "sam"}}, {"isPublic": False}]}, ["sams", "vault"]),
        ({"and": [{"name": {"contains": "a"}}, {"owner": {"ne": "sam"}}]}, ["lab", "vault"]),
    ],
)
def test_channels(ada: Asking, filters: object, expected: list[str]) -> None:
    found = ada.ask(CHANNELS, filters=filters).data["channels"]
    assert [item["name"] for item in found["page"]] == expected


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        ({"field": "NAME", "direction": "DESC"}, "vault", "lab"),
        ({"field": "SIZE", "direction": "DESC"}, "lab", "sams"),
        ({"field": "CREATED_AT", "direction": "DESC"}, "sams", "vault"),
        ({"field": "PACKAGE_COUNT", "direction": "ASC"}, "sams", "lab"),
        ({"field": "NAMESPACE", "direction": "ASC"}, "lab", "sams"),
        ({"field": "BILLING_OWNER", "direction": "DESC"}, "sams", "vault"),
    ],
)
def test_order_of_channels(ada: Asking, order: object, first: str, last: str) -> None:
    page = ada.ask(CHANNELS, orderBy={"byField": order}).data["channels"]["page"]
    assert (page[0]["name"], page[-1]["name"]) == (first, last)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"field": "NAME", "direction": "DESC"}, ["scipy", "numpy", "numba", "num_py"]),
        ({"field": "LAST_CREATED_DATE", "direction": "ASC"}, ["numpy", "numba", "num_py", "scipy"]),
    ],
)
def test_order_of_packages(ada: Asking, order: object, expected: list[str]) -> None:
    page = ada.ask(PACKAGES, orderBy={"byField": order}).data["packages"]["page"]
    assert [item["name"] for item in page] == expected


def test_packages_are_ordered_by_size(ada: Asking) -> None:
    query = """{ packages(orderBy: {byField: {field: TOTAL_SIZE, direction: DESC}}) {
        page { totalSize } } }"""
    sizes = [found["totalSize"] for found in ada.ask(query).data["packages"]["page"]]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) > 1


@pytest.mark.parametrize(
    ("field", "shown"),
    [("BUILD_STRING", "buildString"), ("CREATED_AT", "createdAt"), ("SIZE", "size")],
)
def test_order_of_files(ada: Asking, field: str, shown: str) -> None:
    for direction in ("ASC", "DESC"):
        query = f"""{{ package(channelName: "lab", name: "numpy") {{ variants(orderBy: {{
            byField: {{field: {field}, direction: {direction}}}}}) {{ page {{ {shown} }} }} }} }}"""
        page = ada.ask(query).data["package"]["variants"]["page"]
        values = [found[shown] for found in page]
        assert len(values) > 1
        assert values == sorted(values, reverse=direction == "DESC")


def test_filters_work_inside_channels(ada: Asking) -> None:
    query = """{ channels { page { name packages(filters: {name: {startsWith: "s"}}) {
        totalCount page { name } } } } }"""
    page = ada.ask(query).data["channels"]["page"]
    assert {found["name"]: found["packages"]["totalCount"] for found in page} == {
        "lab": 0,
        "sams": 0,
        "vault": 1,
    }


def test_a_filter_cannot_grow_without_bounds(ada: Asking) -> None:
    names = [f"name-{number}" for number in range(501)]
    assert ada.ask(PACKAGES, filters={"name": {"isIn": names}}).codes == ["query_too_complex"]
    many = {"or": [{"name": {"eq": name}} for name in names]}
    assert ada.ask(PACKAGES, filters=many).codes == ["query_too_complex"]


@pytest.mark.parametrize("depth", [11, 100, 300])
def test_a_filter_cannot_be_nested_without_bounds(ada: Asking, depth: int) -> None:
    nested: dict[str, object] = {"name": {"eq": "numpy"}}
    for _ in range(depth):
        nested = {"and": [nested]}
    assert ada.ask(PACKAGES, filters=nested).codes == ["query_too_complex"]
