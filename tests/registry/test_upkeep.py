"""Documents that were asked for become fresh by themselves, in one process of all."""

import asyncio
import itertools
from datetime import timedelta

from graphrepo.errors import StorageFullError
from graphrepo.model.database import rows
from graphrepo.registry.housekeeping import Housekeeping, Swept
from graphrepo.registry.leases import Lease
from graphrepo.registry.registry import assemble
from graphrepo.registry.upkeep import Upkeep
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.world import CHEAP, Person, World

SPAN = timedelta(seconds=20)


def revisions(world: World) -> dict[str, int]:
    return dict(world.run(world.database.read(rows, "SELECT name, revision FROM document")))


def test_what_was_asked_for_is_rendered_again(world: World, owner: Person) -> None:
    owner.publish("lab", package("alpha"))
    for name in ("repodata.json", "repodata_shards.msgpack.zst"):
        owner.find("lab", "noarch", name)
    assert world.run(world.registry.upkeep.once()) == 0
    owner.publish("lab", package("beta"))
    assert world.run(world.registry.upkeep.once()) == 2
    assert revisions(world) == {"repodata.json": 2, "repodata_shards.msgpack.zst": 2}


def test_a_document_rests_after_it_was_rendered(world: World, owner: Person) -> None:
    parts = (world.registry.indexing, world.registry.housekeeping)
    ticks = itertools.count()  # a second passes whenever somebody looks at the clock
    upkeep = Upkeep(world.database, world.clock, *parts, seconds=lambda: next(ticks))
    owner.publish("lab", package("alpha"))
    owner.find("lab", "noarch", "repodata.json")
    rendered = list[int]()
    for version in range(6):
        owner.publish("lab", package("beta", f"{version}.0"))
        rendered.append(world.run(upkeep.once()))
    assert rendered == [1, 0, 0, 0, 1, 0]
    assert revisions(world)["repodata.json"] == 6


def test_a_document_that_cannot_be_rendered_stops_nothing(world: World, owner: Person) -> None:
    owner.publish("lab", package("alpha"))
    owner.find("lab", "noarch", "repodata.json")
    sql = "UPDATE document SET name = 'no_such_document.json', revision = 0"
    world.run(world.database.transact(rows, sql))
    assert world.run(world.registry.upkeep.once()) == 1


def test_one_process_has_the_work_until_its_lease_runs_out(world: World, clock: HandClock) -> None:
    first, second = (Lease(world.database, clock, "upkeep", SPAN) for _ in range(2))
    assert world.run(first.held())
    assert not world.run(second.held())
    clock.advance(timedelta(seconds=15))
    assert world.run(first.held())
    clock.advance(timedelta(seconds=15))
    assert not world.run(second.held())
    clock.advance(timedelta(seconds=20))
    assert world.run(second.held())
    assert not world.run(first.held())


def test_a_lease_may_be_handed_over(world: World, clock: HandClock) -> None:
    first, second = (Lease(world.database, clock, "upkeep", SPAN) for _ in range(2))
    world.run(second.release())
    assert world.run(first.held())
    world.run(second.release())
    assert not world.run(second.held())
    world.run(first.release())
    assert world.run(second.held())
    world.run(first.release())


def test_a_lease_that_was_being_taken_is_handed_over_as_well(
    world: World, clock: HandClock
) -> None:
    first, second = (Lease(world.database, clock, "upkeep", SPAN) for _ in range(2))

    async def stopped() -> None:
        taking = asyncio.create_task(first.held())
        await asyncio.sleep(0)  # it is on its way to the database
        taking.cancel()
        await asyncio.wait([taking])
        await first.release()

    world.run(stopped())
    assert world.run(second.held())


def test_an_outdated_lease_ends_nobody_elses(world: World, clock: HandClock) -> None:
    first, second = (Lease(world.database, clock, "upkeep", SPAN) for _ in range(2))
    assert world.run(first.held())
    clock.advance(timedelta(minutes=1))
    assert world.run(second.held())
    world.run(first.release())
    third = Lease(world.database, clock, "upkeep", SPAN)
    assert not world.run(third.held())


def test_processes_that_stand_by_do_nothing(world: World, owner: Person) -> None:
    owner.publish("lab", package("alpha"))
    owner.find("lab", "noarch", "repodata.json")
    world.run(world.registry.upkeep.once())
    owner.publish("lab", package("beta"))
    other = assemble(world.database, world.store, clock=world.clock, hasher=CHEAP)
    assert world.run(other.upkeep.once()) == 0
    assert revisions(world)["repodata.json"] == 1


class FullDisk(Housekeeping):
    """Housekeeping that never succeeds, and says when it was tried twice."""

    calls = 0

    async def sweep(self) -> Swept:
        self.calls += 1
        if self.calls == 2:
            self.tried_twice.set()
        raise StorageFullError("No room.")

    tried_twice: asyncio.Event


def test_it_goes_on_after_a_failure_and_lets_go_at_the_end(world: World, clock: HandClock) -> None:
    housekeeping = FullDisk(world.database, world.store, clock)
    upkeep = Upkeep(world.database, clock, world.registry.indexing, housekeeping)

    async def run() -> None:
        housekeeping.tried_twice = asyncio.Event()
        running = asyncio.create_task(upkeep.run())
        await asyncio.wait_for(housekeeping.tried_twice.wait(), 30)
        running.cancel()
        await asyncio.wait([running])

    world.run(run())
    assert world.run(Lease(world.database, clock, "upkeep", SPAN).held())
