"""A clock that is set back stops nothing and damages nothing."""

from datetime import timedelta

from graphrepo.clock import milliseconds
from graphrepo.registry.job_rows import claim
from graphrepo.registry.leases import Lease
from graphrepo.registry.soundness import Wanted
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.damage import Heard
from tests.registry.workers import delete_packages, do_all
from tests.registry.world import Person, World

DAY = timedelta(days=1)
SPAN = timedelta(seconds=20)


def lease(world: World) -> Lease:
    return Lease(world.database, world.clock, "work", SPAN)


def test_a_lease_from_the_future_holds_nobody_up(world: World, clock: HandClock) -> None:
    dead, alive = lease(world), lease(world)
    assert world.run(dead.held())
    assert not world.run(alive.held())
    clock.advance(-DAY)
    assert world.run(alive.held())
    assert not world.run(dead.held())


def test_a_lease_outlasts_a_small_step_back(world: World, clock: HandClock) -> None:
    one, other = lease(world), lease(world)
    assert world.run(one.held())
    clock.advance(timedelta(seconds=-1))
    assert world.run(one.held())
    assert not world.run(other.held())


def test_a_job_that_was_claimed_in_the_future_goes_on(
    world: World, owner: Person, clock: HandClock
) -> None:
    owner.publish("lab", package("zlib"))
    delete_packages(owner, "lab", "zlib")
    now = milliseconds(clock())
    assert world.run(world.database.transact(claim, "a worker that died", now, 8000))
    clock.advance(-DAY)
    assert do_all(world) == 1


def test_what_is_published_afterwards_is_indexed_and_stays(
    world: World, owner: Person, clock: HandClock
) -> None:
    owner.publish("lab", package("zlib"))
    before = owner.repodata("lab")["packages.conda"]
    clock.advance(-DAY)
    owner.publish("lab", package("curl"))
    owner.delete("lab", "noarch/zlib-1.0-0.conda")
    owner.publish("lab", package("zlib"))
    assert set(owner.repodata("lab")["packages.conda"]) == {*before, "curl-1.0-0.conda"}
    world.run(world.registry.housekeeping.sweep())
    assert owner.download("lab", "noarch", "zlib-1.0-0.conda") == package("zlib").data
    assert world.run(world.registry.soundness.verify(Heard(), Wanted())).faults == ()
