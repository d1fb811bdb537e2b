"""Paths that were not kept at publish are gathered later."""

import asyncio
from datetime import timedelta

import pytest

from graphrepo.conda.limits import Limits
from graphrepo.registry.path_gathering import PathGathering
from graphrepo.registry.registry import assemble
from graphrepo.registry.views import Window
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.world import CHEAP, Person, World


@pytest.fixture
def forgetful(world: World, owner: Person, clock: HandClock) -> Person:
    """Ada, on a server that keeps no paths; it becomes one that does after her uploads."""
    careful = world.registry
    world.registry = assemble(
        world.database, world.store, clock=world.clock, hasher=CHEAP, keep_paths=False
    )
    for version in ("1.0", "3.0"):
        owner.publish("lab", package("tool", version, files={f"share/tool-{version}.txt": b""}))
    older = package("tool", "2.0", files={"share/tool-2.0.txt": b""}, extension="tar.bz2")
    owner.publish("lab", older)
    world.run(world.registry.upkeep.once())  # gathers nothing
    clock.advance(timedelta(minutes=1))  # and lets another process take over
    world.registry = careful
    return owner


def found(world: World, person: Person, pattern: str) -> int:
    return world.run(world.registry.search.paths(person.viewer, pattern, Window(10))).total


def gathering(world: World) -> PathGathering:
    return PathGathering(world.database, world.store, Limits())


def test_upkeep_gathers_the_paths_of_all_files(world: World, forgetful: Person) -> None:
    assert found(world, forgetful, "share/tool") == 0
    world.run(world.registry.upkeep.once())
    assert found(world, forgetful, "share/tool") == 3
    assert found(world, forgetful, "tool-2.0.txt") == 1


def test_nothing_is_left_to_do_afterwards(world: World, forgetful: Person) -> None:
    assert forgetful
    work = gathering(world)
    assert world.run(work.once()) == 3
    assert world.run(work.once()) == 0  # it rests
    assert world.run(gathering(world).once()) == 0


def test_it_ends_with_the_last_file(world: World) -> None:
    work = gathering(world)
    assert [world.run(work.once()) for _ in range(2)] == [0, 0]


def test_two_that_gather_at_once_keep_paths_once(world: World, forgetful: Person) -> None:
    async def both() -> list[int]:
        return await asyncio.gather(*(gathering(world).once() for _ in range(2)))

    assert sum(world.run(both())) >= 3  # who comes second may find some of it done
    assert found(world, forgetful, "share/tool") == 3


def test_a_file_that_cannot_be_read_holds_nothing_up(world: World, forgetful: Person) -> None:
    first = forgetful.find("lab", "noarch", "tool-1.0-0.conda")
    world.store.delete(first.blake3)
    world.run(gathering(world).once())
    assert found(world, forgetful, "share/tool") == 2


def test_a_file_deleted_meanwhile_stays_without(world: World, forgetful: Person) -> None:
    forgetful.delete("lab", "noarch/tool-1.0-0.conda")
    assert world.run(gathering(world).once()) == 2
