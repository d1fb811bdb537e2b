"""Blobs carried from one store to another, each under the digest that its bytes have."""

from graphrepo.blobs.digest import digests_of
from graphrepo.blobs.store import BlobEntry, BlobStore
from graphrepo.blobs.transfer import copied
from graphrepo.errors import BlobMissingError, UnavailableError


def carry(source: BlobStore, target: BlobStore, entry: BlobEntry) -> bool:
    """Bring one blob into the target; return whether that was still to do.

    What is there in its full length was kept whole by an earlier attempt, for stores keep
    nothing by halves. What is brought is read back and must be the same.

    Raises:
        BlobMissingError: the source has it no more, or has other bytes under its name.
        UnavailableError: the target does not give back what it was given.
        StorageFullError: the target has no room.
    """
    if target.exists(entry.blake3) and target.size(entry.blake3) == entry.size:
        return False
    with target.staging.open(md5=False) as staged:
        digests = copied(source, entry.blake3, staged)
        if digests.blake3 != entry.blake3:
            raise BlobMissingError(
                f"The bytes of blob {entry.blake3} are damaged: restore it from a backup, or"
                " delete its file and publish it again."
            )
        target.commit(staged, digests)
    with target.open(entry.blake3) as file:
        if digests_of(file).blake3 != entry.blake3:
            raise UnavailableError(f"The new store gives back other bytes for {entry.blake3}.")
    return True
