"""A channel passes from one owner to another and never lacks one."""

from datetime import timedelta

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode
from graphrepo.errors import ForbiddenError, NotAuthenticatedError, NotFoundError
from tests.clocks import HandClock
from tests.registry.world import Person, World


def transfer(person: Person, login: str, channel: str = "lab") -> Role | None:
    """Return the role that the person has afterwards."""
    members = person.world.registry.members
    return person.world.run(members.transfer(person.viewer, channel, login)).role


def members(person: Person) -> list[tuple[str, Role]]:
    found = person.world.run(person.world.registry.members.list(person.viewer, "lab"))
    return [(member.login, member.role) for member in found]


def first_owner(world: World, person: Person) -> str:
    channel = world.run(world.registry.channels.get(person.viewer, "lab"))
    assert channel
    return world.run(world.registry.channels.owners([channel.id]))[channel.id]


@pytest.fixture
def bob(world: World) -> Person:
    return world.person("bob")


def test_the_new_owner_takes_the_place_of_the_first(
    world: World, owner: Person, bob: Person, clock: HandClock
) -> None:
    clock.advance(timedelta(days=1))
    zoe = world.person("zoe")
    owner.add_member("lab", zoe, Role.OWNER)
    clock.advance(timedelta(days=1))
    assert transfer(owner, "bob") is Role.CONTRIBUTOR
    assert members(bob) == [
        ("bob", Role.OWNER),
        ("zoe", Role.OWNER),
        ("ada", Role.CONTRIBUTOR),
    ]
    assert first_owner(world, bob) == "bob"


def test_a_member_can_become_the_owner(world: World, owner: Person, bob: Person) -> None:
    owner.add_member("lab", bob, Role.MEMBER)
    transfer(owner, "bob")
    assert members(bob) == [("bob", Role.OWNER), ("ada", Role.CONTRIBUTOR)]
    transfer(bob, "ada")
    assert members(owner) == [("ada", Role.OWNER), ("bob", Role.CONTRIBUTOR)]
    assert first_owner(world, owner) == "ada"


def test_a_transfer_to_the_owner_changes_nothing(owner: Person) -> None:
    assert transfer(owner, "ada") is Role.OWNER
    assert members(owner) == [("ada", Role.OWNER)]


@pytest.mark.usefixtures("bob")
def test_administrators_transfer_what_an_owner_left(world: World, owner: Person) -> None:
    root = world.person("root", is_admin=True)
    assert transfer(root, "bob") is None
    assert members(owner) == [("bob", Role.OWNER), ("ada", Role.CONTRIBUTOR)]


def test_who_may_not_transfer(world: World, owner: Person, bob: Person) -> None:
    owner.add_member("lab", bob, Role.CONTRIBUTOR)
    for person in (bob, world.person("sam"), owner.with_key(AccessMode.READ_WRITE_DELETE)):
        with pytest.raises(ForbiddenError):
            transfer(person, "bob")
    with pytest.raises(NotAuthenticatedError):
        transfer(world.nobody, "bob")
    with pytest.raises(NotFoundError, match="no user nemo"):
        transfer(owner, "nemo")
    assert members(owner) == [("ada", Role.OWNER), ("bob", Role.CONTRIBUTOR)]
