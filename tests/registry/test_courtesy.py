"""How much strangers may search, and how many uploads one key may have at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from graphrepo.access.viewer import ANONYMOUS, Credential, Viewer
from graphrepo.errors import TooManySearchesError, TooManyUploadsError
from graphrepo.registry.courtesy import Courtesy, CourtesyLimits
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.views import Window
from tests.clocks import HandClock
from tests.registry.world import World

HERE, THERE = ANONYMOUS.at("203.0.113.7"), ANONYMOUS.at("2001:db8::1")
ADA = Viewer(1, "ada", credential=Credential(b"1"))
LIMITS = CourtesyLimits(searches_per_minute=3, uploads_per_key=2)


@pytest.fixture
def courtesy(clock: HandClock) -> Courtesy:
    return Courtesy(clock, LIMITS)


def search(courtesy: Courtesy, viewer: Viewer, times: int) -> None:
    for _ in range(times):
        courtesy.admit_search(viewer)


def test_an_address_has_a_share_that_comes_back(courtesy: Courtesy, clock: HandClock) -> None:
    search(courtesy, HERE, 3)
    with pytest.raises(TooManySearchesError, match="wait 20 s") as refusal:
        courtesy.admit_search(HERE)
    assert refusal.value.seconds == 20
    clock.advance(timedelta(seconds=20))
    courtesy.admit_search(HERE)


def test_a_network_is_one_address_and_others_are_others(courtesy: Courtesy) -> None:
    search(courtesy, THERE, 3)
    with pytest.raises(TooManySearchesError):
        courtesy.admit_search(ANONYMOUS.at("2001:db8::2"))
    search(courtesy, HERE, 3)


@pytest.mark.parametrize("viewer", [ADA.at("203.0.113.7"), ANONYMOUS])
def test_people_and_programs_on_the_machine_are_not_counted(
    courtesy: Courtesy, viewer: Viewer
) -> None:
    search(courtesy, viewer, 10)


def test_memory_is_bounded_and_forgets_what_is_oldest(clock: HandClock) -> None:
    courtesy = Courtesy(clock, LIMITS, most=2)
    search(courtesy, HERE, 3)
    for number in range(2):
        courtesy.admit_search(ANONYMOUS.at(f"192.0.2.{number}"))
    courtesy.admit_search(HERE)


def test_a_key_has_so_many_uploads_at_once(courtesy: Courtesy) -> None:
    other = replace(ADA, credential=Credential(b"2"))
    with courtesy.upload(ADA), courtesy.upload(ADA):
        with pytest.raises(TooManyUploadsError, match="2 uploads under way"), courtesy.upload(ADA):
            pass
        with courtesy.upload(other), courtesy.upload(replace(ADA, credential=None)):
            pass
    with courtesy.upload(ADA), courtesy.upload(ADA):
        pass


def test_who_may_not_upload_is_not_counted(courtesy: Courtesy) -> None:
    with courtesy.upload(HERE), courtesy.upload(HERE), courtesy.upload(HERE):
        pass


def test_every_search_is_counted(world: World) -> None:
    registry, stranger = world.registry, HERE
    window = Window(limit=1, page=0)
    searches = (
        lambda: registry.catalog.packages(stranger, ListQuery(window)),
        lambda: registry.search.paths(stranger, "libz", window),
        lambda: registry.search.package_by_spec(stranger, "zlib", None),
        lambda: registry.search.variants_by_spec(stranger, "zlib", None, window),
    )
    for number in range(CourtesyLimits().searches_per_minute):
        world.run(searches[number % len(searches)]())
    for one in searches:
        with pytest.raises(TooManySearchesError):
            world.run(one())
