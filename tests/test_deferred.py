"""What is made at its first use is made once, and may be tried again."""

import asyncio
from threading import Event, current_thread, main_thread

import pytest

from graphrepo.deferred import Deferred


def test_it_is_made_once_on_a_thread_however_many_ask() -> None:
    made: list[bool] = []
    asked = Event()

    def make() -> object:
        asked.wait(60)
        made.append(current_thread() is main_thread())
        return object()

    async def ask() -> list[object]:
        deferred = Deferred(make)
        waiting = [asyncio.create_task(deferred.get()) for _ in range(3)]
        await asyncio.sleep(0)  # all of them have begun to wait, and nothing holds up the loop
        asked.set()
        return [*await asyncio.gather(*waiting), await deferred.get()]

    assert len(set(asyncio.run(ask()))) == 1
    assert made == [False]


def test_whoever_asks_after_a_failure_tries_again() -> None:
    tries = iter([False, True])

    def make() -> str:
        if not next(tries):
            raise OSError("no room")
        return "made"

    async def ask() -> str:
        deferred = Deferred(make)
        with pytest.raises(OSError, match="no room"):
            await deferred.get()
        return await deferred.get()

    assert asyncio.run(ask()) == "made"
