"""Jobs: queued, done item by item by any worker, resumed after crashes, seen by few."""

import asyncio
import json
from datetime import timedelta

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import SYSTEM, AccessMode, Viewer
from graphrepo.errors import (
    ConflictError,
    ForbiddenError,
    GraphrepoError,
    InvalidInputError,
    NotAuthenticatedError,
    StaleError,
    UnavailableError,
)
from graphrepo.model.database import rows
from graphrepo.registry.job_rights import starter_of
from graphrepo.registry.job_rows import MAX_UNFINISHED, claim, release, settle
from graphrepo.registry.job_views import JobKind, JobState, Outcome, Turn
from graphrepo.registry.job_worker import JobWorker
from graphrepo.registry.registry import assemble
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.workers import (
    delete_packages,
    do_all,
    found,
    results,
    seen,
    worker,
    worker_of,
)
from tests.registry.world import CHEAP, Person, World

LEASE = timedelta(seconds=8)


def claimed(world: World, holder: str) -> Turn:
    now = int(world.clock().timestamp() * 1000)
    turn = world.run(world.database.transact(claim, holder, now, 8000))
    assert turn is not None
    return turn


def test_packages_go_one_after_the_other(world: World, owner: Person, clock: HandClock) -> None:
    for name in ("alpha", "beta", "gamma"):
        for subdir in ("noarch", "linux-64"):
            owner.publish("lab", package(name, subdir=subdir))
    job = delete_packages(owner, "lab", "Alpha", "nothing", "beta", "alpha")
    assert (job.state, job.total, job.done, job.failed) == (JobState.QUEUED, 3, 0, 0)
    assert (job.kind, job.channel, job.login, job.started_at) == (
        JobKind.DELETE,
        "lab",
        "ada",
        None,
    )
    clock.advance(timedelta(seconds=5))
    assert do_all(world) == 3
    ended = found(owner, job)
    assert (ended.state, ended.done, ended.failed) == (JobState.FAILED, 2, 1)
    assert ended.started_at == ended.finished_at == world.run(moment_of(world))
    alpha, nothing, _ = results(owner, job)
    files = ("linux-64/alpha-1.0-0.conda", "noarch/alpha-1.0-0.conda")
    assert (alpha.item, alpha.ok, alpha.files, alpha.code) == ("alpha", True, files, None)
    assert (nothing.item, nothing.ok, nothing.files, nothing.code) == (
        "nothing",
        False,
        (),
        "not_found",
    )
    assert nothing.message == "There is no package nothing in lab."
    assert set(owner.repodata("lab")["packages.conda"]) == {"gamma-1.0-0.conda"}


async def moment_of(world: World) -> object:
    sql = "SELECT max(finished_at) FROM job"
    found_at = (await world.database.read(rows, sql))[0][0]
    assert found_at == int(world.clock().timestamp() * 1000)
    moment = world.clock()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_all_done_is_done(world: World, owner: Person) -> None:
    owner.publish("lab", package("alpha"))
    job = delete_packages(owner, "lab", "alpha")
    do_all(world)
    assert found(owner, job).state is JobState.DONE
    assert do_all(world) == 0


@pytest.mark.parametrize("names", [(), tuple(f"p{number}" for number in range(1001))])
def test_a_job_has_some_items_and_not_too_many(owner: Person, names: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError, match="Name 1 to 1000 packages"):
        delete_packages(owner, "lab", *names)


def test_only_who_may_delete_starts_a_deletion(world: World, owner: Person) -> None:
    carl = world.person("carl")
    owner.add_member("lab", carl, Role.CONTRIBUTOR)
    with pytest.raises(ForbiddenError):
        delete_packages(carl, "lab", "alpha")
    with pytest.raises(NotAuthenticatedError):
        delete_packages(world.nobody, "lab", "alpha")
    assert do_all(world) == 0


def test_a_person_has_a_bounded_number_of_jobs(world: World, owner: Person) -> None:
    for _ in range(MAX_UNFINISHED):
        delete_packages(owner, "lab", "alpha")
    with pytest.raises(ConflictError, match="unfinished jobs"):
        delete_packages(owner, "lab", "alpha")
    do_all(world)
    delete_packages(owner, "lab", "alpha")


# Whose rights count, and when


def test_rights_that_are_lost_meanwhile_are_lost(world: World, owner: Person) -> None:
    owner.publish("lab", package("alpha"))
    bea = world.person("bea")
    owner.add_member("lab", bea, Role.OWNER)
    job = delete_packages(bea, "lab", "alpha")
    owner.add_member("lab", bea, Role.MEMBER)
    do_all(world)
    (result,) = results(bea, job)
    assert (result.ok, result.code) == (False, "forbidden")
    assert owner.find("lab", "noarch", "alpha-1.0-0.conda")


def test_a_disabled_account_does_nothing_more(world: World, owner: Person) -> None:
    job = delete_packages(owner, "lab", "alpha")
    world.run(world.database.transact(rows, "UPDATE account SET is_disabled = true"))
    do_all(world)
    assert results(owner, job)[0].message == (
        "The account ada was disabled; nothing is done in its name."
    )


def test_a_job_has_the_limits_of_the_key_that_started_it(world: World, owner: Person) -> None:
    key = owner.with_key(AccessMode.READ_WRITE_DELETE, "lab")
    owner.publish("lab", package("alpha"))
    job = delete_packages(key, "lab", "alpha")
    turn = claimed(world, "somebody")
    now = int(world.clock().timestamp() * 1000)
    acting = world.run(world.database.read(starter_of, turn, now))
    assert acting.key == key.viewer.key
    assert seen(key, job) is not None


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE api_key SET revoked_at = 1",
        "UPDATE api_key SET expires_at = 1",
        "DELETE FROM api_key",
    ],
)
def test_a_job_ends_with_the_key_that_started_it(world: World, owner: Person, end: str) -> None:
    owner.publish("lab", package("alpha"))
    job = delete_packages(owner.with_key(AccessMode.ALL), "lab", "alpha")
    world.run(world.database.transact(rows, end))
    do_all(world)
    (result,) = results(owner, job)
    assert (result.code, "no longer good" in (result.message or "")) == ("forbidden", True)


def test_a_key_that_is_lost_as_the_job_starts_gives_no_rights(world: World, owner: Person) -> None:
    key = owner.with_key(AccessMode.ALL)
    world.run(world.database.transact(rows, "DELETE FROM api_key"))
    job = delete_packages(key, "lab", "alpha")
    do_all(world)
    assert results(owner, job)[0].code == "forbidden"


def test_without_an_account_there_are_no_rights_later(world: World, owner: Person) -> None:
    operator = Person(world, SYSTEM)
    job = delete_packages(operator, "lab", "alpha")
    do_all(world)
    assert owner.world.run(world.registry.jobs.results([job.id]))[job.id][0].code == "forbidden"


# Who sees a job


def test_who_sees_a_job_and_its_results(world: World, owner: Person) -> None:
    owner.create_channel("vault", is_public=False)
    people = {login: world.person(login) for login in ("carl", "mia", "sam")}
    owner.add_member("vault", people["carl"], Role.CONTRIBUTOR)
    owner.add_member("vault", people["mia"], Role.MEMBER)
    job = delete_packages(owner, "vault", "alpha")
    assert found(owner, job).may_see_results
    assert not found(people["carl"], job).may_see_results
    assert found(world.person("root", is_admin=True), job).may_see_results
    for who in (people["mia"], people["sam"], world.nobody):
        assert seen(who, job) is None
    elsewhere = owner.with_key(AccessMode.ALL, "lab")
    assert seen(elsewhere, job) is None
    assert seen(owner.with_key(AccessMode.READ), job) is not None


def test_who_started_a_job_sees_it_as_long_as_they_see_the_channel(
    world: World, owner: Person
) -> None:
    bea = world.person("bea")
    owner.add_member("lab", bea, Role.OWNER)
    job = delete_packages(bea, "lab", "alpha")
    world.run(world.registry.members.remove(owner.viewer, "lab", "bea"))
    assert found(bea, job).may_see_results  # the channel is public
    world.run(world.database.transact(rows, "UPDATE channel SET is_public = false"))
    assert seen(bea, job) is None


def test_the_active_job_is_the_newest_that_has_not_ended(world: World, owner: Person) -> None:
    jobs = world.registry.jobs

    def active(person: Person, kind: JobKind = JobKind.DELETE) -> int | None:
        view = world.run(jobs.active(person.viewer, "lab", kind))
        return view and view.id

    assert active(owner) is None
    delete_packages(owner, "lab", "alpha")
    newest = delete_packages(owner, "lab", "beta")
    assert active(owner) == newest.id
    assert active(owner, JobKind.COPY) is None
    assert active(world.person("sam")) is None
    do_all(world)
    assert active(owner) is None


def test_a_job_that_is_not_there_is_none(world: World, owner: Person) -> None:
    assert world.run(world.registry.jobs.get(owner.viewer, 99)) is None


def test_jobs_go_with_their_channel(world: World, owner: Person) -> None:
    job = delete_packages(owner, "lab", "alpha")
    world.run(world.registry.channels.delete(owner.viewer, "lab"))
    assert seen(owner, job) is None
    assert do_all(world) == 0


def test_ended_jobs_are_forgotten_after_a_month(
    world: World, owner: Person, clock: HandClock
) -> None:
    old = delete_packages(owner, "lab", "alpha")
    do_all(world)
    clock.advance(timedelta(days=29))
    delete_packages(owner, "lab", "beta")
    assert seen(owner, old) is not None
    clock.advance(timedelta(days=2))
    delete_packages(owner, "lab", "gamma")
    assert seen(owner, old) is None


# Workers


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


def test_what_is_asked_is_kept_as_json(world: World, owner: Person) -> None:
    delete_packages(owner, "lab", "alpha")
    (asked,) = world.run(world.database.read(rows, "SELECT asked FROM job_item"))[0]
    assert json.loads(asked) == {"item": "alpha"}


def test_a_viewer_is_the_account_as_it_is_now(world: World, owner: Person) -> None:
    delete_packages(owner, "lab", "alpha")
    turn = claimed(world, "one")
    assert world.run(world.database.read(starter_of, turn, 0)) == Viewer(
        owner.viewer.user_id, "ada"
    )
