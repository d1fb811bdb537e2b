"""Searches for names: orders by likeness; private things stay unseen."""

import pytest

from graphrepo.access.policy import Role
from graphrepo.errors import InvalidInputError
from graphrepo.model.entities import Channel, Package
from graphrepo.registry.requests import (
    Condition,
    ListQuery,
    Order,
    TextOperator,
)
from graphrepo.registry.views import PackageView, Page, Window
from tests.builders import package
from tests.registry.world import Person, World

ALL = Window(50)


def alike(text: str, window: Window = ALL, *, descending: bool = True) -> ListQuery:
    return ListQuery(window, order=Order("name", descending=descending, alike_to=text))


def packages(person: Person, query: ListQuery) -> Page[PackageView]:
    return person.world.run(person.world.registry.catalog.packages(person.viewer, query))


def names(person: Person, query: ListQuery) -> list[str]:
    return [found.name for found in packages(person, query).items]


@pytest.fixture
def shop(owner: Person) -> Person:
    """Ada, whose channel has names around numpy; numpydoc has two files."""
    for name in ("numpydoc", "my-numpy", "numpy", "xnumpyx", "nunpy", "zlib", "curl", "numpy-base"):
        owner.publish("lab", package(name))
    owner.publish("lab", package("numpydoc", "2.0"))
    return owner


def test_likeness_orders_and_filters_nothing(shop: Person) -> None:
    page = packages(shop, alike("numpy"))
    assert [(found.name, found.similarity) for found in page.items] == [
        ("numpy", 1.0),
        ("numpydoc", 0.9),  # more files than the next
        ("numpy-base", 0.9),
        ("my-numpy", 0.8),
        ("xnumpyx", 0.7),
        ("nunpy", pytest.approx(0.48)),
        ("curl", 0.0),
        ("zlib", 0.0),
    ]
    assert page.total == 8


def test_pages_by_likeness_fit_together(shop: Person) -> None:
    whole = names(shop, alike("NumPy "))
    for limit in (1, 2, 3, 5, 6, 7, 50):
        pages = [packages(shop, alike("numpy", Window(limit, page))) for page in range(9)]
        assert [found.name for page in pages for found in page.items] == whole
        assert {page.total for page in pages} == {8}


def test_pages_without_anything_alike_fit_together(shop: Person) -> None:
    whole = names(shop, ListQuery(ALL))
    pages = [names(shop, alike("qqqqqq", Window(3, page))) for page in range(4)]
    assert [name for page in pages for name in page] == whole


def test_short_and_common_texts_rank_alike(world: World, shop: Person) -> None:
    assert names(shop, alike("qx")) == names(shop, ListQuery(ALL))
    found = names(shop, alike("nu"))
    assert found == ["numpydoc", "numpy", "numpy-base", "nunpy", "my-numpy", "xnumpyx", *found[6:]]

    def many() -> None:
        channel = Channel[1]
        for number in range(301):
            Package(channel=channel, name=f"common-{number:03}", artifact_count=1)

    world.run(world.database.transact(many))
    assert names(shop, alike("common", Window(2))) == ["common-000", "common-001"]
    assert names(shop, alike("common-12"))[:2] == ["common-120", "common-121"]


def test_the_least_alike_can_come_first(shop: Person) -> None:
    assert names(shop, alike("numpy", descending=False)) == [
        *("curl", "zlib", "nunpy", "xnumpyx", "my-numpy"),
        *("numpydoc", "numpy-base", "numpy"),
    ]


def test_likeness_orders_what_a_filter_leaves(shop: Person) -> None:
    ends = Condition("name", TextOperator.ENDS_WITH, "py")
    query = ListQuery(ALL, ends, Order("name", descending=True, alike_to="nunpy"))
    assert names(shop, query) == ["nunpy", "numpy", "my-numpy"]


def test_nothing_is_alike_to_nothing(shop: Person) -> None:
    for text in ("", "   ", "\x00"):
        page = packages(shop, alike(text))
        assert [found.name for found in page.items][:2] == ["curl", "my-numpy"]
        assert {found.similarity for found in page.items} == {None}


def test_odd_texts_are_only_texts(shop: Person) -> None:
    for text in ("%", "_", "!", "'", "x" * 1000, "nothing alike", '"*', "$s_text"):
        page = packages(shop, alike(text))
        assert page.total == len(page.items) == 8, text
        assert {found.similarity for found in page.items} == {0.0}, text


def test_only_names_can_be_compared(shop: Person) -> None:
    query = ListQuery(ALL, order=Order("totalSize", alike_to="numpy"))
    with pytest.raises(InvalidInputError, match="not of totalSize"):
        packages(shop, query)


def test_each_channel_is_ordered_by_likeness(world: World, shop: Person) -> None:
    other = shop.create_channel("other")
    for name in ("aaa", "pyhton", "python-dateutil"):
        shop.publish("other", package(name))
    lab = world.run(world.registry.channels.get(shop.viewer, "lab"))
    assert lab
    ids = [lab.id, other.id]
    pages = world.run(world.registry.catalog.packages_of(ids, alike("python", Window(2))))
    assert [found.name for found in pages[other.id].items] == ["python-dateutil", "pyhton"]
    assert [found.similarity for found in pages[lab.id].items] == [0.0, 0.0]
    assert [found.name for found in pages[lab.id].items] == ["curl", "my-numpy"]


def test_private_packages_are_not_alike_to_anything(world: World, shop: Person) -> None:
    shop.create_channel("secret", is_public=False)
    for name in ("numpy", "numpi", "numpy-secret"):
        shop.publish("secret", package(name))
    bob = world.person("bob")
    assert names(bob, alike("numpi"))[0] == "numpy"
    assert packages(bob, alike("numpy")).total == packages(world.nobody, alike("numpy")).total == 8
    shop.add_member("secret", bob, Role.MEMBER)
    assert names(bob, alike("numpi"))[:3] == ["numpi", "numpy", "numpy"]


def test_names_of_deleted_channels_are_forgotten(world: World, shop: Person) -> None:
    world.run(world.registry.channels.delete(shop.viewer, "lab"))
    assert packages(shop, alike("numpy")).total == 0
    shop.create_channel("lab")
    shop.publish("lab", package("numpy"))
    assert names(shop, alike("nunpy")) == ["numpy"]


def test_channels_are_ordered_by_likeness(world: World, owner: Person) -> None:
    for name in ("labs", "my-lab", "collab", "lba", "zoo"):
        owner.create_channel(name)
    owner.create_channel("lab-b")
    owner.publish("lab-b", package("zlib"))
    page = world.run(world.registry.channels.page(owner.viewer, alike("lab")))
    found = ["lab", "lab-b", "labs", "my-lab", "collab", "lba", "zoo"]
    assert [channel.name for channel in page.items] == found
    user = owner.viewer.user_id
    assert user
    mine = world.run(world.registry.channels.memberships(owner.viewer, [user], (), alike("lab")))
    assert [channel.name for channel in mine[user].items] == found
