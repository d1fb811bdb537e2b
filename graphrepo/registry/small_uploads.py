"""Small uploads that wait at the same moment are read, kept and listed together.

One after the other, in one turn of one thread and one transaction. To hand an upload over to
another thread and back takes as long as to read it, and threads that do the same at the same
time wait for Python's lock; so the more clients there are, the more is shared.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from time import thread_time
from typing import Final, NamedTuple, TypeVar

from graphrepo.access.viewer import Viewer
from graphrepo.blobs.held import HeldFile
from graphrepo.blobs.store import BlobStore
from graphrepo.conda.limits import Limits
from graphrepo.errors import GraphrepoError, InvalidPackageError, UnavailableError
from graphrepo.model.database import Database
from graphrepo.model.engine import ALONE
from graphrepo.model.sessions import Sessions
from graphrepo.registry.ferry import Ferry
from graphrepo.registry.listing import Parcel, list_files, opened, preview
from graphrepo.registry.requests import Upload
from graphrepo.registry.views import Published

A = TypeVar("A")

_SEATS: Final = 16  # uploads in one transaction: as long as others may have to wait for it
_KEEPERS: Final = 4  # files that wait for the disk at the same time
_UNPACKED: Final = 2**20  # bytes; of real packages so small, few need half of them
_READING: Final = 0.1  # seconds of a processor's time, in which hundreds are read


class NotBriefError(Exception):
    """Others shall not wait until this upload is read, or what is wrong with it is known."""


class Arrival(NamedTuple):
    """An upload whose bytes are here, who sent it, and when it came (ms)."""

    viewer: Viewer
    upload: Upload
    now: int


_Stage = Parcel | Published | Exception
"""How far an upload is: under way, or settled in one way or the other."""


class SmallUploads:
    """Takes in those that a thread is done with in milliseconds."""

    def __init__(
        self,
        database: Database,
        store: BlobStore,
        limits: Limits,
        *,
        keep_paths: bool,
        reading: float = _READING,
    ) -> None:
        """Keep what it takes, see ``Publisher``; after ``reading`` no other is read in a turn."""
        self._database = database
        self._store = store
        self._limits = replace(limits, unpacked_bytes=min(limits.unpacked_bytes, _UNPACKED))
        self._keep_paths = keep_paths
        self._reading = reading
        self._ferry = Ferry(self._cross, _SEATS)
        self._keepers = ThreadPoolExecutor(_KEEPERS, thread_name_prefix="graphrepo-keep")

    def suits(self, upload: Upload) -> bool:
        """Return whether an upload is small, and nothing that it takes is far away."""
        is_small = isinstance(upload.staged, HeldFile) and not upload.attestation
        return is_small and self._database.is_near and self._store.is_near

    async def publish(self, arrival: Arrival) -> Published:
        """Do as ``Publisher.publish`` does.

        Raises:
            NotBriefError: nothing is known of it, and nothing was done; it is for that to take in.
        """
        return await self._ferry.take(arrival)

    async def _cross(self, arrivals: Sequence[Arrival]) -> Sequence[Published | Exception]:
        return await self._database.turn(partial(self._settled, arrivals))

    def _settled(
        self, arrivals: Sequence[Arrival], sessions: Sessions
    ) -> list[Published | Exception]:
        stages = sessions.glance(self._previewed, self._all_read(arrivals))
        stages = self._all_kept(stages)
        parcels = [each for each in stages if isinstance(each, Parcel)]
        listed = iter(self._listed(parcels, sessions) if parcels else ())
        return [next(listed) if isinstance(each, Parcel) else each for each in stages]

    def _all_read(self, arrivals: Sequence[Arrival]) -> list[_Stage]:
        """Open one file at least, and the others until they have taken the time for all."""
        last = thread_time() + self._reading
        stages: list[_Stage] = []
        for arrival in arrivals:
            is_late = stages and thread_time() > last
            stages.append(NotBriefError() if is_late else _tried(self._read, arrival))
        return stages

    def _read(self, arrival: Arrival) -> Parcel:
        viewer, upload, now = arrival
        try:
            package = opened(upload, now, self._limits)
        except InvalidPackageError as refusal:  # perhaps by the narrower bounds alone
            raise NotBriefError from refusal
        return Parcel(viewer, upload, package, now)

    def _previewed(self, stages: Sequence[_Stage]) -> list[_Stage]:
        return [self._seen(each) if isinstance(each, Parcel) else each for each in stages]

    def _seen(self, parcel: Parcel) -> _Stage:
        try:
            known = preview(parcel)
        except GraphrepoError as refusal:
            return refusal
        if known is None or not self._store.exists(known.blake3):
            return parcel
        return Published(known, created=False, warnings=parcel.package.warnings)

    def _all_kept(self, stages: Sequence[_Stage]) -> list[_Stage]:
        """Make the bytes durable: of one file here, and of the others at the same time."""
        first, *others = stages
        beside = self._keepers.map(self._kept, others)  # which begins at once
        return [self._kept(first), *beside]

    def _kept(self, stage: _Stage) -> _Stage:
        return _tried(self._committed, stage) if isinstance(stage, Parcel) else stage

    def _committed(self, parcel: Parcel) -> Parcel:
        self._store.commit(parcel.upload.staged, parcel.upload.digests)
        return parcel

    def _listed(
        self, parcels: Sequence[Parcel], sessions: Sessions
    ) -> Sequence[Published | Exception]:
        """List all in one transaction, or each in its own if one of them makes that fail."""
        try:
            return sessions.transact(ALONE, list_files, parcels, keep=self._keep_paths)
        except UnavailableError as error:  # after a long wait, enough for all of them
            return [error] * len(parcels)
        except Exception as error:  # noqa: BLE001 - of one or of all, as the next try shows
            if len(parcels) == 1:
                return [error]
            return [self._listed([parcel], sessions)[0] for parcel in parcels]


def _tried(step: Callable[[A], Parcel], given: A) -> Parcel | Exception:
    """Take a step for one upload; whatever is wrong with it, the others go on."""
    try:
        return step(given)
    except Exception as error:  # noqa: BLE001 - it is the answer to this upload
        return error
