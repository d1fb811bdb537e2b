"""A whole installation copied to another place, and brought back: bytes first, then rows.

Blobs never change, so only those are copied that are not there yet, and each is read through its
digest on the way. The rows come as a snapshot of one moment, which is put in place when all that
it names is there. The server may go on meanwhile: bytes outlast their last use by an hour, and if
some went before they were copied, a newer snapshot is taken, with little left to copy.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path

from graphrepo.blobs.store import BlobStore
from graphrepo.blobs.transfer import copied
from graphrepo.errors import BlobMissingError, ConflictError, NotFoundError
from graphrepo.model.snapshot import copy_database, rows_in
from graphrepo.registry.faults import Listener
from graphrepo.registry.references import ALL_NAMED, TOTALS

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where an installation is: the SQLite file of its rows, and the store of its bytes."""

    database: Path
    store: BlobStore


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied; ``lost`` are digests that rows name and the source has no sound bytes of."""

    blobs: int = 0
    size: int = 0
    lost: tuple[str, ...] = ()

    def __add__(self, other: "Copied") -> "Copied":
        """Return both together; what the later one could not find counts."""
        return Copied(self.blobs + other.blobs, self.size + other.size, other.lost)


class _Result(StrEnum):
    """How one blob fared."""

    COPIED = "copied"
    THERE = "there"
    LOST = "lost"


def back_up(source: Place, target: Place, listener: Listener, *, jobs: int) -> Copied:
    """Copy what ``target`` lacks; it is a data directory of its own, and says one moment. Blocks.

    Raises:
        NotFoundError: There is no database at the source.
        StorageFullError: The target has no room; an earlier backup there is as good as before.
    """
    _check_there(source)
    fresh = target.database.with_name(f"{target.database.name}.new")
    target.database.parent.mkdir(parents=True, exist_ok=True)
    done = Copied()
    while True:
        copy_database(source.database, fresh)
        done += _copy_named(fresh, source, target, listener, jobs)
        if not _went_meanwhile(done.lost, source.database):
            break
    fresh.replace(target.database)
    return done


def restore(source: Place, target: Place, listener: Listener, *, jobs: int) -> Copied:
    """Bring a backup to an empty place; what was interrupted can be repeated. Blocks.

    Raises:
        NotFoundError: There is no backup at the source.
        ConflictError: There is an installation at the target already.
        StorageFullError: The target has no room.
    """
    _check_there(source)
    if target.database.exists():
        raise ConflictError(
            f"{target.database} is there already; move it away, or restore to another directory."
        )
    target.database.parent.mkdir(parents=True, exist_ok=True)
    done = _copy_named(source.database, source, target, listener, jobs)
    copy_database(source.database, target.database)
    return done


def _check_there(place: Place) -> None:
    if not place.database.exists():
        raise NotFoundError(f"There is no database {place.database}; check the directory.")


def _copy_named(
    database: Path, source: Place, target: Place, listener: Listener, jobs: int
) -> Copied:
    """Copy the blobs that a database names from one store to the other."""
    ((count, size),) = rows_in(database, TOTALS)
    listener.expects(count, size or 0)
    blobs = total = 0
    lost: list[str] = []
    copy = partial(_copy, source.store, target.store)
    with ThreadPoolExecutor(jobs, thread_name_prefix="graphrepo-copy") as pool:
        for batch in _batches(rows_in(database, ALL_NAMED)):
            for (blake3, size), result in zip(batch, pool.map(copy, batch), strict=True):
                listener.has_read(size)
                blobs += result is _Result.COPIED
                total += size * (result is _Result.COPIED)
                lost += [blake3] if result is _Result.LOST else []
    return Copied(blobs, total, tuple(lost))


def _copy(source: BlobStore, target: BlobStore, blob: tuple[str, int]) -> _Result:
    blake3, size = blob
    if target.exists(blake3) and target.size(blake3) == size:
        return _Result.THERE
    try:
        with target.staging.open() as staged:
            digests = copied(source, blake3, staged)
            if digests.blake3 != blake3:
                return _Result.LOST
            target.delete(blake3)  # what a broken disk left of it
            target.commit(staged, digests)
    except BlobMissingError:
        return _Result.LOST
    return _Result.COPIED


def _went_meanwhile(lost: tuple[str, ...], database: Path) -> bool:
    """Return whether bytes were lost to a deletion, and not to a damage."""
    return bool(lost) and not {blake3 for blake3, _ in rows_in(database, ALL_NAMED)}.issuperset(
        lost
    )


def _batches(blobs: Iterator[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    while batch := list(islice(blobs, _BATCH)):
        yield batch
