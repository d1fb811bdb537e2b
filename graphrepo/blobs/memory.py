"""The store in memory: the same promises for as long as the process lives, for tests."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Lock
from typing import BinaryIO, Literal

from graphrepo.blobs.digest import Digests, check_blake3, digests_of
from graphrepo.blobs.staging import StagedFile, Staging
from graphrepo.blobs.store import BlobEntry, missing
from graphrepo.clock import Clock, system_clock


class MemoryStore:
    """A ``BlobStore`` in a dictionary; only files under way touch a disk."""

    is_near = True

    def __init__(self, staging: Staging, clock: Clock = system_clock) -> None:
        """Begin empty; ages are told by the clock."""
        self.staging = staging
        self.lending: timedelta | None = None
        self._clock = clock
        self._blobs: dict[str, tuple[bytes, datetime]] = {}
        self._lock = Lock()

    def check(self) -> None:
        """Return: memory is there; see ``BlobStore.check``."""

    def commit(self, staged: StagedFile, digests: Digests) -> bool:
        """Keep a finished staged file; see ``BlobStore.commit``."""
        staged.file.seek(0)
        is_new = self._keep(digests.blake3, staged.file.read())
        staged.discard()
        return is_new

    def put(self, data: bytes) -> Digests:
        """Keep bytes that are in memory; see ``BlobStore.put``."""
        digests = digests_of(io.BytesIO(data))
        self._keep(digests.blake3, data)
        return digests

    def open(self, blake3: str) -> BinaryIO:
        """Return the blob, without a file descriptor; see ``BlobStore.open``."""
        return io.BytesIO(self._bytes(blake3))

    def path(self, blake3: str) -> None:
        """Return ``None``: there is no file; see ``BlobStore.path``."""
        check_blake3(blake3)

    def location(self, blake3: str, method: Literal["GET", "HEAD"]) -> None:  # noqa: ARG002 - the interface's
        """Return ``None``: nobody else reaches this memory; see ``BlobStore.location``."""
        check_blake3(blake3)

    def size(self, blake3: str) -> int:
        """Return the blob's length in bytes; see ``BlobStore.size``."""
        return len(self._bytes(blake3))

    def exists(self, blake3: str) -> bool:
        """Return whether the store holds the blob."""
        return check_blake3(blake3) in self._blobs

    def delete(self, blake3: str, *, untouched_since: datetime | None = None) -> bool:
        """Remove the blob; see ``BlobStore.delete``."""
        check_blake3(blake3)
        with self._lock:
            if blake3 not in self._blobs:
                return False
            _, modified = self._blobs[blake3]
            if untouched_since is not None and modified >= untouched_since:
                return False
            del self._blobs[blake3]
            return True

    def entries(self) -> Iterator[BlobEntry]:
        """Yield the blobs; see ``BlobStore.entries``."""
        for blake3, (data, modified) in list(self._blobs.items()):
            yield BlobEntry(blake3, len(data), modified)

    def _keep(self, blake3: str, data: bytes) -> bool:
        with self._lock:
            is_new = blake3 not in self._blobs
            self._blobs[blake3] = (data, self._clock())
        return is_new

    def _bytes(self, blake3: str) -> bytes:
        blob = self._blobs.get(check_blake3(blake3))
        if blob is None:
            raise missing(blake3)
        return blob[0]
