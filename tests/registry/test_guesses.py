"""Wrong passwords leave lines in the audit log: few of them, and never what was typed."""

from datetime import timedelta

import pytest

from graphrepo.access.attempts import AttemptLimits
from graphrepo.access.viewer import SYSTEM, Viewer
from graphrepo.errors import (
    GraphrepoError,
    SetupClosedError,
    StorageFullError,
    TooManyAttemptsError,
    WrongCredentialsError,
)
from graphrepo.model.database import rows
from graphrepo.registry.audit import EventView
from graphrepo.registry.guesses import MOST, Guesses
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.views import Window
from tests.clocks import HandClock
from tests.databases import on_postgres
from tests.registry.world import PASSWORD, World

WRONG = "wrong horse"
HOME, ELSEWHERE = "203.0.113.7", "198.51.100.1"
LIMITS = AttemptLimits()


def guess(world: World, login: str, at: str = ELSEWHERE, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises((WrongCredentialsError, TooManyAttemptsError)):
            world.run(world.registry.accounts.login(login, WRONG, at))


def lines(world: World) -> list[EventView]:
    query = ListQuery(Window(limit=500, page=0))
    found = world.run(world.registry.audit.page(SYSTEM, query)).items
    return [event for event in found if event.action.startswith("fail_")]


@pytest.mark.usefixtures("ada")
def test_a_wrong_password_tells_of_whom_and_from_where(world: World) -> None:
    guess(world, "ada")
    (line,) = lines(world)
    assert (line.actor, line.action, line.address) == ("anonymous", "fail_sign_in", ELSEWHERE)
    assert line.details == {"login": "ada", "reason": "wrong_credentials"}
    assert WRONG not in str(line)


def test_what_is_no_account_is_not_kept(world: World) -> None:
    guess(world, "my-secret-by-mistake")
    assert lines(world)[0].details == {"reason": "wrong_credentials"}


@pytest.mark.usefixtures("ada")
def test_there_is_one_line_for_each_account_address_and_reason(
    world: World, clock: HandClock
) -> None:
    guess(world, "ada", times=LIMITS.per_account + 5)
    said = [(line.details["reason"], line.address) for line in lines(world)]
    assert said == [("too_many_attempts", ELSEWHERE), ("wrong_credentials", ELSEWHERE)]
    guess(world, "ada", at=HOME)
    guess(world, "bob")
    assert len(lines(world)) == 4
    clock.advance(timedelta(seconds=LIMITS.seconds))
    guess(world, "ada")
    assert len(lines(world)) == 5


def test_all_lines_together_are_bounded(world: World, clock: HandClock) -> None:
    guesses = Guesses(world.database, clock, LIMITS.seconds)

    async def attack(times: int) -> None:
        for number in range(times):
            viewer = Viewer(None, "", address=f"2001:db8:{number:x}::1")
            with pytest.raises(WrongCredentialsError):
                async with guesses.told(viewer, "fail_sign_in", "ada"):
                    raise WrongCredentialsError("no")

    world.run(attack(MOST + 20))
    assert len(lines(world)) == MOST


def test_guesses_at_the_set_up_and_at_ones_own_password_are_told(world: World, ada: Viewer) -> None:
    with pytest.raises(SetupClosedError):
        world.run(world.registry.accounts.complete_setup("gr-no", "root", PASSWORD, HOME))
    change = world.registry.administration.change_password
    with pytest.raises(WrongCredentialsError):
        world.run(change(ada.at(HOME), WRONG, "battery staple"))
    said = [(line.actor, line.action, line.address) for line in lines(world)]
    assert said == [("ada", "fail_change_password", HOME), ("anonymous", "fail_set_up", HOME)]


def test_success_and_other_failures_leave_none(world: World, ada: Viewer) -> None:
    world.run(world.registry.accounts.login("ada", PASSWORD, HOME))
    with pytest.raises(GraphrepoError):
        world.run(world.registry.administration.change_password(ada, PASSWORD, "short"))
    assert lines(world) == []


@pytest.mark.skipif(on_postgres(), reason="a SQLite can be told that it is full")
def test_a_full_disk_does_not_change_the_answer(world: World) -> None:
    world.run(world.database.transact(rows, "PRAGMA max_page_count = 1"))  # no more than it has
    people = (f"person{number}" for number in range(500))
    with pytest.raises(StorageFullError):
        list(map(world.person, people))
    guess(world, "person0")
    assert lines(world) == []
