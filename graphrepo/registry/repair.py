"""What can be made good, is; only ever because somebody asked for it.

Documents are a function of the rows: theirs are taken away and rendered anew, as a new revision,
so that no process goes on with what it remembers of the old one. The bytes of packages come from
a backup. Without one, bytes that are not the package are removed: no client would take them,
and whoever has the file can publish it again.
"""

import asyncio

from graphrepo.access.viewer import SYSTEM
from graphrepo.blobs.store import BlobStore
from graphrepo.blobs.transfer import copied
from graphrepo.clock import Clock, milliseconds
from graphrepo.model.database import Database, rows
from graphrepo.model.entities import Channel, Subdir
from graphrepo.model.one import named
from graphrepo.registry.changes import bump, record_event
from graphrepo.registry.doom import doom
from graphrepo.registry.faults import Fault, FaultKind
from graphrepo.registry.inventory import Inventory, Trouble
from graphrepo.registry.references import Use, UseKind
from graphrepo.registry.sharding import SHARD_INDEX

_LOST = frozenset({FaultKind.MISSING, FaultKind.CORRUPT})
_ADVICE = "publish the same file again, or repair with a backup"


class Repair:
    """Mends what a verification found."""

    def __init__(
        self, database: Database, store: BlobStore, inventory: Inventory, clock: Clock
    ) -> None:
        """Keep what repairs need."""
        self._database = database
        self._store = store
        self._inventory = inventory
        self._clock = clock

    async def mend(self, trouble: Trouble, backup: BlobStore | None) -> list[Fault]:
        """Make good what can be, after another look, and tell of all of it."""
        again = await self._inventory.trouble_of(trouble.blake3)
        if again is None:
            return []
        if again.kind in _LOST and await asyncio.to_thread(self._bring, again, backup):
            return again.faults(is_repaired=True)
        return [await self._mend(again, use) for use in again.uses]

    async def renew(self, channel: str, subdir: str) -> None:
        """Forget the documents of a subdir, or without one of the channel, as a new revision."""
        now = milliseconds(self._clock())
        await self._database.transact(_renew, channel, subdir, now)

    async def _mend(self, trouble: Trouble, use: Use) -> Fault:
        if use.kind in {UseKind.PACKAGE, UseKind.SIDECAR}:
            advice = _ADVICE if trouble.kind in _LOST else trouble.details
            return Fault(trouble.kind, use.place, advice)
        if use.kind is UseKind.SHARD:
            await self._database.transact(rows, _FORGET_SHARD, blake3=use.blake3)
        await self.renew(use.channel, use.subdir)
        return Fault(trouble.kind, use.place, is_repaired=True)

    def _bring(self, trouble: Trouble, backup: BlobStore | None) -> bool:
        """Put lost bytes back from a backup; remove those that are no longer what they were."""
        blake3 = trouble.blake3
        with self._store.staging.open() as staged:
            found = backup is not None and backup.exists(blake3)
            digests = copied(backup, blake3, staged) if backup and found else None
            # What is to take their place is safe in staging before the wrong bytes go.
            self._store.delete(blake3)
            if digests is None or digests.blake3 != blake3:
                return False
            self._store.commit(staged, digests)
        return True


def _renew(channel: str, subdir: str, now: int) -> None:
    owner = named(Channel, name=channel)
    if owner is None:
        return
    folder = named(Subdir, channel=owner, name=subdir) if subdir else None
    bump(owner, folder, now)
    record_event(SYSTEM, "repair", now, owner, subdir=subdir or None)
    if folder is None:
        _forget(f"FROM channel_document WHERE channel_id = {owner.id}", now)
    else:
        _forget(f"FROM document WHERE subdir_id = {folder.id} AND name <> $index", now)
        # This pointer stays: a render that is under way compares the revision it began from with
        # the one that is there, and so loses.
        rows(_OUTDATE, id=folder.id, index=SHARD_INDEX)
        rows(_SUPERSEDE, id=folder.id, now=now)


def _forget(pointers: str, now: int) -> None:
    doom([blake3 for (blake3,) in rows(f"SELECT blake3 {pointers}", index=SHARD_INDEX)], now)
    rows(f"DELETE {pointers}", index=SHARD_INDEX)


_OUTDATE = "UPDATE document SET revision = 0 WHERE subdir_id = $id AND name = $index"
_SUPERSEDE = """
    UPDATE shard SET superseded_at = $now WHERE subdir_id = $id AND superseded_at IS NULL
"""
_FORGET_SHARD = "DELETE FROM shard WHERE blake3 = $blake3"
