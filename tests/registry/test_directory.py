"""Who is shown whom, and where a viewer may do what."""

from dataclasses import replace

import pytest

from graphrepo.access.policy import Action, Role
from graphrepo.access.viewer import AccessMode
from graphrepo.errors import InvalidInputError
from graphrepo.registry.requests import (
    AllOf,
    Condition,
    Filter,
    ListQuery,
    Order,
    TextOperator,
)
from graphrepo.registry.views import Window
from tests.registry.world import Person, World

EVERYTHING = ListQuery(Window(10))


@pytest.fixture
def people(world: World, owner: Person) -> dict[str, Person]:
    """Ada owns lab and vault; bob contributes to lab, cleo reads vault; dan is alone."""
    owner.create_channel("vault", is_public=False)
    bob, cleo, dan = (world.person(login) for login in ("bob", "cleo", "dan"))
    owner.add_member("lab", bob, Role.CONTRIBUTOR)
    owner.add_member("vault", cleo, Role.MEMBER)
    root = world.person("root", is_admin=True)
    return {"ada": owner, "bob": bob, "cleo": cleo, "dan": dan, "root": root}


def users(person: Person, query: ListQuery = EVERYTHING) -> list[str]:
    page = person.world.run(person.world.registry.directory.users(person.viewer, query))
    return [user.login for user in page.items]


def candidates(person: Person, mode: AccessMode, query: ListQuery = EVERYTHING) -> list[str]:
    directory = person.world.registry.directory
    page = person.world.run(directory.key_candidates(person.viewer, mode, query))
    assert page.total == len(page.items)
    return [channel.name for channel in page.items]


def owners(person: Person) -> list[str]:
    found = person.world.run(person.world.registry.directory.owners(person.viewer))
    return [user.login for user in found]


def test_administrators_are_shown_everybody(people: dict[str, Person]) -> None:
    assert users(people["root"]) == ["ada", "bob", "cleo", "dan", "root"]


def test_others_are_shown_those_they_share_a_channel_with(
    world: World, people: dict[str, Person]
) -> None:
    assert users(people["ada"]) == ["ada", "bob", "cleo"]
    assert users(people["bob"]) == ["ada", "bob"]
    assert users(people["dan"]) == ["dan"]
    assert users(world.nobody) == []


def test_a_limited_key_shows_no_more_than_its_channel(people: dict[str, Person]) -> None:
    key = people["ada"].with_key(AccessMode.ALL, "lab")
    assert users(key) == ["ada", "bob"]
    assert users(people["root"].with_key(AccessMode.READ)) == ["root"]


def test_users_are_filtered_ordered_and_counted(world: World, people: dict[str, Person]) -> None:
    def where(*parts: Filter) -> ListQuery:
        return ListQuery(Window(2), AllOf(parts), Order("createdAt", descending=True))

    root = people["root"]
    assert users(root, where(Condition("isAdmin", TextOperator.EQ, value=True))) == ["root"]
    assert users(root, where(Condition("login", TextOperator.CONTAINS, "a"))) == ["ada", "dan"]
    page = world.run(world.registry.directory.users(root.viewer, where()))
    assert (page.total, page.pages) == (5, 3)
    with pytest.raises(InvalidInputError):
        users(root, where(Condition("password_hash", TextOperator.EQ, "x")))


def test_who_may_do_what_is_the_policys_answer(world: World, people: dict[str, Person]) -> None:
    def may(person: Person, action: Action, channel: str) -> bool:
        return world.run(world.registry.directory.may(person.viewer, action, channel))

    ada, bob, root = people["ada"], people["bob"], people["root"]
    assert [may(person, Action.MANAGE, "lab") for person in (ada, bob, root)] == [True, False, True]
    assert may(bob, Action.UPLOAD, "lab")
    assert not may(world.nobody, Action.MANAGE, "lab")
    assert not may(root, Action.MANAGE, "nowhere")
    assert not may(ada.with_key(AccessMode.READ), Action.TRANSFER, "lab")


def test_owners_of_readable_channels_are_listed_once(
    world: World, people: dict[str, Person]
) -> None:
    people["bob"].create_channel("den", is_public=False)
    people["ada"].create_channel("annex")
    assert owners(world.nobody) == ["ada"]
    assert owners(people["bob"]) == ["ada", "bob"]
    assert owners(people["root"]) == ["ada", "bob"]


def test_a_name_is_free_where_it_is_a_login_and_nobodys(
    world: World, people: dict[str, Person]
) -> None:
    assert people
    for name, expected in (("eve", True), ("ada", False), ("Eve", False), ("", False)):
        assert world.run(world.registry.directory.is_free(name)) is expected


def test_keys_fit_where_the_role_allows_all_of_their_mode(people: dict[str, Person]) -> None:
    fits = {
        login: {mode.name: candidates(people[login], mode) for mode in AccessMode}
        for login in ("ada", "bob", "cleo", "dan")
    }
    everywhere = ["lab", "vault"]
    assert fits["ada"] == {mode.name: everywhere for mode in AccessMode}
    assert fits["bob"] == {
        "ALL": [],
        "READ": ["lab"],
        "READ_WRITE": ["lab"],
        "READ_WRITE_DELETE": [],
    }
    assert {name for name, found in fits["cleo"].items() if found} == {"READ"}
    assert not any(fits["dan"].values())
    assert candidates(people["root"], AccessMode.ALL) == everywhere


def test_who_may_make_no_keys_has_no_candidates(world: World, people: dict[str, Person]) -> None:
    ada = people["ada"]
    for person in (
        world.nobody,
        ada.with_key(AccessMode.READ),
        ada.with_key(AccessMode.ALL, "lab"),
    ):
        assert candidates(person, AccessMode.READ) == []
    nameless = replace(ada, viewer=replace(ada.viewer, user_id=None))
    assert candidates(nameless, AccessMode.READ) == []


def test_channels_are_filtered_and_ordered_by_their_owner(
    world: World, people: dict[str, Person]
) -> None:
    people["bob"].create_channel("annex")

    def names(where: Filter, order: Order | None = None) -> list[str]:
        query = ListQuery(Window(10), where, order)
        page = world.run(world.registry.channels.page(people["root"].viewer, query))
        return [channel.name for channel in page.items]

    def flag(field: str, *, value: bool) -> Condition:
        return Condition(field, TextOperator.EQ, value)

    everything = ["annex", "lab", "vault"]
    assert names(flag("hasOwner", value=True)) == everything
    assert names(flag("hasOwner", value=False)) == []
    assert names(flag("hasMirror", value=False)) == everything
    assert names(flag("hasMirror", value=True)) == []
    for order in (Order("owner"), Order("namespace")):
        assert names(AllOf(), order) == ["lab", "vault", "annex"]
