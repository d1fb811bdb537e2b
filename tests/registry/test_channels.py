"""Channels: who sees what, who may change what."""

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode
from graphrepo.errors import (
    ConflictError,
    ForbiddenError,
    GraphrepoError,
    InvalidChannelNameError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
)
from graphrepo.registry.requests import (
    EVERYTHING,
    AllOf,
    AnyOf,
    ChannelChange,
    Condition,
    Filter,
    ListQuery,
    NewChannel,
    Order,
    TextOperator,
)
from graphrepo.registry.views import ChannelView, Window
from tests.builders import package
from tests.registry.world import Person, World


def names(
    world: World, person: Person, where: Filter = EVERYTHING, order: Order | None = None
) -> list[str]:
    query = ListQuery(Window(50), where, order)
    page = world.run(world.registry.channels.page(person.viewer, query))
    assert page.total == len(page.items)
    return [channel.name for channel in page.items]


def get(person: Person, name: str) -> ChannelView | None:
    return person.world.run(person.world.registry.channels.get(person.viewer, name))


def test_whoever_creates_a_channel_owns_it(world: World) -> None:
    ada = world.person("ada")
    channel = ada.create_channel("lab")
    assert (channel.name, channel.is_public, channel.revision) == ("lab", True, 0)
    assert channel.role is Role.OWNER
    assert world.run(world.registry.channels.owners([channel.id])) == {channel.id: "ada"}


def test_a_name_is_taken_once_and_some_are_reserved(world: World, owner: Person) -> None:
    with pytest.raises(ConflictError):
        world.person("bob").create_channel("lab")
    for name in ("api", "Lab", "a/b", "linux-64", ""):
        with pytest.raises(InvalidChannelNameError):
            owner.create_channel(name)


def test_nobody_and_limited_keys_create_no_channels(world: World, owner: Person) -> None:
    with pytest.raises(NotAuthenticatedError):
        world.nobody.create_channel("other")
    with pytest.raises(ForbiddenError):
        owner.with_key(AccessMode.READ_WRITE_DELETE).create_channel("other")
    with pytest.raises(ForbiddenError):
        owner.with_key(AccessMode.ALL, "lab").create_channel("other")
    assert owner.with_key(AccessMode.ALL).create_channel("other").role is Role.OWNER


def test_the_operator_creates_channels_for_others(world: World) -> None:
    world.person("ada")
    channels = world.registry.channels
    new = NewChannel("lab", is_public=False, description="Ours", logo="https://example.org/x.png")
    made = world.run(channels.create(world.operator.viewer, new, owner="ada"))
    assert (made.description, made.logo, made.is_public) == (new.description, new.logo, False)
    with pytest.raises(NotFoundError):
        world.run(channels.create(world.operator.viewer, NewChannel("b"), owner="eve"))


def test_texts_have_limits(world: World, owner: Person) -> None:
    channels = world.registry.channels
    for change in (
        ChannelChange(description="x" * 10_001),
        ChannelChange(logo="x" * 2_001),
        ChannelChange(max_age=3601),
    ):
        with pytest.raises(InvalidInputError):
            world.run(channels.update(owner.viewer, "lab", change))


def test_owners_change_what_a_channel_says(world: World, owner: Person) -> None:
    channels = world.registry.channels
    change = ChannelChange(is_public=False, description="New", logo="l", allow_v3=False, max_age=60)
    changed = world.run(channels.update(owner.viewer, "lab", change))
    assert (changed.is_public, changed.description, changed.logo) == (False, "New", "l")
    assert (changed.settings.allow_v3, changed.settings.max_age) == (False, 60)
    assert changed.settings.allow_overwrite
    assert changed.revision == 1
    cleared = world.run(
        channels.update(owner.viewer, "lab", ChannelChange(description="", logo=""))
    )
    assert (cleared.description, cleared.logo, cleared.is_public) == (None, None, False)
    assert cleared.settings == changed.settings


def test_a_private_channel_does_not_exist_for_strangers(world: World, owner: Person) -> None:
    owner.create_channel("secret", is_public=False)
    bob = world.person("bob")
    assert get(bob, "secret") is None
    assert get(world.nobody, "secret") is None
    assert names(world, bob) == ["lab"]
    assert names(world, world.nobody) == ["lab"]
    assert names(world, owner) == ["lab", "secret"]
    owner.add_member("secret", bob, Role.MEMBER)
    assert names(world, bob) == ["lab", "secret"]
    seen = get(bob, "secret")
    assert seen
    assert seen.role is Role.MEMBER


def test_administrators_see_every_channel(world: World, owner: Person) -> None:
    owner.create_channel("secret", is_public=False)
    root = world.person("root", is_admin=True)
    assert names(world, root) == ["lab", "secret"]
    assert names(world, root.with_key(AccessMode.READ, "lab")) == ["lab"]


def test_a_key_for_one_channel_sees_that_one_and_the_public_ones(
    world: World, owner: Person
) -> None:
    for name in ("one", "two"):
        owner.create_channel(name, is_public=False)
    robot = owner.with_key(AccessMode.READ, "one")
    assert names(world, robot) == ["lab", "one"]
    assert get(robot, "two") is None
    found = world.run(
        world.registry.channels.by_id(robot.viewer, range(1, 10)),
    )
    assert sorted(channel.name for channel in found.values()) == ["lab", "one"]


def test_the_refusal_does_not_tell_a_private_channel_from_a_missing_one(
    world: World, owner: Person
) -> None:
    owner.create_channel("secret", is_public=False)
    bob = world.person("bob")
    texts: list[str] = []
    for name in ("secret", "absent"):
        with pytest.raises(ForbiddenError) as refusal:
            world.run(world.registry.channels.delete(bob.viewer, name))
        texts.append(str(refusal.value).replace(name, "X"))
    assert texts[0] == texts[1]


def test_the_refusal_names_the_key_where_the_key_is_the_limit(owner: Person) -> None:
    robot = owner.with_key(AccessMode.READ)
    with pytest.raises(ForbiddenError, match="key read-None may read lab but not upload"):
        robot.publish("lab", package("zlib"))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Condition("name", TextOperator.EQ, "alpha"), ["alpha"]),
        (Condition("name", TextOperator.NE, "alpha"), ["a_pha", "beta", "lab"]),
        (Condition("name", TextOperator.IN, ["alpha", "beta", "none"]), ["alpha", "beta"]),
        (Condition("name", TextOperator.IN, []), []),
        (Condition("name", TextOperator.NOT_IN, ["alpha"]), ["a_pha", "beta", "lab"]),
        (Condition("name", TextOperator.NOT_IN, []), ["a_pha", "alpha", "beta", "lab"]),
        (Condition("name", TextOperator.STARTS_WITH, "a_"), ["a_pha"]),
        (Condition("name", TextOperator.ENDS_WITH, "a"), ["a_pha", "alpha", "beta"]),
        (Condition("name", TextOperator.CONTAINS, "a"), ["a_pha", "alpha", "beta", "lab"]),
        (Condition("name", TextOperator.CONTAINS, "%"), []),
        (Condition("isPublic", TextOperator.EQ, value=False), ["beta"]),
        (Condition("owner", TextOperator.EQ, "bob"), ["a_pha", "beta"]),
        (AllOf(), ["a_pha", "alpha", "beta", "lab"]),
        (AnyOf(()), []),
        (
            AllOf(
                (
                    Condition("owner", TextOperator.EQ, "bob"),
                    AnyOf(
                        (
                            Condition("name", TextOperator.EQ, "beta"),
                            Condition("name", TextOperator.EQ, "alpha"),
                        )
                    ),
                )
            ),
            ["beta"],
        ),
    ],
)
def test_filters(world: World, owner: Person, where: Filter, expected: list[str]) -> None:
    bob = world.person("bob")
    owner.create_channel("alpha")
    bob.create_channel("beta", is_public=False)
    bob.create_channel("a_pha")
    assert names(world, world.person("root", is_admin=True), where) == expected


def test_orders(world: World, owner: Person) -> None:
    owner.create_channel("alpha")
    owner.publish("lab", package("zlib"))
    assert names(world, owner, order=Order("name")) == ["alpha", "lab"]
    assert names(world, owner, order=Order("name", descending=True)) == ["lab", "alpha"]
    assert names(world, owner, order=Order("size", descending=True)) == ["lab", "alpha"]
    assert names(world, owner, order=Order("packageCount")) == ["alpha", "lab"]
    with pytest.raises(InvalidInputError, match="colour"):
        names(world, owner, order=Order("colour"))


def test_unknown_fields_and_odd_windows_are_refused(world: World, owner: Person) -> None:
    for query in (
        ListQuery(Window(501)),
        ListQuery(Window(-1)),
        ListQuery(Window(10, page=-1)),
        ListQuery(Window(10), Condition("password", TextOperator.EQ, "x")),
    ):
        with pytest.raises(InvalidInputError):
            world.run(world.registry.channels.page(owner.viewer, query))


def test_pages_count_from_zero_and_there_is_always_one(world: World, owner: Person) -> None:
    for name in ("alpha", "beta", "gamma"):
        owner.create_channel(name)
    channels = world.registry.channels
    page = world.run(channels.page(owner.viewer, ListQuery(Window(3, page=1))))
    assert [channel.name for channel in page.items] == ["lab"]
    assert (page.current, page.pages, page.total) == (1, 2, 4)
    nothing = Condition("name", TextOperator.EQ, "none")
    empty = world.run(channels.page(owner.viewer, ListQuery(Window(0), nothing)))
    assert (empty.items, empty.pages, empty.total) == ((), 1, 0)


def test_the_channels_of_a_person_by_role(world: World, owner: Person) -> None:
    bob = world.person("bob")
    bob.create_channel("his", is_public=False)
    owner.add_member("lab", bob, Role.CONTRIBUTOR)
    channels, query = world.registry.channels, ListQuery(Window(10))
    ident = bob.viewer.user_id or 0

    def found(person: Person, *roles: Role) -> list[str]:
        pages = world.run(channels.memberships(person.viewer, [ident], roles, query))
        return [channel.name for channel in pages[ident].items]

    assert found(bob) == ["his", "lab"]
    assert found(bob, Role.OWNER) == ["his"]
    assert found(owner) == ["lab"]


def test_sizes_and_subdirs(world: World, owner: Person) -> None:
    built = package("zlib", subdir="linux-64")
    owner.publish("lab", built)
    channel = get(owner, "lab")
    assert channel
    channels = world.registry.channels
    assert world.run(channels.sizes([channel.id])) == {channel.id: built.size}
    linux, noarch = world.run(channels.subdirs([channel.id]))[channel.id]
    assert (noarch.name, noarch.artifact_count, noarch.size, noarch.revision) == ("noarch", 0, 0, 0)
    assert (linux.name, linux.artifact_count, linux.size) == ("linux-64", 1, built.size)
    assert linux.revision == 1


def test_a_deleted_channel_takes_its_keys_along(world: World, owner: Person) -> None:
    robot = owner.with_key(AccessMode.READ_WRITE, "lab")
    owner.publish("lab", package("zlib"))
    with pytest.raises(ForbiddenError):
        world.run(world.registry.channels.delete(robot.viewer, "lab"))
    world.run(world.registry.channels.delete(owner.viewer, "lab"))
    assert get(owner, "lab") is None
    assert world.run(world.registry.keys.list(owner.viewer)) == ()
    assert owner.create_channel("lab").revision == 0
    assert owner.repodata("lab")["packages.conda"] == {}


def test_every_failure_is_a_sentence() -> None:
    # A kind that only gathers others has no code of its own.
    codes = [kind.code for kind in _all_failures(GraphrepoError) if "code" in vars(kind)]
    assert len(codes) == len(set(codes))


def _all_failures(kind: type[GraphrepoError]) -> list[type[GraphrepoError]]:
    return [kind, *(below for sub in kind.__subclasses__() for below in _all_failures(sub))]
