"""A ferry: whoever comes while it is under way waits, and crosses with all others who wait.

What each crossing takes for itself, like a turn of a thread or a commit, is shared by those on
board. Who comes to an idle ferry leaves at once: nobody ever waits for company.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")


class Ferry(Generic[A, B]):
    """Carries passengers over, in the order in which they came."""

    def __init__(
        self, cross: Callable[[Sequence[A]], Awaitable[Sequence[B | Exception]]], seats: int
    ) -> None:
        """Stay until somebody comes; ``cross`` brings each passenger's result, or its failure."""
        self._cross = cross
        self._seats = seats
        self._waiting: list[tuple[A, asyncio.Future[B]]] = []
        self._service: asyncio.Task[None] | None = None

    async def take(self, passenger: A) -> B:
        """Return what the crossing brings for a passenger; who gives up holds up nobody."""
        landing: asyncio.Future[B] = asyncio.get_running_loop().create_future()
        self._waiting.append((passenger, landing))
        if self._service is None:
            self._service = asyncio.create_task(self._serve())
        return await landing

    async def _serve(self) -> None:
        try:
            while boarded := self._board():
                await self._carry(boarded)
        finally:
            self._service = None  # here and in no callback: who comes next finds it idle

    def _board(self) -> list[tuple[A, "asyncio.Future[B]"]]:
        here = [each for each in self._waiting if not each[1].done()]
        self._waiting = here[self._seats :]
        return here[: self._seats]

    async def _carry(self, boarded: Sequence[tuple[A, "asyncio.Future[B]"]]) -> None:
        results: Sequence[B | Exception]
        try:
            results = await self._cross([passenger for passenger, _ in boarded])
        except Exception as error:  # noqa: BLE001 - it is theirs
            results = [error] * len(boarded)
        for (_, landing), result in zip(boarded, results, strict=True):
            if landing.done():
                continue  # gave up on the way
            if isinstance(result, Exception):
                landing.set_exception(result)
            else:
                landing.set_result(result)
