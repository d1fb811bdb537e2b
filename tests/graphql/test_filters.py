"""Filters and orders, alone and nested."""

from datetime import timedelta

import pytest

from tests.builders import package
from tests.clocks import HandClock
from tests.graphql.asking import Api
from tests.registry.world import Person

CHANNELS = """query($filters: ChannelFilter, $orderBy: ChannelOrderBy) {
    channels(filters: $filters, orderBy: $orderBy) { totalCount page { name } } }"""
PACKAGES = """query($filters: PackageFilter, $orderBy: PackageOrderBy) {
    packages(filters: $filters, orderBy: $orderBy) { totalCount page { name } } }"""


@pytest.fixture(autouse=True)
def names(owner: Person, stranger: Person, clock: HandClock) -> None:
    """Fill lab and vault, and let sam have a channel too."""
    for channel, name, version in (
        ("lab", "numpy", "2.0"),
        ("lab", "numba", "0.60"),
        ("lab", "num_py", "1.0"),
        ("vault", "scipy", "1.0"),
    ):
        clock.advance(timedelta(minutes=1))
        owner.publish(channel, package(name, version))
    stranger.create_channel("sams")


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
        ({"name": {"eq": "x' OR '1'='1"}}, []),
        ({"name": {"contains": "'; DROP TABLE package; --"}}, []),
    ],
)
def test_packages(api: Api, owner: Person, filters: object, expected: list[str]) -> None:
    found = api.ask(owner, PACKAGES, filters=filters).data["packages"]
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
def test_channels(api: Api, owner: Person, filters: object, expected: list[str]) -> None:
    found = api.ask(owner, CHANNELS, filters=filters).data["channels"]
    assert [item["name"] for item in found["page"]] == expected


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        ({"field": "NAME", "direction": "DESC"}, "vault", "lab"),
        ({"field": "SIZE", "direction": "DESC"}, "lab", "sams"),
        ({"field": "CREATED_AT", "direction": "DESC"}, "sams", "vault"),
        ({"field": "PACKAGE_COUNT", "direction": "ASC"}, "sams", "lab"),
    ],
)
def test_order_of_channels(api: Api, owner: Person, order: object, first: str, last: str) -> None:
    page = api.ask(owner, CHANNELS, orderBy={"byField": order}).data["channels"]["page"]
    assert (page[0]["name"], page[-1]["name"]) == (first, last)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"field": "NAME", "direction": "DESC"}, ["scipy", "numpy", "numba", "num_py"]),
        ({"field": "LAST_CREATED_DATE", "direction": "ASC"}, ["numpy", "numba", "num_py", "scipy"]),
    ],
)
def test_order_of_packages(api: Api, owner: Person, order: object, expected: list[str]) -> None:
    page = api.ask(owner, PACKAGES, orderBy={"byField": order}).data["packages"]["page"]
    assert [item["name"] for item in page] == expected


def test_filters_work_inside_channels(api: Api, owner: Person) -> None:
    query = """{ channels { page { name packages(filters: {name: {startsWith: "s"}}) {
        totalCount page { name } } } } }"""
    page = api.ask(owner, query).data["channels"]["page"]
    assert {found["name"]: found["packages"]["totalCount"] for found in page} == {
        "lab": 0,
        "sams": 0,
        "vault": 1,
    }


def test_a_filter_cannot_grow_without_bounds(api: Api, owner: Person) -> None:
    names = [f"name-{number}" for number in range(501)]
    assert api.ask(owner, PACKAGES, filters={"name": {"isIn": names}}).codes == [
        "query_too_complex"
    ]
    many = {"or": [{"name": {"eq": name}} for name in names]}
    assert api.ask(owner, PACKAGES, filters=many).codes == ["query_too_complex"]


@pytest.mark.parametrize("depth", [11, 100, 300])
def test_a_filter_cannot_be_nested_without_bounds(api: Api, owner: Person, depth: int) -> None:
    nested: dict[str, object] = {"name": {"eq": "numpy"}}
    for _ in range(depth):
        nested = {"and": [nested]}
    assert api.ask(owner, PACKAGES, filters=nested).codes == ["query_too_complex"]
