"""Searches: orders by likeness, files by path, files by MatchSpec; private things stay unseen."""

import json
from datetime import timedelta

import pytest

from graphrepo.access.policy import Role
from graphrepo.errors import InvalidInputError, InvalidMatchSpecError
from graphrepo.model.entities import Channel, Package
from graphrepo.registry.registry import assemble
from graphrepo.registry.requests import (
    Batch,
    Condition,
    FileName,
    ListQuery,
    Order,
    TextOperator,
)
from graphrepo.registry.views import ArtifactView, PackageView, Page, Window
from tests.builders import Built, package
from tests.clocks import HandClock
from tests.databases import on_postgres
from tests.registry.world import CHEAP, Person, World

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


# Paths


def holders(person: Person, pattern: str, window: Window = ALL) -> Page[ArtifactView]:
    return person.world.run(person.world.registry.search.paths(person.viewer, pattern, window))


def files(person: Person, pattern: str, window: Window = ALL) -> list[str]:
    return [found.filename for found in holders(person, pattern, window).items]


def holding(*paths: str) -> dict[str, bytes]:
    return dict.fromkeys(paths, b"x")


def test_a_path_leads_to_the_files_that_install_it(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib", "1.2", files=holding("lib/libz.so", "lib/libz.so.1")))
    owner.publish("lab", package("zlib", "1.3", files=holding("lib/libz.so.1")))
    owner.publish("lab", package("abc", files=holding("opt/libz.so.txt")))
    owner.publish("lab", package("other", files=holding("bin/other")))
    found = ["zlib-1.2-0.conda", "abc-1.0-0.conda", "zlib-1.3-0.conda"]
    assert files(owner, "libz.so") == found
    assert files(world.nobody, "LIBZ.so*") == ["abc-1.0-0.conda", *found[::2][::-1]]
    pages = [holders(owner, "libz.so", Window(2, page)) for page in range(3)]
    assert [found.filename for page in pages for found in page.items] == found
    assert {(page.total, page.pages) for page in pages} == {(3, 2)}
    assert files(owner, "lib/*.so") == ["zlib-1.2-0.conda"]
    assert files(owner, "libz.zo") == []


def test_paths_follow_their_files(world: World, owner: Person) -> None:
    first = package("tool", files=holding("bin/first"))
    second = package("tool", files=holding("bin/second"))
    owner.publish("lab", first)
    owner.publish("lab", first)
    assert files(owner, "first") == [first.filename]
    owner.publish("lab", second, force=True)
    assert files(owner, "first") == []
    assert files(owner, "second") == [second.filename]
    world.run(world.registry.housekeeping.sweep())
    assert world.run(world.registry.housekeeping.sweep()).paths == 0
    assert files(owner, "second") == [second.filename]
    owner.delete("lab", f"noarch/{second.filename}")
    assert files(owner, "second") == []
    assert world.run(world.registry.housekeeping.sweep()).paths == (0 if on_postgres() else 1)


def test_yanked_files_are_found_and_hidden_ones_are_not(world: World, owner: Person) -> None:
    for name in ("yanked", "hidden"):
        owner.publish("lab", package(name, files=holding("bin/tool")))
    yanking = world.registry.yanking
    for name in ("yanked", "hidden"):
        batch = Batch("lab", (FileName("noarch", f"{name}-1.0-0.conda"),))
        hide = name == "hidden"
        world.run(yanking.yank(owner.viewer, batch, "broken", also_hide=hide))
    assert files(owner, "bin/tool") == ["yanked-1.0-0.conda"]


def test_paths_of_private_files_are_private(world: World, owner: Person) -> None:
    owner.create_channel("secret", is_public=False)
    owner.publish("secret", package("hidden", files=holding("bin/tool")))
    bob = world.person("bob")
    assert files(bob, "bin/tool") == files(world.nobody, "bin/tool") == []
    assert holders(bob, "bin/tool").total == 0
    owner.add_member("secret", bob, Role.MEMBER)
    assert files(bob, "bin/tool") == ["hidden-1.0-0.conda"]


def test_one_search_looks_at_a_bounded_amount_of_text(owner: Person) -> None:
    long = {f"{'x' * 200}/{number}": b"" for number in range(30_000)}
    for version in ("1.0", "2.0", "3.0"):
        paths = {"paths": [{"_path": path} for path in (*long, "bin/tool")]}
        owner.publish("lab", _with_paths(version, paths))
    assert files(owner, "bin/tool") == ["big-3.0-0.conda", "big-2.0-0.conda"]


def _with_paths(version: str, paths: object) -> Built:
    return package("big", version, files={}, info_files={"paths.json": json.dumps(paths).encode()})


def test_the_paths_of_files(world: World, owner: Person) -> None:
    full = owner.publish("lab", package("full", files=holding("b", "a/c"))).artifact
    empty = owner.publish("lab", package("empty", files={})).artifact
    found = world.run(world.registry.search.paths_of([full.id, empty.id, 99]))
    assert found == {full.id: ("a/c", "b"), empty.id: ()}


def test_paths_need_not_be_kept(world: World, owner: Person) -> None:
    forgetful = assemble(
        world.database, world.store, clock=world.clock, hasher=CHEAP, keep_paths=False
    )
    world.registry = forgetful
    new = owner.publish("lab", package("tool", files=holding("bin/tool"))).artifact
    assert files(owner, "bin/tool") == []
    assert world.run(forgetful.search.paths_of([new.id])) == {}


# MatchSpecs


@pytest.fixture
def zlibs(owner: Person, clock: HandClock) -> Person:
    """Ada, with zlib in two public channels and a private one."""
    owner.create_channel("extra")
    owner.create_channel("vault", is_public=False)
    for channel, version, subdir in (
        ("lab", "1.2", "linux-64"),
        ("lab", "1.10", "linux-64"),
        ("lab", "1.10", "noarch"),
        ("extra", "1.9", "linux-64"),
        ("vault", "2.0", "linux-64"),
    ):
        owner.publish(channel, package("zlib", version, subdir=subdir))
        clock.advance(timedelta(minutes=1))
    return owner


def selected(person: Person, spec: str, *channels: str, window: Window = ALL) -> list[str]:
    search, asked = person.world.registry.search, channels or None
    page = person.world.run(search.variants_by_spec(person.viewer, spec, asked, window))
    return [f"{found.version} {found.subdir}" for found in page.items]


def channel_of(person: Person, spec: str, *channels: str) -> str | None:
    world = person.world
    found = world.run(world.registry.search.package_by_spec(person.viewer, spec, channels or None))
    if found is None:
        return None
    return world.run(world.registry.channels.by_id(person.viewer, [found.channel_id]))[
        found.channel_id
    ].name


def test_a_spec_selects_files_best_first(zlibs: Person) -> None:
    nobody = zlibs.world.nobody
    both = ["1.10 linux-64", "1.10 noarch"]
    assert selected(nobody, "zlib") == ["1.9 linux-64", *both, "1.2 linux-64"]
    assert selected(nobody, "zlib >=1.10") == both
    assert selected(nobody, "zlib[subdir=noarch]") == ["1.10 noarch"]
    assert selected(nobody, "ZLIB <1.10", "lab", "extra") == ["1.2 linux-64", "1.9 linux-64"]
    assert selected(nobody, "zlib", window=Window(1, 1)) == ["1.10 linux-64"]
    assert selected(nobody, "libpng") == selected(nobody, "zlib", "absent") == []


def test_the_first_channel_that_has_it_answers(zlibs: Person) -> None:
    assert channel_of(zlibs, "zlib") == "extra"
    assert channel_of(zlibs, "zlib", "lab", "extra") == "lab"
    assert channel_of(zlibs, "zlib 1.9.*", "lab", "extra") == "extra"
    assert channel_of(zlibs, "zlib >=2", "lab", "vault") == "vault"
    assert channel_of(zlibs, "zlib >=3") is None


def test_private_channels_answer_their_members_alone(zlibs: Person) -> None:
    assert selected(zlibs, "zlib >=2") == ["2.0 linux-64"]
    assert selected(zlibs.world.nobody, "zlib >=2") == []
    assert channel_of(zlibs.world.nobody, "zlib >=2", "vault") is None


def test_yanked_and_deleted_files_are_not_selected(zlibs: Person) -> None:
    world = zlibs.world
    zlibs.delete("lab", "linux-64/zlib-1.10-0.conda")
    batch = Batch("lab", (FileName("noarch", "zlib-1.10-0.conda"),))
    world.run(world.registry.yanking.yank(zlibs.viewer, batch, "broken"))
    assert selected(zlibs, "zlib", "lab") == ["1.2 linux-64"]


def test_no_channels_are_no_channels(zlibs: Person) -> None:
    search = zlibs.world.registry.search
    assert zlibs.world.run(search.package_by_spec(zlibs.viewer, "zlib", [])) is None


@pytest.mark.parametrize("spec", ["", "*", "zlib >=", "lab::zlib", "zlib " + "(" * 100_000])
def test_what_selects_no_files_is_refused(zlibs: Person, spec: str) -> None:
    with pytest.raises(InvalidMatchSpecError):
        selected(zlibs, spec)


def test_the_number_of_channels_is_bounded(zlibs: Person) -> None:
    with pytest.raises(InvalidInputError, match="at most 500"):
        selected(zlibs, "zlib", *(f"channel-{number}" for number in range(501)))
