"""Single flight: many ask for a document, one renders it.

A document is known by the revision it shows. Whoever asks names the least revision that will
do: the one they read after their request began. A flight that began before that revision
lands too early for them; then they start another one.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

from graphrepo.registry.documents import Pointer

_KEPT = 50_000  # pointers: about 300 bytes each


class Flights:
    """The newest known pointer of each document, and who is under way to a newer one."""

    def __init__(self, kept: int = _KEPT) -> None:
        """Know nothing yet; remember at most ``kept`` documents."""
        self._kept = kept
        self._newest: OrderedDict[Hashable, Pointer] = OrderedDict()
        self._under_way: dict[Hashable, asyncio.Task[None]] = {}

    async def at_least(
        self, key: Hashable, revision: int, render: Callable[[], Awaitable[Pointer]]
    ) -> Pointer:
        """Return the document at this revision or a newer one, rendering it if need be.

        A caller that gives up does not end a flight that others may share.
        """
        while True:
            known = self._newest.get(key)
            if known is not None and known.revision >= revision:
                self._newest.move_to_end(key)
                return known
            await asyncio.shield(self._under_way.get(key) or self._depart(key, render))

    def _depart(
        self, key: Hashable, render: Callable[[], Awaitable[Pointer]]
    ) -> asyncio.Task[None]:
        flight = asyncio.create_task(self._fly(key, render))
        self._under_way[key] = flight
        return flight

    async def _fly(self, key: Hashable, render: Callable[[], Awaitable[Pointer]]) -> None:
        try:
            self._newest[key] = await render()
        finally:
            # Here and in no callback: one who comes between the landing and the callback, and
            # needs more, would wait for a flight that is over, which is no wait at all, and
            # so forever, with the whole event loop.
            del self._under_way[key]
        if len(self._newest) > self._kept:
            self._newest.popitem(last=False)
