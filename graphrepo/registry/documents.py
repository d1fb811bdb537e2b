"""Rendered documents: their pointers in the database, their bytes in the store.

The bytes come first and the pointer moves after, only ever to a newer revision: a slower
worker's older render loses. What a pointer leaves behind is doomed, and deleted later, when
no reader can be on the way to it any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from graphrepo.blobs.digest import Digests
from graphrepo.blobs.store import BlobStore
from graphrepo.model.database import rows
from graphrepo.registry.doom import doom


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a document's bytes are, and which revision of its owner they show. Times in ms."""

    name: str
    revision: int
    blake3: str
    sha256: str
    size: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """The table that holds the pointers of one kind of owner: subdirs, or channels."""

    table: str
    owner: str

    def load(self, owner_id: int, name: str) -> Pointer | None:
        """Return the newest rendered document of this name; inside a session."""
        sql = f"""SELECT revision, blake3, sha256, size, changed_at FROM {self.table}
            WHERE {self.owner} = $owner_id AND name = $name"""
        found = rows(sql, owner_id=owner_id, name=name)
        return Pointer(name, *found[0]) if found else None

    def move(self, owner_id: int, pointer: Pointer, now: int) -> None:
        """Point to a newer document; an older one loses silently. Inside ``transact``."""
        present = self.load(owner_id, pointer.name)
        if present is not None and present.revision >= pointer.revision:
            return
        if present is not None and present.blake3 != pointer.blake3:
            doom([present.blake3], now)
        rows(
            f"""INSERT INTO {self.table}
                ({self.owner}, name, revision, blake3, sha256, size, changed_at)
                VALUES ($owner_id, $name, $revision, $blake3, $sha256, $size, $changed_at)
                ON CONFLICT ({self.owner}, name) DO UPDATE SET revision = excluded.revision,
                  blake3 = excluded.blake3, sha256 = excluded.sha256, size = excluded.size,
                  changed_at = excluded.changed_at""",
            owner_id=owner_id,
            name=pointer.name,
            revision=pointer.revision,
            blake3=pointer.blake3,
            sha256=pointer.sha256,
            size=pointer.size,
            changed_at=pointer.changed_at,
        )


OF_SUBDIR = Shelf("document", "subdir_id")
OF_CHANNEL = Shelf("channel_document", "channel_id")


def store_chunks(store: BlobStore, chunks: Iterable[bytes]) -> Digests:
    """Keep a document that comes in chunks, without holding it; blocks."""
    with store.staging.open(md5=False) as staged:
        for chunk in chunks:
            staged.write(chunk)
        digests = staged.finish()
        store.commit(staged, digests)
    return digests


def pointer_to(name: str, revision: int, changed_at: int, digests: Digests) -> Pointer:
    """Return the pointer to bytes that were just stored."""
    return Pointer(name, revision, digests.blake3, digests.sha256, digests.size, changed_at)
