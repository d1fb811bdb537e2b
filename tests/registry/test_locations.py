"""Signed addresses are used again, and never when little of their time is left."""

import asyncio
from datetime import timedelta
from pathlib import Path

from graphrepo.blobs.memory import MemoryStore
from graphrepo.blobs.staging import Staging
from graphrepo.registry.locations import Locations, Method
from tests.clocks import HandClock

LENDING = timedelta(minutes=15)


class Lender(MemoryStore):
    """A store that numbers the addresses it signs."""

    def __init__(self, staging: Staging) -> None:
        super().__init__(staging)
        self.lending: timedelta | None = LENDING
        self.signed = 0

    def location(self, blake3: str, method: Method) -> str | None:  # type: ignore[override]
        self.signed += 1
        return f"{method} {blake3} {self.signed}"


def test_an_address_is_given_out_for_a_third_of_its_time(tmp_path: Path) -> None:
    clock = HandClock()
    known = Locations(Lender(Staging(tmp_path)), clock)
    assert asyncio.run(known.of("b3", "GET")) == "GET b3 1"
    assert asyncio.run(known.of("b3", "HEAD")) == "HEAD b3 2"
    clock.advance(LENDING / 3 - timedelta(seconds=1))
    assert asyncio.run(known.of("b3", "GET")) == "GET b3 1"
    clock.advance(timedelta(seconds=1))
    assert asyncio.run(known.of("b3", "GET")) == "GET b3 3"


def test_addresses_do_not_pile_up(tmp_path: Path) -> None:
    lender = Lender(Staging(tmp_path))
    known = Locations(lender, HandClock(), most=2)
    for name in ("one", "two", "three", "three", "one"):
        asyncio.run(known.of(name, "GET"))
    assert lender.signed == 4, "three was known, and one was forgotten"


def test_a_store_that_lends_nothing_is_not_asked(tmp_path: Path) -> None:
    lender = Lender(Staging(tmp_path))
    lender.lending = None
    assert asyncio.run(Locations(lender, HandClock()).of("b3", "GET")) is None
    assert lender.signed == 0
