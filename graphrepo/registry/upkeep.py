"""What goes on by itself beside the requests: fresh documents, sweeping, gathering of paths.

Correct answers never depend on it. A document that was ever asked for is rendered again soon
after its subdir changed, so that the next reader need not wait for it. Bursts coalesce: each
look renders the newest revision only, and a document rests after it was rendered, the longer
the more it took and the more others there are. So however long a burst lasts, and in however
many subdirs, upkeep takes a tenth of a core and leaves the rest to the requests.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import timedelta

from graphrepo.access.viewer import SYSTEM
from graphrepo.clock import Clock
from graphrepo.errors import GraphrepoError
from graphrepo.model.database import Database, rows
from graphrepo.registry.housekeeping import Housekeeping
from graphrepo.registry.indexing import Indexing
from graphrepo.registry.leases import Lease
from graphrepo.registry.path_gathering import PathGathering

_LOOK = 0.5  # seconds between looks for outdated documents
_SWEEP = 60.0  # seconds between sweeps
_REST = 10  # a document that took t to render rests for this many t, times those that rest
_LEASE = timedelta(seconds=20)

_log = logging.getLogger(__name__)


class Upkeep:
    """One process of an installation does it; the others stand by."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        indexing: Indexing,
        housekeeping: Housekeeping,
        gathering: PathGathering | None = None,
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Do nothing until ``run``; ``seconds`` measures how long things take and rest."""
        self._database = database
        self._indexing = indexing
        self._housekeeping = housekeeping
        self._gathering = gathering
        self._lease = Lease(database, clock, "upkeep", _LEASE)
        self._seconds = seconds
        self._resting: dict[tuple[str, str, str], float] = {}
        self._swept = 0.0
        self._tidied = 0.0

    async def run(self) -> None:
        """Look after things until cancelled; a failure is logged and tried again."""
        try:
            while True:
                await asyncio.sleep(_LOOK)
                try:
                    await self.once()
                except GraphrepoError:
                    _log.exception("Upkeep failed; it goes on.")
        finally:
            await self._lease.release()

    async def once(self) -> int:
        """Render what is outdated and due, sweep if it is time; how many were rendered."""
        if self._seconds() >= self._tidied + _SWEEP:
            self._tidied = self._seconds()
            await self._housekeeping.tidy()  # in every process: each machine has its own uploads
        if not await self._lease.held():
            return 0
        now = self._seconds()
        self._resting = {key: end for key, end in self._resting.items() if now < end}
        outdated = await self._database.read(rows, _OUTDATED)
        due = [key for key in outdated if key not in self._resting]
        for channel, subdir, name in due:
            await self._freshen(channel, subdir, name)
        if self._seconds() >= self._swept + _SWEEP:
            await self._housekeeping.sweep()
            self._swept = self._seconds()
        if self._gathering is not None:
            await self._gathering.once()
        return len(due)

    async def _freshen(self, channel: str, subdir: str, name: str) -> None:
        begun = self._seconds()
        try:
            await self._indexing.file(SYSTEM, channel, subdir, name)
        except GraphrepoError as error:
            _log.info("%s/%s/%s was not refreshed: %s", channel, subdir, name, error)
        ended = self._seconds()
        rest = _REST * (ended - begun) * (len(self._resting) + 1)
        self._resting[channel, subdir, name] = ended + rest


_OUTDATED = """
    SELECT c.name, s.name, d.name FROM document d
    JOIN subdir s ON s.id = d.subdir_id JOIN channel c ON c.id = s.channel_id
    WHERE d.revision < s.revision ORDER BY s.id, d.name
"""
