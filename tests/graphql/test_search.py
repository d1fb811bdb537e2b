"""Searches over GraphQL: their shapes, their words for what is wrong, their statements."""

from collections.abc import Mapping

import pytest

from tests.builders import package
from tests.graphql.asking import Api
from tests.registry.world import Person, World

PACKAGES = """query($orderBy: PackageOrderBy, $limit: Int, $page: Int) {
    packages(orderBy: $orderBy, limit: $limit, page: $page) {
        totalCount pages page { name similarityScore } } }"""
PATHS = """query($pattern: String!, $limit: Int, $page: Int) {
    paths(pattern: $pattern, limit: $limit, page: $page) {
        current pages totalCount page { filename paths } } }"""
BY_SPEC = """query($matchSpec: String!, $channels: [String!]) {
    packageByMatchspec(matchSpec: $matchSpec, channels: $channels) { name channel { name } }
    variantsByMatchspec(matchSpec: $matchSpec, channels: $channels) {
        totalCount page { version platform } } }"""


def by_similarity(text: str, **more: str | None) -> dict[str, object]:
    return {"bySimilarity": {"field": "NAME", "matches": text, **more}}


@pytest.fixture
def shop(owner: Person) -> Person:
    """Ada, who has numpy in public, and something alike in private."""
    for name in ("numpydoc", "numpy", "zlib"):
        owner.publish("lab", package(name, files={f"lib/{name}.so": b"", "README": b""}))
    owner.publish("vault", package("nunpy", files={"lib/numpy.so": b""}))
    return owner


def test_packages_are_ordered_by_likeness(api: Api, shop: Person, world: World) -> None:
    order = by_similarity("nunpy")
    found = api.ask(shop, PACKAGES, orderBy=order).data["packages"]
    assert [(item["name"], item["similarityScore"]) for item in found["page"]] == [
        ("nunpy", 1.0),
        ("numpy", pytest.approx(0.48)),
        ("numpydoc", pytest.approx(0.444)),
        ("zlib", 0.0),
    ]
    public = api.ask(world.nobody, PACKAGES, orderBy=order, limit=2).data["packages"]
    assert [item["name"] for item in public["page"]] == ["numpy", "numpydoc"]
    assert (public["totalCount"], public["pages"]) == (3, 2)


@pytest.mark.parametrize(
    ("order", "first"),
    [
        (by_similarity("zlib"), "zlib"),
        (by_similarity("zlib", direction="DESC"), "zlib"),
        (by_similarity("zlib", direction=None), "zlib"),
        (by_similarity("zlib", direction="ASC"), "numpy"),
        ({**by_similarity("zlib"), "byField": None}, "zlib"),
        ({"byField": {"field": "NAME", "direction": "DESC"}, "bySimilarity": None}, "zlib"),
        ({"byField": None, "bySimilarity": None}, "numpy"),
        (None, "numpy"),
    ],
)
def test_one_order_is_chosen(
    api: Api, shop: Person, world: World, order: Mapping[str, object] | None, first: str
) -> None:
    assert shop
    found = api.ask(world.nobody, PACKAGES, orderBy=order).data["packages"]["page"]
    assert found[0]["name"] == first


def test_two_orders_are_one_too_many(api: Api, world: World) -> None:
    both = {**by_similarity("x"), "byField": {"field": "NAME", "direction": "ASC"}}
    answer = api.ask(world.nobody, PACKAGES, orderBy=both)
    assert answer.codes == ["invalid_input"]
    assert answer.messages == ["orderBy takes byField or bySimilarity, not both."]


def test_without_likeness_there_is_no_score(api: Api, shop: Person) -> None:
    query = '{ package(channelName: "lab", name: "zlib") { similarityScore } }'
    assert api.ask(shop, query).data["package"] == {"similarityScore": None}


def test_channels_and_their_packages_are_ordered_by_likeness(api: Api, shop: Person) -> None:
    query = """query($channels: ChannelOrderBy, $packages: PackageOrderBy) {
        channels(orderBy: $channels) { page { name
            packages(orderBy: $packages, limit: 2) { page { name similarityScore } } } } }"""
    orders = {"channels": by_similarity("valt"), "packages": by_similarity("numpy")}
    page = api.ask(shop, query, **orders).data["channels"]["page"]
    assert [channel["name"] for channel in page] == ["vault", "lab"]
    assert page[1]["packages"]["page"] == [
        {"name": "numpy", "similarityScore": 1.0},
        {"name": "numpydoc", "similarityScore": 0.9},
    ]


def test_a_path_leads_to_files(api: Api, shop: Person, world: World) -> None:
    found = api.ask(world.nobody, PATHS, pattern="numpy.so", limit=1).data["paths"]
    assert found == {
        "current": 0,
        "pages": 1,
        "totalCount": 1,
        "page": [{"filename": "numpy-1.0-0.conda", "paths": ["README", "lib/numpy.so"]}],
    }
    mine = api.ask(shop, PATHS, pattern="lib/n*.so").data["paths"]["page"]
    assert [item["filename"] for item in mine] == [
        "numpy-1.0-0.conda",
        "numpydoc-1.0-0.conda",
        "nunpy-1.0-0.conda",
    ]


def test_a_pattern_must_say_something(api: Api, world: World) -> None:
    answer = api.ask(world.nobody, PATHS, pattern="*")
    assert answer.codes == ["invalid_input"]
    assert "at least 3 letters" in answer.messages[0]
    assert api.ask(world.nobody, PATHS, pattern="abc", limit=501).codes == ["invalid_input"]


@pytest.mark.usefixtures("zlib")
def test_a_spec_selects_a_package_and_its_files(api: Api, world: World) -> None:
    found = api.ask(world.nobody, BY_SPEC, matchSpec="zlib >=1.10", channels=["vault", "lab"]).data
    assert found == {
        "packageByMatchspec": {"name": "zlib", "channel": {"name": "lab"}},
        "variantsByMatchspec": {
            "totalCount": 2,
            "page": [
                {"version": "1.10", "platform": "linux-64"},
                {"version": "1.10", "platform": "osx-64"},
            ],
        },
    }
    assert api.ask(world.nobody, BY_SPEC, matchSpec="zlib >2").data["packageByMatchspec"] is None
    assert api.ask(world.nobody, BY_SPEC, matchSpec="zlib", channels=None).data[
        "packageByMatchspec"
    ] == {"name": "zlib", "channel": {"name": "lab"}}


def test_a_spec_must_be_one(api: Api, world: World) -> None:
    for spec in ("", "zlib >=", "zlib " + "(" * 10_000):
        answer = api.ask(world.nobody, BY_SPEC, matchSpec=spec)
        assert set(answer.codes) == {"invalid_matchspec"}
