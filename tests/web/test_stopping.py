"""Word of a signal to stop, beside whatever handles it already."""

import asyncio
import signal
import threading
from collections.abc import Generator
from types import FrameType

import pytest

from graphrepo.web.stopping import SIGNALS, StopSignal


@pytest.fixture(autouse=True)
def before() -> Generator[list[int]]:
    """Handle the signals as a server does, and note them."""
    heard: list[int] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        heard.append(number)

    kept = {number: signal.signal(number, handle) for number in SIGNALS}
    yield heard
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_both_hear_of_it(before: list[int], number: signal.Signals) -> None:
    async def story() -> None:
        noticed = asyncio.Event()
        stop = StopSignal(noticed.set)
        stop.listen()
        stop.listen()
        signal.raise_signal(number)
        async with asyncio.timeout(20):
            await noticed.wait()

    asyncio.run(story())
    assert before == [number]


def test_what_nobody_handles_is_left_alone() -> None:
    async def story() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        StopSignal(lambda: None).listen()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    asyncio.run(story())


def test_another_thread_has_no_signals(before: list[int]) -> None:
    async def story() -> None:
        StopSignal(lambda: before.append(0)).listen()

    handler = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=lambda: asyncio.run(story()))
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is handler
