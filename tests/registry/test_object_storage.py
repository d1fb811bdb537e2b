"""A registry whose bytes are in a bucket: what goes, what stays, what comes back."""

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from graphrepo.blobs.opening import open_store
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.world import Person, World
from tests.s3 import S3Server
from tests.waiting import PATIENCE

HOUR = timedelta(hours=1, minutes=1)


@pytest.fixture
def world(tmp_path: Path, clock: HandClock, s3: S3Server) -> Generator[World]:
    store = open_store(s3.address(), tmp_path / "staging", clock=clock)
    there = World(tmp_path / "data", clock, store=store)
    yield there
    there.close()


def test_bytes_go_an_hour_after_their_last_use(
    world: World, owner: Person, clock: HandClock
) -> None:
    owner.create_channel("copy")
    one, both = package("one"), package("both")
    owner.publish("lab", one)
    for channel in ("lab", "copy"):
        owner.publish(channel, both)
    for built in (one, both):
        owner.delete("lab", f"noarch/{built.filename}")
    clock.advance(HOUR)
    assert world.run(world.registry.housekeeping.sweep()).blobs == 1
    assert owner.download("copy", "noarch", both.filename) == both.data
    owner.publish("lab", one)
    clock.advance(HOUR)
    assert world.run(world.registry.housekeeping.sweep()).blobs == 0
    assert owner.download("lab", "noarch", one.filename) == one.data


def test_documents_are_those_of_any_store(world: World, owner: Person) -> None:
    for name in ("one", "two"):
        owner.publish("lab", package(name))
        assert f"{name}-1.0-0.conda" in owner.repodata("lab")["packages.conda"]
    assert world.run(world.registry.verification.index(owner.viewer, "lab")).differences == ()


def test_a_reader_may_be_sent_to_the_bucket(world: World, owner: Person) -> None:
    built = package("away")
    blake3 = owner.publish("lab", built).artifact.blake3
    url = world.run(world.registry.indexing.location(blake3, "GET"))
    assert url is not None
    assert httpx.get(url, trust_env=False, timeout=PATIENCE).content == built.data
