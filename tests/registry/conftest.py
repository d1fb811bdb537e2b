from collections.abc import Iterator
from pathlib import Path

import pytest

from graphrepo.access.viewer import Viewer
from tests.clocks import HandClock
from tests.databases import drop
from tests.registry.quarantining import fill
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


@pytest.fixture
def root(world: World) -> Person:
    """Root, who administers the server."""
    return world.person("root", is_admin=True)


@pytest.fixture
def shelf(owner: Person, clock: HandClock) -> Person:
    """Ada's channel lab, with zlib 1.0, 2.0 and curl, a minute apart."""
    fill(owner, "lab", clock)
    return owner


@pytest.fixture
def annex(shelf: Person, clock: HandClock) -> str:
    """Ada's private channel with the same, later."""
    shelf.create_channel("annex", is_public=False)
    fill(shelf, "annex", clock)
    return "annex"
