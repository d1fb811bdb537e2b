"""Leases: work that one process of all should do, taken for a while and renewed in time.

A process that dies lets its lease run out; nobody has to notice.
"""

import secrets
from datetime import timedelta

from graphrepo.clock import Clock, milliseconds
from graphrepo.model.database import Database, rows


class Lease:
    """The claim of this process to one kind of work."""

    def __init__(self, database: Database, clock: Clock, name: str, span: timedelta) -> None:
        """Claim nothing yet; ``span`` is how long a claim holds without renewal."""
        self._database = database
        self._clock = clock
        self._name = f"lease.{name}"
        self._span = int(span.total_seconds() * 1000)
        self._holder = secrets.token_hex(8)
        self._good_until = 0
        self._is_claimed = False  # perhaps: whoever is cancelled does not learn how it ended

    async def held(self) -> bool:
        """Return whether this process has the work, taking or renewing the claim if it can."""
        now = milliseconds(self._clock())
        if self._span // 2 < self._good_until - now <= self._span:
            return True
        self._is_claimed = True
        self._good_until = await self._database.transact_beside(self._claim, now)
        return now < self._good_until

    async def release(self) -> None:
        """Let another process take over at once, if this one has the work."""
        if self._is_claimed:
            self._good_until = await self._database.transact_beside(self._end)

    def _claim(self, now: int) -> int:
        """Return until when (ms) this process has the claim; 0 while another has it."""
        found = rows(_SEEN, name=self._name)
        seen: str = found[0][0] if found else ""
        holder, until = seen.split() if seen else ("", "0")
        # A claim that reaches further than any can is from before the clock was set back.
        if holder != self._holder and now < int(until) <= now + self._span:
            return 0
        value = f"{self._holder} {now + self._span}"
        # Another process may have seen the same: one of us finds it changed, and has lost.
        rows(_REPLACE if seen else _TAKE, name=self._name, value=value, seen=seen)
        return now + self._span if rows(_SEEN, name=self._name) == [(value,)] else 0

    def _end(self) -> int:
        rows(_LEAVE, name=self._name, own=f"{self._holder} %")
        return 0


_SEEN = "SELECT value FROM setting WHERE name = $name"
_TAKE = """
    INSERT INTO setting (name, value) VALUES ($name, $value) ON CONFLICT (name) DO NOTHING
"""
_REPLACE = "UPDATE setting SET value = $value WHERE name = $name AND value = $seen"
_LEAVE = "DELETE FROM setting WHERE name = $name AND value LIKE $own"
