"""The full collection: everything the store holds is held against the rows.

The sweep beside the server takes what it was told of. This finds the rest: blobs that never came
to a row, because a crash or a refusal came between. It lists the whole store, so it is started
by hand or from time to time.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from graphrepo.blobs.collector import unreferenced
from graphrepo.blobs.store import BlobEntry, BlobStore
from graphrepo.clock import Clock, milliseconds
from graphrepo.model.database import Database
from graphrepo.registry.references import is_named

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection found that nothing needs; ``size`` in bytes, of the blobs."""

    blobs: int = 0
    size: int = 0
    staged: int = 0


class Collection:
    """Finds what no row names, and takes it away if it is told to."""

    def __init__(self, database: Database, store: BlobStore, clock: Clock) -> None:
        """Keep what collecting needs."""
        self._database = database
        self._store = store
        self._clock = clock

    async def collect(self, grace: timedelta, *, delete: bool) -> Collected:
        """Find the blobs without a row and the uploads that died, both older than ``grace``.

        Safe beside a running server as long as no upload takes longer than ``grace``: see
        ``blobs/collector.py``. Without ``delete`` nothing is changed.
        """
        now = self._clock()
        staging = self._store.staging
        staged = await asyncio.to_thread(
            staging.sweep if delete else staging.abandoned, now - grace
        )
        entries = self._store.entries()
        blobs = size = 0
        while batch := await asyncio.to_thread(lambda: list(islice(entries, _BATCH))):
            for entry in await self._database.read(_unnamed, batch, now, grace):
                if not delete or await asyncio.to_thread(self._delete, entry, now - grace):
                    blobs, size = blobs + 1, size + entry.size
        return Collected(blobs, size, staged)

    def _delete(self, entry: BlobEntry, deadline: datetime) -> bool:
        return self._store.delete(entry.blake3, untouched_since=deadline)


@dataclass(frozen=True, slots=True)
class _Named:
    """The digests that rows name, asked for one by one; inside a session."""

    deadline: int  # ms: a blob that lost its last use after that still has readers

    def __contains__(self, blake3: object) -> bool:
        return is_named(str(blake3), self.deadline)


def _unnamed(batch: list[BlobEntry], now: datetime, grace: timedelta) -> list[BlobEntry]:
    return list(unreferenced(batch, _Named(milliseconds(now - grace)), now, grace))
