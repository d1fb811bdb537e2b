"""Files selected by a MatchSpec: best first, and only those that the viewer may read."""

from datetime import timedelta

import pytest

from graphrepo.errors import InvalidInputError, InvalidMatchSpecError
from graphrepo.registry.requests import (
    Batch,
    FileName,
)
from graphrepo.registry.views import Window
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.world import Person

ALL = Window(50)


@pytest.fixture
def zlibs(owner: Person, clock: HandClock) -> Person:
    """Ada, with zlib in two public channels and a private one."""
    owner.create_channel("extra")
    owner.create_channel("vault", is_public=False)
    for channel, version, subdir in (
        ("lab", "1.2", "linux-64"),
        ("lab", "1.10", "linux-64"),
        ("lab", "1.10", "noarch"),
        ("extra", "1.9", "linux-64"),
        ("vault", "2.0", "linux-64"),
    ):
        owner.publish(channel, package("zlib", version, subdir=subdir))
        clock.advance(timedelta(minutes=1))
    return owner


def selected(person: Person, spec: str, *channels: str, window: Window = ALL) -> list[str]:
    search, asked = person.world.registry.search, channels or None
    page = person.world.run(search.variants_by_spec(person.viewer, spec, asked, window))
    return [f"{found.version} {found.subdir}" for found in page.items]


def channel_of(person: Person, spec: str, *channels: str) -> str | None:
    world = person.world
    found = world.run(world.registry.search.package_by_spec(person.viewer, spec, channels or None))
    if found is None:
        return None
    return world.run(world.registry.channels.by_id(person.viewer, [found.channel_id]))[
        found.channel_id
    ].name


def test_a_spec_selects_files_best_first(zlibs: Person) -> None:
    nobody = zlibs.world.nobody
    both = ["1.10 linux-64", "1.10 noarch"]
    assert selected(nobody, "zlib") == ["1.9 linux-64", *both, "1.2 linux-64"]
    assert selected(nobody, "zlib >=1.10") == both
    assert selected(nobody, "zlib[subdir=noarch]") == ["1.10 noarch"]
    assert selected(nobody, "ZLIB <1.10", "lab", "extra") == ["1.2 linux-64", "1.9 linux-64"]
    assert selected(nobody, "zlib", window=Window(1, 1)) == ["1.10 linux-64"]
    assert selected(nobody, "libpng") == selected(nobody, "zlib", "absent") == []


def test_the_first_channel_that_has_it_answers(zlibs: Person) -> None:
    assert channel_of(zlibs, "zlib") == "extra"
    assert channel_of(zlibs, "zlib", "lab", "extra") == "lab"
    assert channel_of(zlibs, "zlib 1.9.*", "lab", "extra") == "extra"
    assert channel_of(zlibs, "zlib >=2", "lab", "vault") == "vault"
    assert channel_of(zlibs, "zlib >=3") is None


def test_private_channels_answer_their_members_alone(zlibs: Person) -> None:
    assert selected(zlibs, "zlib >=2") == ["2.0 linux-64"]
    assert selected(zlibs.world.nobody, "zlib >=2") == []
    assert channel_of(zlibs.world.nobody, "zlib >=2", "vault") is None


def test_yanked_and_deleted_files_are_not_selected(zlibs: Person) -> None:
    world = zlibs.world
    zlibs.delete("lab", "linux-64/zlib-1.10-0.conda")
    batch = Batch("lab", (FileName("noarch", "zlib-1.10-0.conda"),))
    world.run(world.registry.yanking.yank(zlibs.viewer, batch, "broken"))
    assert selected(zlibs, "zlib", "lab") == ["1.2 linux-64"]


def test_no_channels_are_no_channels(zlibs: Person) -> None:
    search = zlibs.world.registry.search
    assert zlibs.world.run(search.package_by_spec(zlibs.viewer, "zlib", [])) is None


@pytest.mark.parametrize("spec", ["", "*", "zlib >=", "lab::zlib", "zlib " + "(" * 100_000])
def test_what_selects_no_files_is_refused(zlibs: Person, spec: str) -> None:
    with pytest.raises(InvalidMatchSpecError):
        selected(zlibs, spec)


def test_the_number_of_channels_is_bounded(zlibs: Person) -> None:
    with pytest.raises(InvalidInputError, match="at most 500"):
        selected(zlibs, "zlib", *(f"channel-{number}" for number in range(501)))
