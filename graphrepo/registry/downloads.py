"""How often files are downloaded, counted without holding up a download.

A download adds one in memory; every few seconds, and at a clean stop, what was counted is
added to the rows in one transaction. A crash loses at most those seconds.
"""

import asyncio
import logging
from collections import Counter

from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import GraphrepoError
from graphrepo.model.database import Database, rows

_PAUSE = 5.0
_DAY = 24 * 3600 * 1000  # ms

_log = logging.getLogger(__name__)

Counts = Counter[tuple[int, int]]
"""Downloads by artifact and day (days since 1970)."""


class Downloads:
    """Counts in one process; the rows add up those of all."""

    def __init__(self, database: Database, clock: Clock, *, pause: float = _PAUSE) -> None:
        """Start with nothing counted; ``pause`` is the seconds between two writes."""
        self._database = database
        self._clock = clock
        self._pause = pause
        self._counted: Counts = Counter()

    def count(self, artifact_id: int) -> None:
        """Note one download of a file; on the event loop, and at once."""
        self._counted[artifact_id, milliseconds(self._clock()) // _DAY] += 1

    async def flush(self) -> None:
        """Write what was counted; what cannot be written is kept for the next time.

        Raises:
            UnavailableError: the database does not answer.
            StorageFullError: there is no room.
        """
        counts, self._counted = self._counted, Counter()
        if counts:
            # Whoever is cancelled here must not leave it open whether they were written.
            await asyncio.shield(asyncio.ensure_future(self._write(counts)))

    async def run(self) -> None:
        """Write from time to time until cancelled, and then once more."""
        try:
            while True:
                await asyncio.sleep(self._pause)
                await self._try()
        finally:
            await self._try()

    async def _write(self, counts: Counts) -> None:
        try:
            await self._database.transact_beside(_add, counts)
        except GraphrepoError:
            self._counted.update(counts)
            raise

    async def _try(self) -> None:
        try:
            await self.flush()
        except GraphrepoError:
            _log.exception("Downloads could not be written; they are counted still.")


def _add(counts: Counts) -> None:
    for (artifact_id, day), count in sorted(counts.items()):
        values = {"artifact_id": artifact_id, "day": day, "count": count}
        for statement in (_OF_ARTIFACT_AND_DAY, _OF_ARTIFACT, _OF_PACKAGE, _OF_CHANNEL_AND_DAY):
            rows(statement, **values)


# Each selects from the artifact's row, so what was deleted with its channel counts nowhere.
_OF_ARTIFACT_AND_DAY = """
    INSERT INTO download (artifact_id, day, count)
    SELECT a.id, $day, $count FROM artifact a WHERE a.id = $artifact_id
    ON CONFLICT (artifact_id, day) DO UPDATE SET count = download.count + excluded.count
"""
_OF_ARTIFACT = """
    INSERT INTO artifact_downloads (artifact_id, count)
    SELECT a.id, $count FROM artifact a WHERE a.id = $artifact_id
    ON CONFLICT (artifact_id) DO UPDATE SET count = artifact_downloads.count + excluded.count
"""
_OF_PACKAGE = """
    INSERT INTO package_downloads (package_id, count)
    SELECT a.package_id, $count FROM artifact a WHERE a.id = $artifact_id
    ON CONFLICT (package_id) DO UPDATE SET count = package_downloads.count + excluded.count
"""
_OF_CHANNEL_AND_DAY = """
    INSERT INTO channel_download (channel_id, day, count)
    SELECT s.channel_id, $day, $count
    FROM artifact a JOIN subdir s ON s.id = a.subdir_id WHERE a.id = $artifact_id
    ON CONFLICT (channel_id, day) DO UPDATE SET count = channel_download.count + excluded.count
"""
