"""What nobody needs any more goes: rows first, then bytes."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import GraphrepoError
from graphrepo.model.database import Database
from graphrepo.model.paths import forget_gone
from graphrepo.registry.doom import doom, take_ripe
from graphrepo.registry.shard_rows import forget_superseded

_BATCH = 500
_PATHS = 100  # each takes a millisecond or more of the one writer


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things stay readable that nothing current names."""

    shards: timedelta = timedelta(days=7)  # cached indexes may name them that long (CEP 16)
    blobs: timedelta = timedelta(hours=1)  # a reader may be between the pointer and the bytes
    staged: timedelta = timedelta(days=1)  # longer than any upload takes


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep took away."""

    shards: int
    blobs: int
    paths: int  # files whose paths no search looks through any more


class Housekeeping:
    """Sweeps; safe beside everything else, in several workers at once."""

    def __init__(
        self,
        database: Database,
        store: BlobStore,
        clock: Clock,
        retention: Retention | None = None,
    ) -> None:
        """Keep what sweeping needs."""
        self._database = database
        self._store = store
        self._clock = clock
        self._retention = retention or Retention()

    async def sweep(self) -> Swept:
        """Take away what has had its time.

        Superseded shards, doomed blobs, and what the index of paths has of deleted files; a
        bounded number at once.
        """
        now = self._clock()
        shards = await self._database.transact(
            forget_superseded, milliseconds(now - self._retention.shards), milliseconds(now)
        )
        cutoff = now - self._retention.blobs
        ripe = await self._database.transact(take_ripe, milliseconds(cutoff), _BATCH)
        try:
            blobs = await asyncio.to_thread(self._delete, ripe, cutoff)
        except GraphrepoError:  # the store does not answer: another sweep will find it
            await self._database.transact(doom, ripe, milliseconds(now))
            raise
        paths = await self._database.transact(forget_gone, _PATHS)
        return Swept(shards, blobs, paths)

    async def tidy(self) -> int:
        """Remove uploads that died on this machine, and return how many there were."""
        deadline = self._clock() - self._retention.staged
        return await asyncio.to_thread(self._store.staging.sweep, deadline)

    def _delete(self, ripe: list[str], cutoff: datetime) -> int:
        # An upload may just have found such a blob in the store, its row not yet written: what
        # was committed since the cutoff stays. So does what a crash leaves here without a row;
        # a full collection finds both.
        return sum(self._store.delete(blake3, untouched_since=cutoff) for blake3 in ripe)
