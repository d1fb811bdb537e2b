"""Jobs: queued, done item by item by any worker, resumed after crashes, seen by few."""

import json
from datetime import timedelta

import pytest

from graphrepo.access.policy import Role
from graphrepo.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotAuthenticatedError,
)
from graphrepo.model.database import rows
from graphrepo.registry.job_rows import MAX_UNFINISHED
from graphrepo.registry.job_views import JobKind, JobState
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.workers import (
    delete_packages,
    do_all,
    found,
    results,
    seen,
)
from tests.registry.world import Person, World


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


def test_what_is_asked_is_kept_as_json(world: World, owner: Person) -> None:
    delete_packages(owner, "lab", "alpha")
    (asked,) = world.run(world.database.read(rows, "SELECT asked FROM job_item"))[0]
    assert json.loads(asked) == {"item": "alpha"}
