"""What channels hold, as lists: right, windowed, and cheap whatever their number."""

from datetime import timedelta

import pytest

from graphrepo.access.policy import Role
from graphrepo.registry.requests import Condition, ListQuery, Order, TextOperator, VariantQuery
from graphrepo.registry.views import PackageView, Window
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.world import Person, World

ALL = Window(50)


def find(person: Person, channel: str, name: str) -> PackageView | None:
    return person.world.run(person.world.registry.catalog.package(person.viewer, channel, name))


@pytest.fixture
def zlib(owner: Person, clock: HandClock) -> PackageView:
    """Three versions of zlib, one of them on two platforms, a minute apart."""
    about = {
        "summary": "Compression",
        "description": "All of it",
        "home": "https://zlib.net",
        "dev_url": "https://example.org/dev",
    }
    for version, subdir in (
        ("1.9", "linux-64"),
        ("1.10", "linux-64"),
        ("1.10", "osx-64"),
        ("1.2", "noarch"),
    ):
        owner.publish("lab", package("zlib", version, subdir=subdir, about=about))
        clock.advance(timedelta(minutes=1))
    found = find(owner, "lab", "zlib")
    assert found
    return found


def test_a_package_shows_its_highest_version(zlib: PackageView) -> None:
    assert (zlib.name, zlib.latest_version) == ("zlib", "1.10")
    assert (zlib.summary, zlib.description) == ("Compression", "All of it")
    assert zlib.urls == {"home": ("https://zlib.net",), "dev": ("https://example.org/dev",)}


def test_a_package_counts_its_files(world: World, owner: Person, zlib: PackageView) -> None:
    query = VariantQuery(ALL)
    page = world.run(world.registry.catalog.variants_of([zlib.id], query))[zlib.id]
    assert zlib.total_size == sum(variant.size for variant in page.items)
    assert zlib.last_created_at == max(variant.uploaded_at for variant in page.items)
    owner.delete("lab", f"noarch/{page.items[-1].filename}")
    after = find(owner, "lab", "zlib")
    assert after
    assert after.total_size == zlib.total_size - page.items[-1].size


def test_a_package_without_files_is_not_there(world: World, owner: Person) -> None:
    built = package("zlib")
    owner.publish("lab", built)
    owner.delete("lab", f"noarch/{built.filename}")
    assert find(owner, "lab", "zlib") is None
    page = world.run(world.registry.catalog.packages(owner.viewer, ListQuery(ALL)))
    assert page.items == ()


def test_packages_of_channels_one_may_not_read_do_not_exist(world: World, owner: Person) -> None:
    owner.create_channel("secret", is_public=False)
    owner.publish("secret", package("hidden"))
    owner.publish("lab", package("seen"))
    catalog = world.registry.catalog

    def names(person: Person) -> list[str]:
        page = world.run(catalog.packages(person.viewer, ListQuery(ALL)))
        assert page.total == len(page.items)
        return [found.name for found in page.items]

    bob = world.person("bob")
    assert names(owner) == ["hidden", "seen"]
    assert names(bob) == names(world.nobody) == ["seen"]
    assert find(bob, "secret", "hidden") is None
    owner.add_member("secret", bob, Role.MEMBER)
    assert names(bob) == ["hidden", "seen"]
    assert find(bob, "secret", "HIDDEN")


def test_package_lists_filter_order_and_page(world: World, owner: Person, clock: HandClock) -> None:
    for name in ("alpha", "beta", "gamma"):
        clock.advance(timedelta(minutes=1))
        owner.publish("lab", package(name, files={"data": name.encode() * 100}))
    catalog = world.registry.catalog
    starts = Condition("name", TextOperator.STARTS_WITH, "b")
    page = world.run(catalog.packages(owner.viewer, ListQuery(ALL, starts)))
    assert [found.name for found in page.items] == ["beta"]
    newest = ListQuery(Window(2), order=Order("lastCreatedDate", descending=True))
    page = world.run(catalog.packages(owner.viewer, newest))
    assert [found.name for found in page.items] == ["gamma", "beta"]
    assert (page.pages, page.total) == (2, 3)


def test_each_channel_gets_its_own_page(world: World, owner: Person) -> None:
    owner.create_channel("other")
    owner.create_channel("empty")
    for name in ("alpha", "beta", "gamma"):
        owner.publish("lab", package(name))
    owner.publish("other", package("delta"))
    ids = [
        channel.id
        for channel in world.run(world.registry.channels.page(owner.viewer, ListQuery(ALL))).items
    ]
    pages = world.run(world.registry.catalog.packages_of(ids, ListQuery(Window(2, page=1))))
    found = {ident: [each.name for each in page.items] for ident, page in pages.items()}
    assert sorted(found.values()) == [[], [], ["gamma"]]
    assert sorted(page.total for page in pages.values()) == [0, 1, 3]


def test_versions_come_newest_first_with_their_platforms(world: World, zlib: PackageView) -> None:
    catalog = world.registry.catalog
    page = world.run(catalog.versions_of([zlib.id], Window(2)))[zlib.id]
    assert [(each.version, each.platforms) for each in page.items] == [
        ("1.10", ("linux-64", "osx-64")),
        ("1.9", ("linux-64",)),
    ]
    assert (page.pages, page.total) == (2, 3)
    latest = world.run(catalog.latest_of([zlib.id]))[zlib.id]
    assert (latest.version, latest.platforms) == ("1.10", ("linux-64", "osx-64"))
    assert world.run(catalog.platforms_of([zlib.id])) == {zlib.id: ("linux-64", "noarch", "osx-64")}


def test_variants_filter(world: World, zlib: PackageView, clock: HandClock) -> None:
    def found(query: VariantQuery) -> list[tuple[str, str]]:
        page = world.run(world.registry.catalog.variants_of([zlib.id], query))[zlib.id]
        return [(variant.version, variant.subdir) for variant in page.items]

    both = [("1.10", "linux-64"), ("1.10", "osx-64")]
    assert found(VariantQuery(ALL)) == [*both, ("1.9", "linux-64"), ("1.2", "noarch")]
    assert found(VariantQuery(ALL, version="1.10")) == both
    assert found(VariantQuery(ALL, platform="noarch")) == [("1.2", "noarch")]
    assert found(VariantQuery(ALL, build="none")) == []
    since = clock.now - timedelta(minutes=2)
    assert found(VariantQuery(ALL, created_from=since)) == [("1.10", "osx-64"), ("1.2", "noarch")]
    until = clock.now - timedelta(minutes=4)
    assert found(VariantQuery(ALL, created_to=until)) == [("1.9", "linux-64")]
    oldest = VariantQuery(Window(1), order=Order("createdAt"), include_hidden=True)
    assert found(oldest) == [("1.9", "linux-64")]


def test_one_variant_with_its_wide_facts(world: World, owner: Person) -> None:
    built = package(
        "zlib",
        index={"license": "Zlib", "license_family": "Other"},
        about={"summary": "s"},
        run_exports={"weak": ["zlib >=1"]},
    )
    owner.publish("lab", built)
    catalog = world.registry.catalog
    variant = world.run(catalog.variant(owner.viewer, "lab", "noarch", built.filename))
    assert variant
    assert (variant.license, variant.license_family) == ("Zlib", "Other")
    info = world.run(catalog.infos([variant.id]))[variant.id]
    assert '"name"' in info.index_json
    assert info.about_json
    assert info.run_exports_json == '{"weak":["zlib >=1"]}'
    for channel, subdir, filename in (
        ("absent", "noarch", built.filename),
        ("lab", "osx-64", built.filename),
        ("lab", "noarch", "other-1-0.conda"),
    ):
        assert world.run(catalog.variant(owner.viewer, channel, subdir, filename)) is None


def test_packages_by_id_and_by_name(world: World, zlib: PackageView) -> None:
    catalog = world.registry.catalog
    assert world.run(catalog.packages_by_id([zlib.id, 99])) == {zlib.id: zlib}
    pairs = [(zlib.channel_id, "zlib"), (zlib.channel_id, "none"), (99, "zlib")]
    assert world.run(catalog.packages_by_name(pairs)) == {(zlib.channel_id, "zlib"): zlib}
    assert world.run(catalog.packages_by_name([])) == {}
