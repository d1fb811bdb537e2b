from collections.abc import Iterator
from pathlib import Path

import pytest

from graphrepo.access.viewer import Viewer
from tests.clocks import HandClock
from tests.databases import drop
from tests.registry.world import PASSWORD, Person, World


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def world(tmp_path: Path, clock: HandClock) -> Iterator[World]:
    world = World(tmp_path, clock)
    yield world
    world.close()
    drop(world.address)


@pytest.fixture
def owner(world: World) -> Person:
    """Ada, who owns the public channel ``lab``."""
    ada = world.person("ada")
    ada.create_channel("lab")
    return ada


@pytest.fixture
def ada(world: World) -> Viewer:
    """Ada, who has signed in with her password and owns nothing."""
    user = world.run(world.registry.accounts.create_user("ada", PASSWORD))
    return Viewer(user.id, "ada", by_cookie=True)
