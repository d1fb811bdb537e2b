"""Workers of jobs: they take turns, outlive each other, and never do what they have lost."""

import asyncio
from datetime import timedelta

import pytest

from graphrepo.errors import (
    GraphrepoError,
    StaleError,
    UnavailableError,
)
from graphrepo.model.database import rows
from graphrepo.registry.job_rows import release, settle
from graphrepo.registry.job_views import JobState, Outcome, Turn
from graphrepo.registry.job_worker import JobWorker
from graphrepo.registry.registry import assemble
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.workers import (
    LEASE,
    claimed,
    delete_packages,
    do_all,
    found,
    results,
    worker,
    worker_of,
)
from tests.registry.world import CHEAP, Person, World


def test_jobs_take_turns(world: World, owner: Person, clock: HandClock) -> None:
    delete_packages(owner, "lab", "a1", "a2", "a3")
    delete_packages(owner, "lab", "b1", "b2")
    order: list[str] = []

    async def work(turn: Turn) -> Outcome:
        order.append(turn.asked["item"])
        clock.advance(timedelta(milliseconds=1))
        return Outcome()

    working = worker_of(world, work)
    while world.run(working.once()):
        pass
    assert order == ["a1", "b1", "a2", "b2", "a3"]


def test_what_a_worker_is_at_no_other_takes(world: World, owner: Person, clock: HandClock) -> None:
    job = delete_packages(owner, "lab", "alpha")
    claimed(world, "one")
    assert found(owner, job).state is JobState.RUNNING
    assert not world.run(worker(world).once())
    clock.advance(LEASE)
    assert world.run(worker(world).once())


def test_an_item_that_keeps_ending_the_server_is_given_up(
    world: World, owner: Person, clock: HandClock
) -> None:
    job = delete_packages(owner, "lab", "alpha")
    for _ in range(3):
        claimed(world, "one")
        clock.advance(LEASE)
    do_all(world)
    (result,) = results(owner, job)
    assert (result.code, result.message) == (
        "internal_error",
        "The server ended 3 times while it was at this; it gave up.",
    )


def test_a_crash_after_the_last_item_leaves_an_end_to_the_next_worker(
    world: World, owner: Person, clock: HandClock
) -> None:
    owner.publish("lab", package("alpha"))
    job = delete_packages(owner, "lab", "alpha")
    turn = claimed(world, "one")
    world.run(world.registry.mass_removal.work(turn))  # which notes it, and then the lights go out
    assert found(owner, job).state is JobState.RUNNING
    clock.advance(LEASE)
    assert not world.run(worker(world).once())
    assert found(owner, job).state is JobState.DONE


@pytest.mark.parametrize("failure", [StaleError, UnavailableError])
def test_what_may_pass_is_waited_for(
    world: World, owner: Person, failure: type[GraphrepoError]
) -> None:
    job = delete_packages(owner, "lab", "alpha")
    attempts = list[int]()

    async def work(turn: Turn) -> Outcome:
        attempts.append(turn.attempts)
        if len(attempts) <= 4:
            raise failure("Try again.")
        return Outcome()

    working = worker_of(world, work)
    for _ in range(4):
        with pytest.raises(failure):
            world.run(working.once())
    assert world.run(working.once())
    assert found(owner, job).state is JobState.DONE
    assert attempts == [0] * 5


def test_an_unexpected_failure_ends_its_item_alone(
    world: World, owner: Person, caplog: pytest.LogCaptureFixture
) -> None:
    job = delete_packages(owner, "lab", "alpha", "beta")

    async def work(turn: Turn) -> Outcome:
        if turn.place == 0:
            raise RuntimeError("secret")
        return Outcome()

    working = worker_of(world, work)
    while world.run(working.once()):
        pass
    first, second = results(owner, job)
    assert (first.ok, first.code, second.ok) == (False, "internal_error", True)
    assert "secret" not in str(first)
    assert "secret" in caplog.text


class Slow:
    """Work that waits until it is told to end, and says when it began and was stopped."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.end = asyncio.Event()
        self.stopped = False

    async def __call__(self, _turn: Turn) -> Outcome:
        self.begun.set()
        try:
            await self.end.wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise
        return Outcome()


def test_a_clean_stop_gives_back_what_is_under_way(world: World, owner: Person) -> None:
    job = delete_packages(owner, "lab", "alpha")

    async def stop_half_way() -> bool:
        slow = Slow()
        running = asyncio.create_task(worker_of(world, slow).run())
        await slow.begun.wait()
        running.cancel()
        await asyncio.wait([running])
        return slow.stopped

    assert world.run(stop_half_way())
    turn = claimed(world, "another")  # at once, and as if it had never been begun
    assert (turn.job_id, turn.attempts) == (job.id, 0)


def test_a_claim_is_renewed_while_the_work_goes_on(
    world: World, owner: Person, clock: HandClock
) -> None:
    delete_packages(owner, "lab", "alpha")

    async def watch() -> int:
        slow = Slow()
        working = worker_of(world, slow, renewal=0.01)
        doing = asyncio.create_task(working.once())
        await slow.begun.wait()
        clock.advance(timedelta(seconds=5))
        until = 0
        while until < int(clock().timestamp() * 1000) + 7000:
            (until,) = (await world.database.read(rows, "SELECT lease_until FROM job"))[0]
        slow.end.set()
        await doing
        return until

    assert world.run(watch())


def test_a_worker_that_lost_its_claim_lets_go(
    world: World, owner: Person, caplog: pytest.LogCaptureFixture
) -> None:
    delete_packages(owner, "lab", "alpha")

    async def rob() -> bool:
        slow = Slow()
        working = worker_of(world, slow, renewal=0.01)
        doing = asyncio.create_task(working.once())
        await slow.begun.wait()
        await world.database.transact(rows, "UPDATE job SET holder = 'another'")
        await doing
        return slow.stopped

    assert world.run(rob())
    assert "taken over" in caplog.text
    found_state = world.run(world.database.read(rows, "SELECT holder, state FROM job"))
    assert found_state == [("another", "running")]


class Unlucky(JobWorker):
    """A worker whose database does not answer at first."""

    tries = 0

    async def once(self) -> bool:
        self.tries += 1
        if self.tries == 1:
            raise UnavailableError("The database does not answer.")
        return await super().once()


def test_it_begins_at_once_and_outlives_a_failure_of_the_database(
    world: World, owner: Person, caplog: pytest.LogCaptureFixture
) -> None:
    done = asyncio.Event()

    async def work(_turn: Turn) -> Outcome:
        done.set()
        return Outcome()

    async def run() -> None:
        running = asyncio.create_task(worker_of(world, work, kind=Unlucky).run())
        await world.registry.mass_removal.start(owner.viewer, "lab", ["alpha"])
        await asyncio.wait_for(done.wait(), 30)
        running.cancel()
        await asyncio.wait([running])

    world.run(run())
    assert "go on" in caplog.text


def test_jobs_of_other_processes_are_found(world: World, owner: Person) -> None:
    other = assemble(world.database, world.store, clock=world.clock, hasher=CHEAP)
    done = asyncio.Event()

    async def work(_turn: Turn) -> Outcome:
        done.set()
        return Outcome()

    async def run() -> None:
        running = asyncio.create_task(worker_of(world, work, look=0.01).run())
        for name in ("alpha", "beta"):
            await other.mass_removal.start(owner.viewer, "lab", [name])
            await asyncio.wait_for(done.wait(), 30)
            done.clear()
        running.cancel()
        await asyncio.wait([running])

    world.run(run())


def test_who_lost_a_claim_changes_nothing_of_the_next(
    world: World, owner: Person, clock: HandClock
) -> None:
    job = delete_packages(owner, "lab", "alpha", "beta")
    lost = claimed(world, "one")
    clock.advance(LEASE)
    claimed(world, "another")
    state = "SELECT holder, attempts FROM job JOIN job_item ON job_id = id WHERE place = 0"
    held = world.run(world.database.read(rows, state))
    world.run(world.database.transact(release, lost, "one"))
    assert world.run(world.database.read(rows, state)) == held == [("another", 2)]
    world.run(world.database.transact(settle, lost, "one", Outcome(("done late",)), 0))
    assert world.run(world.database.read(rows, state)) == held
    # What it did is done all the same: the other one will find it so.
    assert [result.files for result in results(owner, job)] == [("done late",)]
