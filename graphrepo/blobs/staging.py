"""Bytes under way: written and hashed in one pass, nobody's until they are committed."""

import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from graphrepo.blobs.digest import Chunk, Digests, Hashes
from graphrepo.blobs.disk import refusals

_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL
_PRIVATE: Final = 0o600


class StagedFile:
    """One file under way; leaving its ``with`` block discards it unless it was committed.

    ``file`` reads back what was written; whoever reads it positions it first. ``path`` is for
    the store that commits it.
    """

    def __init__(self, path: Path, *, md5: bool = True) -> None:
        """Create the file, readable by the server alone."""
        self.path = path
        self.file: BinaryIO = os.fdopen(os.open(path, _NEW, _PRIVATE), "rb")
        self._hashes = Hashes(md5=md5)

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._hashes.size

    @refusals()
    def write(self, chunk: Chunk) -> None:
        """Append the chunk.

        Raises:
            StorageFullError: There is no room; discard the file.
            UnavailableError: The disk does not take it.
        """
        offset = self.size
        self._hashes.update(chunk)
        self._put(chunk, offset)

    @refusals()
    def fill(self, data: bytes) -> None:
        """Write all bytes of a new file whose digests are known; it has none of its own.

        Raises:
            StorageFullError: There is no room; discard the file.
            UnavailableError: The disk does not take it.
        """
        self._put(data, 0)

    def _put(self, chunk: Chunk, offset: int) -> None:
        rest = memoryview(chunk).cast("B")
        # Not through a buffer: a full disk shows here, where the body can still be refused, and
        # never at a flush or a close. pwrite also leaves the position of ``file`` alone.
        while rest:
            written = os.pwrite(self.file.fileno(), rest, offset)
            rest, offset = rest[written:], offset + written

    def finish(self) -> Digests:
        """Return the digests of all that was written.

        Nothing is durable yet: that is what the store's ``commit`` promises.
        """
        return self._hashes.digests()

    def laid_out(self, staging: "Staging") -> "StagedFile":  # noqa: ARG002 - for those not there yet
        """Return this file as one that is on the disk of ``staging``; the caller discards it.

        Raises:
            StorageFullError: There is no room.
            UnavailableError: The disk does not take it.
        """
        return self

    def discard(self) -> None:
        """Forget the file. Any number of calls do; what cannot be removed is left to a sweep."""
        if not self.file.closed:
            self.file.close()
            with suppress(OSError):
                self.path.unlink()

    def __enter__(self) -> Self:
        """Guard the file."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Discard the file; a committed one is gone from here already."""
        self.discard()


class Staging:
    """A directory of files under way, in the same file system as the store they are for."""

    def __init__(self, directory: Path) -> None:
        """Name the directory; it is created when the first file is."""
        self._directory = directory

    @refusals()
    def open(self, *, md5: bool = True) -> StagedFile:
        """Return a new empty file under a name that nobody can guess.

        Without ``md5`` its digests lack that one, which only packages need.

        Raises:
            StorageFullError: There is no room.
            UnavailableError: The directory cannot be written.
        """
        path = self._directory / secrets.token_hex(16)
        try:
            return StagedFile(path, md5=md5)
        except FileNotFoundError:
            self._directory.mkdir(parents=True, exist_ok=True)
            return StagedFile(path, md5=md5)

    @refusals()
    def sweep(self, older_than: datetime) -> int:
        """Remove what a crash left behind and return the number of files removed.

        A file counts as left behind when nothing was written to it since ``older_than``:
        other processes stage here too, so that moment must precede the start of any request
        that may still be alive.
        """
        removed = 0
        for path in self._abandoned(older_than):
            with suppress(FileNotFoundError):  # finished meanwhile
                path.unlink()
                removed += 1
        return removed

    @refusals()
    def abandoned(self, older_than: datetime) -> int:
        """Return how many files ``sweep`` would remove."""
        return len(self._abandoned(older_than))

    def _abandoned(self, older_than: datetime) -> list[Path]:
        found: list[Path] = []
        for path in self._directory.iterdir() if self._directory.exists() else ():
            with suppress(FileNotFoundError):  # finished meanwhile
                if path.stat().st_mtime < older_than.timestamp():
                    found.append(path)
        return found
