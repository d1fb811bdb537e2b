from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from graphrepo.access.policy import Role
from tests.builders import package
from tests.clocks import HandClock
from tests.databases import drop
from tests.graphql.asking import Api
from tests.registry.world import Person, World


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
def api(world: World) -> Api:
    return Api(world)


@pytest.fixture
def owner(world: World) -> Person:
    """Ada, who owns the public channel ``lab`` and the private channel ``vault``."""
    ada = world.person("ada")
    ada.create_channel("lab")
    ada.create_channel("vault", is_public=False)
    return ada


@pytest.fixture
def contributor(world: World, owner: Person) -> Person:
    """Carl, who uploads to both channels."""
    return _member(world, owner, "carl", Role.CONTRIBUTOR)


@pytest.fixture
def reader(world: World, owner: Person) -> Person:
    """Rita, who reads both channels."""
    return _member(world, owner, "rita", Role.MEMBER)


@pytest.fixture
def stranger(world: World) -> Person:
    """Sam, who belongs to no channel."""
    return world.person("sam")


@pytest.fixture
def admin(world: World) -> Person:
    """Root, who administers the server."""
    return world.person("root", is_admin=True)


@pytest.fixture
def zlib(owner: Person, clock: HandClock) -> None:
    """Publish three versions of zlib and a package that needs it, a minute apart."""
    about = {
        "summary": "Compression",
        "description": "All of it",
        "home": "https://zlib.net",
        "dev_url": "https://example.org/dev",
    }
    for version, subdir in (("1.9", "linux-64"), ("1.10", "linux-64"), ("1.10", "osx-64")):
        built = package(
            "zlib",
            version,
            subdir=subdir,
            about=about,
            index={"license": "Zlib"},
            run_exports={"weak": ["zlib"]},
        )
        owner.publish("lab", built)
        clock.advance(timedelta(minutes=1))
    needs = ["zlib >=1.9", "somewhere::else", "Python[version='>=3']", "zlib>=1.9,<3"]
    owner.publish("lab", package("libpng", "1.6", depends=needs))


def _member(world: World, owner: Person, login: str, role: Role) -> Person:
    person = world.person(login)
    for channel in ("lab", "vault"):
        owner.add_member(channel, person, role)
    return person
