"""The store in a bucket of an object store: S3 and its kin, Google's, Azure's.

An object store has no links, no locks and no times to set. It has three things that are
enough: an object appears whole or not at all, "write unless it is there" is one step, and a
read sees every write that was answered before it began.

    <prefix>/
      blobs/9f/9f86d081…     the bytes; the moment of the commit in their metadata
      touched/9f86d081…      committed again: empty, and the newer moment in its metadata
      claimed/9f86d081…      a collector is about to delete the blob, or died while it was
      probe                  whether the bucket can be written and read

Why a collector never takes what an upload has just found to be there:

    collector   C1 claim      C2 read the ages, stop if young      C3 delete     C4 drop claim
    upload      U1 find blob  U2 touch   U3 wait for no claim      U4 look again, else U1

If the touch (U2) comes before the ages are read (C2), the collector stops. If it comes after,
the claim (C1) is there already: at U3 the upload sees it and waits, or the collector is done
(C4), and then U4 shows that the blob is gone. A blob that is created, not found, needs none of
this: creating succeeds only once a deletion is over, since a claim is exclusive and its one
deletion is sent once.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from itertools import islice
from threading import Event
from typing import BinaryIO, Final

from graphrepo.blobs.bucket import Bucket, Facts, Method
from graphrepo.blobs.digest import Digests, check_blake3, digests_of, is_blake3
from graphrepo.blobs.object_reader import open_blob
from graphrepo.blobs.staging import StagedFile, Staging
from graphrepo.blobs.store import BlobEntry, missing
from graphrepo.clock import Clock, system_clock
from graphrepo.errors import UnavailableError

_SHELF_DIGITS: Final = 2
_LOOK_FIRST: Final = 1024 * 1024  # from here on, asking costs less than sending for nothing
_WHOLE: Final = 8 * 1024 * 1024  # up to here a blob goes in one request, from memory
_CLAIM: Final = timedelta(minutes=10)  # a claim this old is a dead collector's
_PATIENCE: Final = 30.0  # seconds that a commit waits for a collector; it takes milliseconds
_POLL: Final = 0.05  # seconds
_TRIES: Final = 5
_AT_ONCE: Final = 16  # requests of a listing
_PAGE: Final = 1000


class ObjectStore:
    """A ``BlobStore`` in a bucket; only files under way touch a disk of this machine."""

    is_near = False

    def __init__(
        self,
        bucket: Bucket,
        staging: Staging,
        clock: Clock = system_clock,
        *,
        lending: timedelta | None = None,
    ) -> None:
        """Keep what it takes; for ``lending`` long a client may fetch a blob from the bucket."""
        self._bucket = bucket
        self.staging = staging
        self._clock = clock
        self.lending = lending

    def check(self) -> None:
        """Stage, write, read, and sign where clients are sent here; see ``BlobStore.check``."""
        with self.staging.open() as staged:
            staged.write(b"probe")
        self._bucket.write("probe", b"graphrepo", self._clock())
        self._bucket.read("probe", 0, 1)
        if self.lending is not None:
            self._bucket.sign("probe", "GET", self.lending)

    def commit(self, staged: StagedFile, digests: Digests) -> bool:
        """Keep a finished staged file; see ``BlobStore.commit``.

        Of two that commit a large blob at once, both may be told that it is new.
        """
        is_new = self._keep(digests.blake3, partial(self._send, staged.file, digests))
        staged.discard()
        return is_new

    def put(self, data: bytes) -> Digests:
        """Keep bytes that are in memory; see ``BlobStore.put``."""
        digests = digests_of(BytesIO(data))
        self._keep(digests.blake3, partial(self._send, BytesIO(data), digests))
        return digests

    def open(self, blake3: str) -> BinaryIO:
        """Return the blob as a buffered file without a descriptor; see ``BlobStore.open``."""
        key = _key(blake3)

        def fetch(start: int, length: int) -> tuple[bytes, int]:
            found = self._bucket.read(key, start, length)
            if found is None:
                raise missing(blake3)
            return found

        return open_blob(fetch)

    def path(self, blake3: str) -> None:
        """Return ``None``: there is no file; see ``BlobStore.path``."""
        check_blake3(blake3)

    def location(self, blake3: str, method: Method) -> str | None:
        """Return where a client may fetch the blob itself; see ``BlobStore.location``."""
        if self.lending is None:
            return None
        return self._bucket.sign(_key(blake3), method, self.lending)

    def size(self, blake3: str) -> int:
        """Return the blob's length in bytes; see ``BlobStore.size``."""
        facts = self._bucket.facts(_key(blake3))
        if facts is None:
            raise missing(blake3)
        return facts.size

    def exists(self, blake3: str) -> bool:
        """Return whether the store holds the blob."""
        return self._bucket.facts(_key(blake3)) is not None

    def delete(self, blake3: str, *, untouched_since: datetime | None = None) -> bool:
        """Remove the blob; see ``BlobStore.delete``, and above for the order."""
        key = _key(blake3)
        if not self._claim(blake3):
            return False  # another collector is at it
        # If anything fails from here on, the claim stays until it is old: the deletion may be
        # on its way yet.
        found = self._facts(blake3)
        is_due = found is not None and (untouched_since is None or found.stamp < untouched_since)
        if is_due:
            self._bucket.remove(key)
            self._bucket.remove(_touched(blake3))
        self._bucket.remove(_claimed(blake3))
        return is_due

    def entries(self) -> Iterator[BlobEntry]:
        """Yield the blobs, asking for the age of each; see ``BlobStore.entries``."""
        keys = self._bucket.keys("blobs/")
        named = (name for key in keys if is_blake3(name := key.rpartition("/")[2]))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while page := list(islice(named, _PAGE)):
                found = pool.map(self._entry, page)
                yield from (entry for entry in found if entry is not None)

    def _keep(self, blake3: str, send: Callable[[], bool]) -> bool:
        for _ in range(_TRIES):
            if send():
                return True
            self._bucket.write(_touched(blake3), b"", self._clock())
            self._await_collector(blake3)
            if self.exists(blake3):
                return False
        raise _busy()

    def _send(self, file: BinaryIO, digests: Digests) -> bool:
        """Write the blob unless it is there; return whether it was written."""
        key = _key(digests.blake3)
        if digests.size > _LOOK_FIRST and self._bucket.facts(key) is not None:
            return False
        file.seek(0)
        if digests.size <= _WHOLE:
            return self._bucket.create(key, file.read(), self._clock())
        # No store creates what comes in parts in one step with the look. To write the same
        # bytes once more does no harm.
        self._bucket.stream(key, file, digests.size, self._clock())
        return True

    def _claim(self, blake3: str) -> bool:
        key, now = _claimed(blake3), self._clock()
        if self._bucket.create(key, b"", now):
            return True
        if self._is_claimed(blake3):
            return False
        # One process has the lease for sweeping, so nobody else breaks the same old claim.
        self._bucket.write(key, b"", now)
        return True

    def _is_claimed(self, blake3: str) -> bool:
        claim = self._bucket.facts(_claimed(blake3))
        # A claim from the future is from before a clock was set back: its collector is gone too.
        return claim is not None and abs(self._clock() - claim.stamp) < _CLAIM

    def _await_collector(self, blake3: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while self._is_claimed(blake3):
            if time.monotonic() > deadline:
                raise _busy()
            Event().wait(_POLL)  # there is nothing to be told by: the other is a machine away

    def _facts(self, blake3: str) -> Facts | None:
        """Return the blob's size and when it was last committed, or none if it is not there."""
        blob = self._bucket.facts(_key(blake3))
        touch = blob and self._bucket.facts(_touched(blake3))
        return replace(blob, stamp=max(blob.stamp, touch.stamp)) if blob and touch else blob

    def _entry(self, blake3: str) -> BlobEntry | None:
        found = self._facts(blake3)
        return found and BlobEntry(blake3, found.size, found.stamp)


def _key(blake3: str) -> str:
    return f"blobs/{check_blake3(blake3)[:_SHELF_DIGITS]}/{blake3}"


def _touched(blake3: str) -> str:
    return f"touched/{blake3}"


def _claimed(blake3: str) -> str:
    return f"claimed/{blake3}"


def _busy() -> UnavailableError:
    return UnavailableError(
        "These bytes are just being removed from the store: try again in a moment."
    )
