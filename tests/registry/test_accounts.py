"""People sign in, keys stand for them, and both end when they should."""

from datetime import timedelta

import pytest

from graphrepo.access.viewer import ANONYMOUS, SYSTEM, AccessMode
from graphrepo.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    SetupClosedError,
    WrongCredentialsError,
)
from graphrepo.model.database import rows
from graphrepo.model.entities import User
from graphrepo.registry.requests import NewApiKey, UserChange
from tests.clocks import HandClock
from tests.registry.world import World


def test_a_new_server_has_no_users_until_one_is_created(world: World) -> None:
    accounts = world.registry.accounts
    assert not world.run(accounts.has_users())
    world.person("ada")
    assert world.run(accounts.has_users())


def test_a_login_is_taken_once(world: World) -> None:
    world.person("ada")
    with pytest.raises(ConflictError, match="ada"):
        world.person("ada")


def test_an_administrator_ends_all_sessions_of_a_user(world: World) -> None:
    accounts, sessions = world.registry.accounts, world.registry.sessions
    world.run(accounts.create_user("ada", "correct horse"))
    secrets = [world.run(accounts.login("ada", "correct horse"))[0] for _ in range(2)]
    assert world.run(sessions.end_all(SYSTEM, "ada")) == 2
    for secret in secrets:
        assert world.run(accounts.viewer_of_session(secret)) == ANONYMOUS
    with pytest.raises(NotFoundError, match="There is no user eve"):
        world.run(sessions.end_all(SYSTEM, "eve"))
    with pytest.raises(ForbiddenError):
        world.run(sessions.end_all(world.person("bob").viewer, "ada"))


@pytest.mark.parametrize(("login", "password"), [("Ada L", "long enough"), ("ada", "short")])
def test_logins_and_passwords_have_a_grammar(world: World, login: str, password: str) -> None:
    with pytest.raises(InvalidInputError):
        world.run(world.registry.accounts.create_user(login, password))
    assert not world.run(world.registry.accounts.has_users())


def test_a_session_stands_for_its_user_until_sign_out(world: World) -> None:
    accounts = world.registry.accounts
    world.run(accounts.create_user("ada", "correct horse", is_admin=True))
    secret, viewer = world.run(accounts.login("ada", "correct horse"))
    assert viewer.login == "ada"
    assert world.run(accounts.viewer_of_session(secret)) == viewer
    assert viewer.by_cookie
    assert viewer.is_admin
    world.run(accounts.logout(secret))
    assert world.run(accounts.viewer_of_session(secret)) == ANONYMOUS


def test_a_session_ends_by_itself(world: World, clock: HandClock) -> None:
    accounts = world.registry.accounts
    world.run(accounts.create_user("ada", "correct horse"))
    old, _ = world.run(accounts.login("ada", "correct horse"))
    clock.advance(timedelta(days=30))
    assert world.run(accounts.viewer_of_session(old)) == ANONYMOUS
    world.run(accounts.login("ada", "correct horse"))
    assert world.run(world.database.read(rows, "SELECT count(*) FROM session")) == [(1,)]


@pytest.mark.parametrize(
    ("login", "password"), [("ada", "wrong horse"), ("eve", "correct horse"), ("bot", "")]
)
def test_wrong_credentials_are_refused_alike(world: World, login: str, password: str) -> None:
    accounts = world.registry.accounts
    world.run(accounts.create_user("ada", "correct horse"))
    world.run(accounts.create_user("bot", None))
    with pytest.raises(WrongCredentialsError) as refusal:
        world.run(accounts.login(login, password))
    assert str(refusal.value) == "Login and password do not belong together; try again."


def test_a_disabled_user_is_nobody(world: World) -> None:
    accounts = world.registry.accounts
    world.run(accounts.create_user("ada", "correct horse"))
    secret, _ = world.run(accounts.login("ada", "correct horse"))
    world.run(world.database.transact(_disable, "ada"))
    assert world.run(accounts.viewer_of_session(secret)) == ANONYMOUS
    with pytest.raises(WrongCredentialsError):
        world.run(accounts.login("ada", "correct horse"))


@pytest.mark.parametrize("secret", ["", "nonsense", "gr-" + "0" * 40, "gr-é"])
def test_secrets_that_were_never_issued_stand_for_nobody(world: World, secret: str) -> None:
    world.person("ada")
    assert world.run(world.registry.accounts.viewer_of_session(secret)) == ANONYMOUS
    assert world.run(world.registry.accounts.viewer_of_token(secret)) == ANONYMOUS


def test_the_first_administrator_comes_through_the_setup_link_once(world: World) -> None:
    accounts = world.registry.accounts
    outdated = world.run(accounts.open_setup())
    token = world.run(accounts.open_setup())
    assert token
    assert outdated
    with pytest.raises(SetupClosedError):
        world.run(accounts.complete_setup(outdated, "ada", "correct horse"))
    user = world.run(accounts.complete_setup(token, "ada", "correct horse"))
    assert user.is_admin
    with pytest.raises(SetupClosedError):
        world.run(accounts.complete_setup(token, "eve", "correct horse"))
    assert world.run(accounts.open_setup()) is None


def test_nothing_is_set_up_without_a_link(world: World) -> None:
    with pytest.raises(SetupClosedError):
        world.run(world.registry.accounts.complete_setup("", "ada", "correct horse"))


def test_users_are_found_by_login_and_by_id(world: World) -> None:
    accounts = world.registry.accounts
    ada, bob = world.person("ada"), world.person("bob")
    found = world.run(accounts.user("ada"))
    assert found
    assert found.login == "ada"
    assert world.run(accounts.user("eve")) is None
    ids = [ada.viewer.user_id or 0, bob.viewer.user_id or 0, 99]
    named = {user.login for user in world.run(accounts.users_by_id(ids)).values()}
    assert named == {"ada", "bob"}
    assert world.run(accounts.users_by_id([])) == {}


def test_the_last_use_of_a_key_is_remembered_to_the_minute(world: World, clock: HandClock) -> None:
    ada = world.person("ada")
    ada.create_channel("lab")
    _, token = world.run(world.registry.keys.create(ada.viewer, NewApiKey("ci")))
    first = clock.now
    viewer = world.run(world.registry.accounts.viewer_of_token(token))
    assert viewer.login == "ada"
    clock.advance(timedelta(seconds=59))
    world.run(world.registry.accounts.viewer_of_token(token))
    assert _last_used(world) == int(first.timestamp() * 1000)
    clock.advance(timedelta(seconds=1))
    world.run(world.registry.accounts.viewer_of_token(token))
    assert _last_used(world) == int(clock.now.timestamp() * 1000)


def test_a_key_stands_for_its_user_within_its_limits(world: World) -> None:
    ada = world.person("ada")
    ada.create_channel("lab")
    robot = ada.with_key(AccessMode.READ, "lab")
    assert robot.viewer.key
    assert (robot.viewer.key.mode, robot.viewer.key.channel) == (AccessMode.READ, "lab")
    assert not robot.viewer.by_cookie


def _last_used(world: World) -> int:
    return world.run(world.database.read(rows, "SELECT last_used_at FROM api_key"))[0][0]


def _disable(login: str) -> None:
    user = User.get(login=login)
    assert user
    user.is_disabled = True


def test_users_are_found_by_many_logins_at_once(world: World) -> None:
    world.person("ada")
    world.person("bob")
    accounts = world.registry.accounts
    assert sorted(world.run(accounts.users_by_login(["ada", "bob", "eve"]))) == ["ada", "bob"]
    assert world.run(accounts.users_by_login([])) == {}


@pytest.mark.parametrize("login", ["", " ", "x" * 41])
def test_what_nobody_can_be_called_names_nobody(world: World, login: str) -> None:
    root = world.person("root", is_admin=True)
    change = world.registry.administration.update_user(root.viewer, login, UserChange())
    with pytest.raises(NotFoundError):
        world.run(change)


def test_where_nobody_administers_people_can_be_changed_all_the_same(world: World) -> None:
    world.run(world.registry.accounts.create_user("ada", "correct horse"))
    change = UserChange(password="battery staple")
    world.run(world.registry.administration.update_user(SYSTEM, "ada", change))
    assert world.run(world.registry.accounts.login("ada", "battery staple"))[1].login == "ada"
