"""The interface of every blob store: what it promises, whatever lies behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Literal, Protocol

from graphrepo.blobs.digest import Digests
from graphrepo.blobs.staging import StagedFile, Staging
from graphrepo.errors import BlobMissingError


@dataclass(frozen=True, slots=True)
class BlobEntry:
    """One blob in a listing; ``modified`` is when it was last committed, in UTC."""

    blake3: str
    size: int  # bytes
    modified: datetime


class BlobStore(Protocol):
    """Immutable bytes under the BLAKE3 digest of their content.

    A blob's bytes never change. Every method may be called from any thread and from several
    processes at once, and may raise ``UnavailableError`` when the store does not answer and
    ``InvalidInputError`` for a digest that is none.
    """

    staging: Staging
    """Where bytes wait for ``commit``."""

    is_near: bool
    """Whether a small file is kept in milliseconds, so that a thread may do it for many."""

    lending: timedelta | None
    """How long a URL of ``location`` is good for; none if the store gives none."""

    def check(self) -> None:
        """Return if the store can be used now, by whatever that takes.

        Raises:
            UnavailableError: It cannot; the message says what its operator must do.
            StorageFullError: There is no room.
        """
        ...

    def commit(self, staged: StagedFile, digests: Digests) -> bool:
        """Keep a finished staged file under its digest, and consume it.

        When this returns, the bytes survive a crash and a loss of power. ``True`` means they
        are new; ``False`` that the store held them, and then they count as committed now, so
        that a collector which saw them grow old spares them.

        Raises:
            StorageFullError: There is no room; the store is unchanged.
        """
        ...

    def put(self, data: bytes) -> Digests:
        """Keep bytes that are in memory, with the promises of ``commit``.

        Raises:
            StorageFullError: There is no room; the store is unchanged.
        """
        ...

    def open(self, blake3: str) -> BinaryIO:
        """Return the blob, seekable, in memory that does not grow with it.

        It stays readable to its end even if it is deleted. In an object store that is true of
        its first MiB; whoever deletes blobs leaves readers the time for the rest.

        Raises:
            BlobMissingError: The store does not hold it.
        """
        ...

    def path(self, blake3: str) -> str | None:
        """Return the blob's file, to read only, or ``None`` if this store is not on a disk.

        Where it is not, this does not look whether the blob is there, and does not block.

        Raises:
            BlobMissingError: The store is on a disk and does not hold it.
        """
        ...

    def location(self, blake3: str, method: Literal["GET", "HEAD"]) -> str | None:
        """Return a URL under which a client may ask for the blob itself, for ``lending`` long.

        Whoever has it needs no other right, so it goes to those who may read the blob. ``None``
        means that all bytes pass through this server. Whether the blob is there is not looked at.
        """
        ...

    def size(self, blake3: str) -> int:
        """Return the blob's length in bytes.

        Raises:
            BlobMissingError: The store does not hold it.
        """
        ...

    def exists(self, blake3: str) -> bool:
        """Return whether the store holds the blob."""
        ...

    def delete(self, blake3: str, *, untouched_since: datetime | None = None) -> bool:
        """Remove the blob if it is there, and return whether it was removed.

        With ``untouched_since`` a blob that was committed at or after that moment stays: this
        is checked and done in one step, so a collector never takes what an upload has just
        found to be there.
        """
        ...

    def entries(self) -> Iterator[BlobEntry]:
        """Yield the blobs in no order, in memory that does not grow with their number.

        What is committed or deleted meanwhile may or may not be among them.
        """
        ...


def missing(blake3: str) -> BlobMissingError:
    """Return the failure that all stores share."""
    return BlobMissingError(
        f"The store does not hold blob {blake3}: restore it from a backup or publish it again."
    )
