"""Members of channels: who sees them, who changes them, and that an owner stays."""

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode
from graphrepo.errors import (
    ForbiddenError,
    LastOwnerError,
    NotFoundError,
)
from tests.registry.world import Person, World


def test_members_come_owners_first_and_only_members_see_them(world: World, owner: Person) -> None:
    bob, cleo, eve = world.person("bob"), world.person("cleo"), world.person("eve")
    owner.add_member("lab", bob, Role.MEMBER)
    owner.add_member("lab", cleo, Role.CONTRIBUTOR)
    members = world.registry.members

    def seen(person: Person) -> list[tuple[str, Role]]:
        found = world.run(members.list(person.viewer, "lab"))
        return [(member.login, member.role) for member in found]

    expected = [("ada", Role.OWNER), ("cleo", Role.CONTRIBUTOR), ("bob", Role.MEMBER)]
    assert seen(bob) == expected
    assert seen(eve) == []
    channel = world.run(world.registry.channels.get(bob.viewer, "lab"))
    assert channel
    both = world.run(members.by_channel(bob.viewer, [channel.id]))
    assert [member.login for member in both[channel.id]] == ["ada", "cleo", "bob"]
    assert seen(world.nobody) == []
    assert seen(world.person("root", is_admin=True)) == expected
    with pytest.raises(ForbiddenError):
        world.run(members.list(eve.viewer, "absent"))


def test_adding_again_changes_the_role(world: World, owner: Person) -> None:
    bob = world.person("bob")
    for role in (Role.MEMBER, Role.OWNER, Role.CONTRIBUTOR):
        owner.add_member("lab", bob, role)
    found = world.run(world.registry.members.list(bob.viewer, "lab"))
    assert [(member.login, member.role) for member in found][1] == ("bob", Role.CONTRIBUTOR)
    assert found[1].channel == "lab"
    with pytest.raises(NotFoundError):
        world.run(world.registry.members.add(owner.viewer, "lab", "eve", Role.MEMBER))


def test_only_owners_manage_members(world: World, owner: Person) -> None:
    bob, eve = world.person("bob"), world.person("eve")
    owner.add_member("lab", bob, Role.CONTRIBUTOR)
    for act in (
        lambda: bob.add_member("lab", eve, Role.MEMBER),
        lambda: world.run(world.registry.members.remove(bob.viewer, "lab", "ada")),
    ):
        with pytest.raises(ForbiddenError):
            act()


def test_a_channel_keeps_an_owner(world: World, owner: Person) -> None:
    bob = world.person("bob")
    members = world.registry.members
    for act in (
        lambda: owner.add_member("lab", owner, Role.MEMBER),
        lambda: world.run(members.remove(owner.viewer, "lab", "ada")),
    ):
        with pytest.raises(LastOwnerError, match="ada is the only owner"):
            act()
    owner.add_member("lab", bob, Role.OWNER)
    world.run(members.remove(owner.viewer, "lab", "ada"))
    assert [member.login for member in world.run(members.list(bob.viewer, "lab"))] == ["bob"]


def test_members_may_leave_but_not_through_a_key(world: World, owner: Person) -> None:
    bob = world.person("bob")
    owner.add_member("lab", bob, Role.MEMBER)
    members = world.registry.members
    with pytest.raises(ForbiddenError):
        world.run(members.remove(bob.with_key(AccessMode.READ).viewer, "lab", "bob"))
    world.run(members.remove(bob.viewer, "lab", "bob"))
    for login in ("bob", "nobody-here"):
        with pytest.raises(NotFoundError):
            world.run(members.remove(owner.viewer, "lab", login))
