"""How far a log that others append to was read, when its ids are not committed in their order.

A row gets its id when it is written and is seen when its transaction commits, so PostgreSQL may
show row 8 before row 7. An id that was passed over is therefore waited for: if it does not come
within ``PATIENCE``, its transaction was given up. (SQLite has one writer, and no such gaps.)
"""

from collections.abc import Iterable
from typing import Final

PATIENCE: Final = 30.0
"""Seconds; no transaction of this server takes nearly as long."""

WIDTH: Final = 500
"""Ids remembered behind a gap; with more than these, the gap is given up."""


class Frontier:
    """The line between the ids that were seen and those that are still to come."""

    def __init__(self, low: int) -> None:
        """Take everything up to ``low`` as seen."""
        self.low = low
        """Every id up to here was seen, or is waited for no more: read on behind it."""
        self._beyond: dict[int, float] = {}

    def unseen(self, ids: Iterable[int], now: float) -> frozenset[int]:
        """Return which of the ids are new, and remember them all.

        Args:
            ids: of the rows behind ``low`` that are visible.
            now: seconds, of a clock that never goes back.
        """
        new = frozenset(ident for ident in ids if ident > self.low and ident not in self._beyond)
        self._beyond |= dict.fromkeys(new, now)
        for ident in sorted(self._beyond):
            if self._waits_before(ident, now):
                break
            self.low = ident
            del self._beyond[ident]
        return new

    def _waits_before(self, ident: int, now: float) -> bool:
        has_time = now - self._beyond[ident] < PATIENCE
        return ident > self.low + 1 and has_time and len(self._beyond) <= WIDTH
