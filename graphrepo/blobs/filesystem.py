"""The store on a local or network file system."""

import fcntl
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Literal

from graphrepo.blobs.digest import Digests, check_blake3, is_blake3
from graphrepo.blobs.disk import make_directory, refusal, refusals, sync_directory
from graphrepo.blobs.staging import StagedFile, Staging
from graphrepo.blobs.store import BlobEntry, missing
from graphrepo.clock import Clock, system_clock
from graphrepo.steps import Step, Watch, unwatched

_SHELF_DIGITS = 2  # 256 shelves: a million blobs make 4,000 names in each


class FilesystemStore:
    """A ``BlobStore`` of plain files; it needs hard links and ``flock``."""

    is_near = True

    def __init__(
        self, root: Path, clock: Clock = system_clock, *, watch: Watch = unwatched
    ) -> None:
        """Name the directory; it is created with the first blob. Ages are told by the clock."""
        self._root = root.absolute()
        self._blobs = self._root / "blobs"
        self.staging = Staging(self._root / "staging")
        self.lending: timedelta | None = None
        self._clock = clock
        self._watch = watch
        self._has_shelves = False

    # <root>/
    #   blobs/
    #     9f/               a shelf: the first two digits
    #       9f86d081...     the bytes, mode 0444, named by all 64 digits of their BLAKE3
    #   staging/
    #     5c1d0b77...       an upload under way, mode 0600, a random name
    def _file(self, blake3: str) -> Path:
        return Path(self._name(blake3))

    def _name(self, blake3: str) -> str:
        return f"{self._blobs}/{check_blake3(blake3)[:_SHELF_DIGITS]}/{blake3}"

    def check(self) -> None:
        """Write and remove a file; see ``BlobStore.check``."""
        with self.staging.open() as staged:
            staged.write(b"probe")  # a full disk may still take an empty file

    @refusals()
    def commit(self, staged: StagedFile, digests: Digests) -> bool:
        """Keep a finished staged file; see ``BlobStore.commit``."""
        # 1. fsync the file: a name must never lead to bytes that the disk does not have.
        # 2. Link it by its digest: atomic, and where rename would overwrite, link fails.
        # 3. fsync the directory: only now does the name survive. For a blob that was there
        #    as well: whoever linked it may not have come to this step.
        # 4. Drop the staging name, last: a crash before leaves a second name for the sweep.
        target = self._file(digests.blake3)
        self._watch(Step.KEEP)
        self._make_shelves()
        is_known = target.exists() and self._touch(target)
        with staged if is_known else staged.laid_out(self.staging) as laid:
            is_new = not is_known and self._link(laid, target)
            self._watch(Step.NAME)
            sync_directory(target.parent)
            self._watch(Step.UNSTAGE)
        staged.discard()
        return is_new

    def put(self, data: bytes) -> Digests:
        """Keep bytes that are in memory; see ``BlobStore.put``."""
        with self.staging.open() as staged:
            staged.write(data)
            digests = staged.finish()
            self.commit(staged, digests)
        return digests

    @refusals()
    def open(self, blake3: str) -> BinaryIO:
        """Return the blob as a buffered file with a descriptor; see ``BlobStore.open``."""
        with _found(blake3):
            return self._file(blake3).open("rb")

    def path(self, blake3: str) -> str:
        """Return the blob's absolute path; see ``BlobStore.path``."""
        # Asked at every download, so without ``Path`` and the others' context managers, which
        # take twenty times as long as the system does.
        name = self._name(blake3)
        try:
            os.stat(name)  # noqa: PTH116
        except FileNotFoundError:
            raise missing(blake3) from None
        except OSError as error:
            raise refusal(error) from error
        return name

    def location(self, blake3: str, method: Literal["GET", "HEAD"]) -> None:  # noqa: ARG002 - the interface's
        """Return ``None``: nobody else reaches this disk; see ``BlobStore.location``."""
        check_blake3(blake3)

    @refusals()
    def size(self, blake3: str) -> int:
        """Return the blob's length in bytes; see ``BlobStore.size``."""
        with _found(blake3):
            return self._file(blake3).stat().st_size

    @refusals()
    def exists(self, blake3: str) -> bool:
        """Return whether the store holds the blob."""
        return self._file(blake3).is_file()

    @refusals()
    def delete(self, blake3: str, *, untouched_since: datetime | None = None) -> bool:
        """Remove the blob; see ``BlobStore.delete``. A loss of power may bring it back."""
        file = self._file(blake3)
        with suppress(FileNotFoundError), self._lock(fcntl.LOCK_EX):
            if untouched_since is None or _modified(file.stat()) < untouched_since:
                file.unlink()
                return True
        return False

    def entries(self) -> Iterator[BlobEntry]:
        """Yield the blobs, one shelf in memory at a time; see ``BlobStore.entries``."""
        with refusals():
            for file in self._blobs.glob("*/*"):
                if is_blake3(file.name):
                    with suppress(FileNotFoundError):  # deleted meanwhile
                        facts = file.stat()
                        yield BlobEntry(file.name, facts.st_size, _modified(facts))

    def _make_shelves(self) -> None:
        # That a directory exists does not mean that its maker has synced it: each process
        # does so once for itself, with its first blob; one fsync covers all the shelves.
        if self._has_shelves:
            return
        make_directory(self._root)
        make_directory(self._blobs)
        for number in range(16**_SHELF_DIGITS):
            (self._blobs / f"{number:0{_SHELF_DIGITS}x}").mkdir(exist_ok=True)
        sync_directory(self._blobs)
        self._has_shelves = True

    def _touch(self, target: Path) -> bool:
        with self._lock(fcntl.LOCK_SH):
            try:
                os.utime(target, self._times())
            except FileNotFoundError:
                return False
            return True

    def _link(self, staged: StagedFile, target: Path) -> bool:
        descriptor = staged.file.fileno()
        os.fchmod(descriptor, 0o444)
        os.utime(descriptor, self._times())
        self._watch(Step.SYNC)
        os.fsync(descriptor)
        with self._lock(fcntl.LOCK_SH):
            try:
                os.link(staged.path, target)
            except FileExistsError:  # another upload of the same bytes was faster
                os.utime(target, self._times())
                return False
            return True

    def _times(self) -> tuple[float, float]:
        now = self._clock().timestamp()
        return now, now

    @contextmanager
    def _lock(self, kind: int) -> Generator[None]:
        # Held for one look and one change of a name, never while bytes are written. Commits
        # share it; a deletion takes it alone, so between its look at a blob's age and the
        # unlink nobody can find the blob and rely on it. There is no other lock.
        descriptor = os.open(self._blobs, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)  # which unlocks


@contextmanager
def _found(blake3: str) -> Generator[None]:
    try:
        yield
    except FileNotFoundError:
        raise missing(blake3) from None


def _modified(facts: os.stat_result) -> datetime:
    return datetime.fromtimestamp(facts.st_mtime, UTC)
