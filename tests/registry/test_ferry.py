"""A ferry leaves at once with all who wait, and everybody gets what is theirs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from graphrepo.registry.ferry import Ferry


class Crossings:
    """Writes down who crossed together, doubles them, and refuses those below zero."""

    def __init__(self) -> None:
        self.boarded: list[list[int]] = []
        self.departed = asyncio.Event()
        self.ferry = Ferry(self.cross, 3)

    async def cross(self, passengers: Sequence[int]) -> list[int | Exception]:
        self.boarded.append(list(passengers))
        self.departed.set()
        await asyncio.sleep(0)
        if 0 in passengers:
            message = "sunk"
            raise OSError(message)
        return [2 * each if each > 0 else ValueError(each) for each in passengers]

    async def all_of(self, *passengers: int) -> list[int | BaseException]:
        tasks = (self.ferry.take(each) for each in passengers)
        return await asyncio.gather(*tasks, return_exceptions=True)


def run(work: Callable[[Crossings], Awaitable[object]]) -> Crossings:
    crossings = Crossings()

    async def begin() -> None:
        await work(crossings)

    asyncio.run(begin())
    return crossings


def test_those_who_wait_cross_together_as_far_as_there_are_seats() -> None:
    async def work(crossings: Crossings) -> None:
        assert await crossings.all_of(1, 2, 3, 4, 5) == [2, 4, 6, 8, 10]
        assert await crossings.ferry.take(6) == 12

    assert run(work).boarded == [[1, 2, 3], [4, 5], [6]]


def test_who_comes_to_an_idle_ferry_does_not_wait_for_others() -> None:
    async def work(crossings: Crossings) -> None:
        first = asyncio.ensure_future(crossings.ferry.take(1))
        await crossings.departed.wait()
        assert await crossings.all_of(2, 3) == [4, 6]
        assert await first == 2

    assert run(work).boarded == [[1], [2, 3]]


def test_a_refusal_is_for_one_passenger_and_a_wreck_for_those_on_board() -> None:
    async def work(crossings: Crossings) -> None:
        kinds = [type(each) for each in await crossings.all_of(1, -1, 2)]
        assert kinds == [int, ValueError, int]
        assert [type(each) for each in await crossings.all_of(0, 1)] == [OSError, OSError]
        assert await crossings.ferry.take(7) == 14

    run(work)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_who_gives_up_holds_up_nobody(steps: int) -> None:
    async def work(crossings: Crossings) -> None:
        quitter = asyncio.ensure_future(crossings.ferry.take(1))
        other = asyncio.ensure_future(crossings.ferry.take(2))
        for _ in range(steps):
            await asyncio.sleep(0)
        quitter.cancel()
        assert await other == 4
        assert quitter.cancelled()

    run(work)
