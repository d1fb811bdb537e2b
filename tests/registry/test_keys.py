"""API keys: created, listed, revoked, deleted, and never wider than their maker."""

from datetime import timedelta

import pytest

from graphrepo.access.viewer import ANONYMOUS, AccessMode
from graphrepo.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
)
from graphrepo.registry.requests import NewApiKey
from tests.clocks import HandClock
from tests.registry.world import Person, World


def create(person: Person, new: NewApiKey, owner: str | None = None) -> str:
    _, token = person.world.run(person.world.registry.keys.create(person.viewer, new, owner=owner))
    return token


def test_a_key_is_listed_without_its_token(world: World, owner: Person, clock: HandClock) -> None:
    expires = clock.now + timedelta(days=90)
    new = NewApiKey(" ci ", AccessMode.READ_WRITE, "for the robot", "lab", expires)
    token = create(owner, new)
    (key,) = world.run(world.registry.keys.list(owner.viewer))
    assert (key.name, key.description, key.channel) == ("ci", "for the robot", "lab")
    assert key.mode is AccessMode.READ_WRITE
    assert key.expires_at == expires.replace(microsecond=expires.microsecond // 1000 * 1000)
    assert (key.last_used_at, key.revoked_at) == (None, None)
    assert token not in repr(key)


def test_an_expired_key_stands_for_nobody(world: World, owner: Person, clock: HandClock) -> None:
    token = create(owner, NewApiKey("ci", expires_at=clock.now + timedelta(days=1)))
    accounts = world.registry.accounts
    assert world.run(accounts.viewer_of_token(token)).login == "ada"
    clock.advance(timedelta(days=1))
    assert world.run(accounts.viewer_of_token(token)) == ANONYMOUS


def test_a_revoked_key_ends_at_once_and_stays_on_record(world: World, owner: Person) -> None:
    token = create(owner, NewApiKey("ci"))
    keys, accounts = world.registry.keys, world.registry.accounts
    revoked = world.run(keys.revoke(owner.viewer, "ci"))
    assert revoked.revoked_at
    assert world.run(accounts.viewer_of_token(token)) == ANONYMOUS
    assert world.run(keys.revoke(owner.viewer, "ci")) == revoked
    assert world.run(keys.list(owner.viewer)) == (revoked,)


def test_a_deleted_key_is_gone_and_its_name_free(world: World, owner: Person) -> None:
    token = create(owner, NewApiKey("ci"))
    world.run(world.registry.keys.delete(owner.viewer, "ci"))
    assert world.run(world.registry.accounts.viewer_of_token(token)) == ANONYMOUS
    assert world.run(world.registry.keys.list(owner.viewer)) == ()
    assert create(owner, NewApiKey("ci")) != token


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_keys_have_names(owner: Person, name: str) -> None:
    with pytest.raises(InvalidInputError):
        create(owner, NewApiKey(name))


def test_names_are_taken_once_for_each_user(world: World, owner: Person) -> None:
    create(owner, NewApiKey("ci"))
    with pytest.raises(ConflictError):
        create(owner, NewApiKey("ci"))
    create(world.person("bob"), NewApiKey("ci"))


def test_a_key_cannot_be_born_expired(owner: Person, clock: HandClock) -> None:
    with pytest.raises(InvalidInputError):
        create(owner, NewApiKey("ci", expires_at=clock.now))


def test_only_full_rights_mint_keys(world: World, owner: Person) -> None:
    with pytest.raises(NotAuthenticatedError):
        create(world.nobody, NewApiKey("more"))
    for mode, channel in ((AccessMode.READ_WRITE_DELETE, None), (AccessMode.ALL, "lab")):
        limited = owner.with_key(mode, channel)
        with pytest.raises(ForbiddenError):
            create(limited, NewApiKey("more"))
        assert world.run(world.registry.keys.list(limited.viewer)) == ()
    create(owner.with_key(AccessMode.ALL), NewApiKey("more"))


def test_a_key_is_bound_only_to_channels_its_user_may_read(world: World, owner: Person) -> None:
    owner.create_channel("secret", is_public=False)
    with pytest.raises(ForbiddenError, match="No channel secret, or you are not a member of it"):
        create(world.person("bob"), NewApiKey("ci", channel="secret"))


def test_the_operator_makes_keys_for_others(world: World, owner: Person) -> None:
    token = create(world.operator, NewApiKey("ci"), owner=owner.login)
    assert world.run(world.registry.accounts.viewer_of_token(token)).login == "ada"
    with pytest.raises(NotFoundError):
        create(world.operator, NewApiKey("ci"), owner="eve")
    with pytest.raises(ForbiddenError):
        create(world.operator, NewApiKey("ci"))


def test_naming_another_owner_changes_nothing_for_anybody_else(world: World) -> None:
    bob, eve = world.person("bob"), world.person("eve")
    create(eve, NewApiKey("ci"), owner="bob")
    assert world.run(world.registry.keys.list(bob.viewer)) == ()


def test_unknown_keys_are_not_found(world: World, owner: Person) -> None:
    keys = world.registry.keys
    for act in (keys.revoke, keys.delete):
        with pytest.raises(NotFoundError, match="ci"):
            world.run(act(owner.viewer, "ci"))
