"""Many ask, one renders; an older answer never passes for a newer one."""

import asyncio

import pytest

from graphrepo.access.policy import Action
from graphrepo.registry.documents import OF_SUBDIR, Pointer
from graphrepo.registry.flights import Flights
from graphrepo.registry.shard_rows import apply_plan
from graphrepo.registry.sharding import plan_shards
from graphrepo.registry.subdir_state import subdir_state
from tests.builders import package
from tests.registry.world import Person, World


def pointer(revision: int) -> Pointer:
    return Pointer("repodata.json", revision, "0" * 64, "0" * 64, 2, 0)


class Renders:
    """Counts renders, and holds each until it is let go."""

    def __init__(self, *revisions: int) -> None:
        self.revisions = list(revisions)
        self.begun = 0

    async def __call__(self) -> Pointer:
        self.begun += 1
        revision = self.revisions.pop(0)
        await asyncio.sleep(0)
        return pointer(revision)


def test_those_who_ask_together_share_one_render() -> None:
    render = Renders(1)

    async def ask() -> list[Pointer]:
        flights = Flights()
        return list(await asyncio.gather(*(flights.at_least("k", 1, render) for _ in range(9))))

    assert asyncio.run(ask()) == [pointer(1)] * 9
    assert render.begun == 1


def test_a_flight_that_began_too_early_is_followed_by_another() -> None:
    render = Renders(1, 2)

    async def ask() -> tuple[Pointer, Pointer]:
        flights = Flights()
        early = asyncio.ensure_future(flights.at_least("k", 1, render))
        await asyncio.sleep(0)
        late = await flights.at_least("k", 2, render)
        return await early, late

    assert asyncio.run(ask()) == (pointer(1), pointer(2))
    assert render.begun == 2


def test_one_who_comes_as_an_early_flight_lands_starts_another() -> None:
    """In the same turn of the event loop, before anybody was told of the landing."""

    async def ask() -> Pointer:
        flights = Flights()
        signal = asyncio.get_running_loop().create_future()

        async def early() -> Pointer:
            await signal
            return pointer(1)

        async def at_the_signal() -> Pointer:
            await signal
            return await flights.at_least("k", 2, Renders(2))

        first = asyncio.ensure_future(flights.at_least("k", 1, early))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        late = asyncio.ensure_future(at_the_signal())
        await asyncio.sleep(0)
        signal.set_result(None)
        assert await first == pointer(1)
        return await late

    assert asyncio.run(ask()) == pointer(2)


def test_a_failed_render_fails_its_askers_and_nobody_after() -> None:
    async def fail() -> Pointer:
        raise KeyError("no")

    async def ask() -> Pointer:
        flights = Flights()
        with pytest.raises(KeyError):
            await flights.at_least("k", 1, fail)
        return await flights.at_least("k", 1, Renders(1))

    assert asyncio.run(ask()) == pointer(1)


def test_one_who_gives_up_does_not_end_the_flight_of_others() -> None:
    render = Renders(1)

    async def ask() -> Pointer:
        flights = Flights()
        impatient = asyncio.ensure_future(flights.at_least("k", 1, render))
        patient = asyncio.ensure_future(flights.at_least("k", 1, render))
        await asyncio.sleep(0)
        impatient.cancel()
        return await patient

    assert asyncio.run(ask()) == pointer(1)
    assert render.begun == 1


def test_the_longest_unasked_is_forgotten_first() -> None:
    async def ask() -> int:
        flights = Flights(kept=2)
        for key in ("a", "b", "a", "c"):
            await flights.at_least(key, 1, Renders(1))
        again = Renders(1)
        await flights.at_least("a", 1, again)
        await flights.at_least("b", 1, again)
        return again.begun

    assert asyncio.run(ask()) == 1


def test_a_pointer_never_moves_back(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    state = world.run(world.database.read(subdir_state, owner.viewer, Action.READ, "lab", "noarch"))
    for revision in (2, 1):
        world.run(world.database.transact(OF_SUBDIR.move, state.id, pointer(revision), 0))
    found = world.run(world.database.read(OF_SUBDIR.load, state.id, "repodata.json"))
    assert found == pointer(2)


def test_a_shard_plan_that_comes_second_changes_nothing(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    state = world.run(world.database.read(subdir_state, owner.viewer, Action.READ, "lab", "noarch"))
    plans = [world.run(world.database.survey(plan_shards, world.store, state)) for _ in range(2)]
    first, second = (world.run(world.database.transact(apply_plan, plan, 0)) for plan in plans)
    assert first == second == plans[0].index
