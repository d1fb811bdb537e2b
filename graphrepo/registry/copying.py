"""Packages come into a channel from addresses, in a job.

What this server itself offers is copied without moving a byte: the new row names the same
blob. Everything else is fetched. Either way the file then enters as any upload does, and the
rights of whoever started the job are asked for anew with each file.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Protocol

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.blobs.digest import Digests
from graphrepo.blobs.kept import KeptFile
from graphrepo.blobs.staging import StagedFile
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import InvalidInputError
from graphrepo.model.database import Database, rows
from graphrepo.registry.copy_sources import Source, copy_item
from graphrepo.registry.gate import admit
from graphrepo.registry.indexing import Indexing
from graphrepo.registry.job_lists import existing_job
from graphrepo.registry.job_rights import starter_of
from graphrepo.registry.job_rows import check_room, insert_job
from graphrepo.registry.job_views import JobKind, JobView, Outcome, Turn
from graphrepo.registry.jobs import Jobs
from graphrepo.registry.publish import Publisher
from graphrepo.registry.requests import Upload

MAX_FILES = 1000


class Fetched(Protocol):
    """A file that arrived whole; ``staged`` is the caller's to discard."""

    @property
    def staged(self) -> StagedFile:
        """Its bytes."""
        ...

    @property
    def digests(self) -> Digests:
        """What its bytes are called."""
        ...


Fetch = Callable[[str], Awaitable[Fetched]]
"""Brings the file of an address into staging; refuses addresses that nobody may name."""


class Copying:
    """Copies packages from addresses."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        publisher: Publisher,
        indexing: Indexing,
        jobs: Jobs,
    ) -> None:
        """Keep what the use case needs."""
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._indexing = indexing
        self._jobs = jobs

    async def start(
        self,
        viewer: Viewer,
        channel: str,
        sources: Sequence[Source],
        own: Collection[str] = (),
    ) -> JobView:
        """Queue copies into a channel.

        Args:
            viewer: who asks, and in whose name each file is read and published.
            channel: where the files go.
            sources: from where; an address without a host is one of this server.
            own: the addresses of this server, scheme and authority without a slash.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not upload there.
            InvalidInputError: there are no sources or too many, or one is malformed.
            ConflictError: the viewer has too many unfinished jobs.
        """
        if not 0 < len(sources) <= MAX_FILES:
            raise InvalidInputError(f"Name 1 to {MAX_FILES} packages to copy.")
        items = [copy_item(source, own) for source in dict.fromkeys(sources)]
        now = milliseconds(self._clock())
        job = await self._database.transact(_start, viewer, channel, items, now)
        self._jobs.queued.set()
        return job

    async def work(self, turn: Turn, fetch: Fetch) -> Outcome:
        """Copy the file of one item; ``fetch`` is asked for what this server does not hold."""
        now = milliseconds(self._clock())
        viewer = await self._database.read(starter_of, turn, now)
        await self._publisher.authorise(viewer, turn.channel)  # before any byte is fetched
        upload = await self._upload(viewer, turn, fetch)
        with upload.staged:
            artifact = (await self._publisher.publish(viewer, upload)).artifact
        return Outcome((f"{artifact.subdir}/{artifact.filename}",))

    async def _upload(self, viewer: Viewer, turn: Turn, fetch: Fetch) -> Upload:
        filename, sha256 = turn.asked["filename"], turn.asked["sha256"]
        if "place" not in turn.asked:
            fetched = await fetch(turn.asked["item"])
            return Upload(turn.channel, filename, fetched.staged, fetched.digests, sha256=sha256)
        channel, subdir = turn.asked["place"]
        found = await self._indexing.file(viewer, channel, subdir, filename)
        md5: str = (await self._database.read(rows, _MD5, blake3=found.blake3))[0][0]
        digests = Digests(found.blake3, found.sha256, md5, found.size)
        opened = await asyncio.to_thread(self._indexing.open, found.blake3)
        kept = KeptFile(opened, found.blake3)
        return Upload(turn.channel, filename, kept, digests, subdir=subdir, sha256=sha256)


def _start(viewer: Viewer, channel: str, items: list[dict[str, Any]], now: int) -> JobView:
    found = admit(viewer, Action.UPLOAD, channel)
    check_room(viewer)
    return existing_job(viewer, insert_job(viewer, JobKind.COPY, found.id, items, now))


# Whichever row it is: the digest is that of the bytes.
_MD5 = "SELECT md5 FROM artifact WHERE blake3 = $blake3 LIMIT 1"
