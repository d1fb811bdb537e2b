"""Rights of jobs: those of who started one, as they are now; and who sees it."""

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import SYSTEM, AccessMode, Viewer
from graphrepo.model.database import rows
from graphrepo.registry.job_rights import starter_of
from graphrepo.registry.job_views import JobKind
from tests.builders import package
from tests.registry.workers import (
    claimed,
    delete_packages,
    do_all,
    found,
    results,
    seen,
)
from tests.registry.world import Person, World


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


def test_a_viewer_is_the_account_as_it_is_now(world: World, owner: Person) -> None:
    delete_packages(owner, "lab", "alpha")
    turn = claimed(world, "one")
    assert world.run(world.database.read(starter_of, turn, 0)) == Viewer(
        owner.viewer.user_id, "ada"
    )
