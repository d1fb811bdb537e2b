"""Guessing passwords is slowed down, and nobody is kept out by what others do."""

from datetime import timedelta

import pytest

from graphrepo.access.attempts import AttemptLimits
from graphrepo.access.viewer import Viewer
from graphrepo.errors import (
    InvalidInputError,
    SetupClosedError,
    TooManyAttemptsError,
    WrongCredentialsError,
)
from graphrepo.registry.attempts import Attempts
from tests.clocks import HandClock
from tests.registry.world import PASSWORD, World

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.1"
LIMITS = AttemptLimits()


def sign_in(world: World, login: str = "ada", password: str = PASSWORD, at: str = HOME) -> None:
    world.run(world.registry.accounts.login(login, password, at))


def guess(world: World, times: int, login: str = "ada", at: str = ELSEWHERE) -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentialsError):
            sign_in(world, login, "wrong horse", at)


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("login", ["ada", "nobody"])
def test_an_account_takes_few_guesses_whether_it_exists_or_not(
    world: World, clock: HandClock, login: str
) -> None:
    guess(world, LIMITS.per_account, login)
    with pytest.raises(TooManyAttemptsError, match="try again in 90 seconds") as refusal:
        sign_in(world, login, at="192.0.2.1")
    assert refusal.value.seconds == 90
    clock.advance(timedelta(seconds=90))
    guess(world, 1, login)
    with pytest.raises(TooManyAttemptsError):
        sign_in(world, login, at=ELSEWHERE)


@pytest.mark.usefixtures("ada")
def test_strangers_do_not_keep_a_person_out_where_they_sign_in(world: World) -> None:
    sign_in(world)
    guess(world, LIMITS.per_account)
    with pytest.raises(TooManyAttemptsError):
        sign_in(world, at="192.0.2.1")
    sign_in(world)
    guess(world, LIMITS.per_account, at=HOME)
    with pytest.raises(TooManyAttemptsError):
        sign_in(world)


@pytest.mark.usefixtures("ada")
def test_an_address_takes_so_many_guesses_about_anybody(world: World) -> None:
    names = [f"user{number}" for number in range(LIMITS.per_address - 1)]
    for name in (*names, "No Login At All"):
        guess(world, 1, name)
    with pytest.raises(TooManyAttemptsError):
        sign_in(world, at=ELSEWHERE)
    sign_in(world, at=HOME)


@pytest.mark.usefixtures("ada")
def test_success_costs_nothing(world: World) -> None:
    for _ in range(LIMITS.per_account + 1):
        sign_in(world)


def test_a_failure_of_the_server_costs_nothing(clock: HandClock) -> None:
    attempts = Attempts(clock)
    for _ in range(LIMITS.per_account + 1):
        with pytest.raises(OSError, match="disk"), attempts.sign_in("ada", HOME):
            raise OSError("disk")


def test_many_guesses_at_once_are_many(clock: HandClock) -> None:
    attempts = Attempts(clock, AttemptLimits(per_account=2))
    with (
        attempts.sign_in("ada", HOME),
        attempts.sign_in("ada", HOME),
        pytest.raises(TooManyAttemptsError),
        attempts.sign_in("ada", HOME),
    ):
        pass


def test_the_set_up_token_is_not_guessed_either(world: World) -> None:
    accounts = world.registry.accounts
    token = world.run(accounts.open_setup())
    assert token
    for _ in range(LIMITS.per_address):
        with pytest.raises(SetupClosedError):
            world.run(accounts.complete_setup("gr-wrong", "root", PASSWORD, ELSEWHERE))
    with pytest.raises(TooManyAttemptsError):
        world.run(accounts.complete_setup(token, "root", PASSWORD, ELSEWHERE))
    assert world.run(accounts.complete_setup(token, "root", PASSWORD, HOME)).is_admin


def test_a_stolen_session_does_not_find_out_the_password(world: World, ada: Viewer) -> None:
    change = world.registry.administration.change_password
    for _ in range(LIMITS.per_account):
        with pytest.raises(WrongCredentialsError):
            world.run(change(ada, "wrong horse", "battery staple"))
    with pytest.raises(TooManyAttemptsError):
        world.run(change(ada, PASSWORD, "battery staple"))
    sign_in(world)


def test_strangers_do_not_keep_anybody_from_changing_their_password(
    world: World, ada: Viewer
) -> None:
    guess(world, LIMITS.per_account)
    change = world.registry.administration.change_password
    with pytest.raises(InvalidInputError):
        world.run(change(ada, PASSWORD, "short"))
    world.run(change(ada, PASSWORD, "battery staple"))


def test_memory_is_bounded_and_forgets_what_is_oldest(clock: HandClock) -> None:
    attempts = Attempts(clock, AttemptLimits(per_account=1), most=3)
    for login in ("ada", "bob", "cyd"):  # two budgets each: the address has one of them
        with pytest.raises(WrongCredentialsError), attempts.sign_in(login, HOME):
            raise WrongCredentialsError("no")
    with pytest.raises(TooManyAttemptsError), attempts.sign_in("cyd", HOME):
        pass
    with attempts.sign_in("ada", HOME), attempts.sign_in("eve", "a"), attempts.sign_in("fay", "b"):
        pass  # the budgets of ada are forgotten before they could be given back
