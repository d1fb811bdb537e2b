"""Bytes from one store to another: a backup, and the way back."""

from graphrepo.blobs.digest import Digests
from graphrepo.blobs.staging import StagedFile
from graphrepo.blobs.store import BlobStore

_BLOCK = 1024 * 1024


def copied(source: BlobStore, blake3: str, staged: StagedFile) -> Digests:
    """Write a blob of one store into a staged file of another; return what was written.

    Raises:
        BlobMissingError: The source does not hold it.
        StorageFullError: There is no room for it.
    """
    with source.open(blake3) as file:
        while block := file.read(_BLOCK):
            staged.write(block)
    return staged.finish()
