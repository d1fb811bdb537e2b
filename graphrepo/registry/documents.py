"""Rendered documents: their pointers in the database, their bytes in the store."""

from collections.abc import Iterable
from dataclasses import dataclass

from graphrepo.blobs.digest import Digests
from graphrepo.blobs.store import BlobStore
from graphrepo.model.database import rows


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a document's bytes are, and which revision of its subdir they show. Times in ms."""

    name: str
    revision: int
    blake3: str
    sha256: str
    size: int
    changed_at: int


def load(subdir_id: int, name: str) -> Pointer | None:
    """Return the newest rendered document of this name; inside a session."""
    found = rows(_LOAD, subdir_id=subdir_id, name=name)
    return Pointer(name, *found[0]) if found else None


def move(subdir_id: int, pointer: Pointer) -> None:
    """Point to a newer document; an older one loses silently. Inside ``transact``."""
    rows(
        _MOVE,
        subdir_id=subdir_id,
        name=pointer.name,
        revision=pointer.revision,
        blake3=pointer.blake3,
        sha256=pointer.sha256,
        size=pointer.size,
        changed_at=pointer.changed_at,
    )


def store_chunks(store: BlobStore, chunks: Iterable[bytes]) -> Digests:
    """Keep a document that comes in chunks, without holding it; blocks."""
    with store.staging.open() as staged:
        for chunk in chunks:
            staged.write(chunk)
        digests = staged.finish()
        store.commit(staged, digests)
    return digests


_LOAD = """
    SELECT revision, blake3, sha256, size, changed_at FROM document
    WHERE subdir_id = $subdir_id AND name = $name
"""
_MOVE = """
    INSERT INTO document (subdir_id, name, revision, blake3, sha256, size, changed_at)
    VALUES ($subdir_id, $name, $revision, $blake3, $sha256, $size, $changed_at)
    ON CONFLICT (subdir_id, name) DO UPDATE SET revision = excluded.revision,
      blake3 = excluded.blake3, sha256 = excluded.sha256, size = excluded.size,
      changed_at = excluded.changed_at
    WHERE document.revision < excluded.revision
"""
