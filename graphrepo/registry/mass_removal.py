"""Whole packages leave a channel, one after the other, in a job."""

from collections.abc import Sequence

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import InvalidInputError, NotFoundError
from graphrepo.model.database import Database, rows
from graphrepo.registry.gate import admit
from graphrepo.registry.job_lists import existing_job
from graphrepo.registry.job_rights import starter_of
from graphrepo.registry.job_rows import check_room, insert_job, note
from graphrepo.registry.job_views import JobKind, JobView, Outcome, Turn
from graphrepo.registry.jobs import Jobs
from graphrepo.registry.removal import delete_files
from graphrepo.registry.requests import Batch, FileName

MAX_PACKAGES = 1000


class MassRemoval:
    """Deletes packages with all their files."""

    def __init__(self, database: Database, clock: Clock, jobs: Jobs) -> None:
        """Keep what the use case needs."""
        self._database = database
        self._clock = clock
        self._jobs = jobs

    async def start(self, viewer: Viewer, channel: str, names: Sequence[str]) -> JobView:
        """Queue the deletion of packages; each goes in a transaction of its own.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not delete there.
            InvalidInputError: there are no names, or too many.
            ConflictError: the viewer has too many unfinished jobs.
        """
        wanted = tuple(dict.fromkeys(name.lower() for name in names))
        if not 0 < len(wanted) <= MAX_PACKAGES:
            raise InvalidInputError(f"Name 1 to {MAX_PACKAGES} packages to delete.")
        now = milliseconds(self._clock())
        job = await self._database.transact(_start, viewer, channel, wanted, now)
        self._jobs.queued.set()
        return job

    async def work(self, turn: Turn) -> Outcome:
        """Delete the package of one item."""
        now = milliseconds(self._clock())
        return await self._database.transact_in(turn.channel, _delete_package, turn, now)


def _start(viewer: Viewer, channel: str, names: tuple[str, ...], now: int) -> JobView:
    found = admit(viewer, Action.DELETE, channel)
    check_room(viewer)
    items = ({"item": name} for name in names)
    return existing_job(viewer, insert_job(viewer, JobKind.DELETE, found.id, items, now))


def _delete_package(turn: Turn, now: int) -> Outcome:
    viewer = starter_of(turn, now)
    channel = admit(viewer, Action.DELETE, turn.channel)
    name: str = turn.asked["item"]
    files = tuple(FileName(*file) for file in rows(_FILES, channel_id=channel.id, name=name))
    if not files:
        raise NotFoundError(f"There is no package {name} in {turn.channel}.")
    delete_files(viewer, Batch(turn.channel, files), now)
    outcome = Outcome(tuple(f"{file.subdir}/{file.filename}" for file in files))
    # In the same transaction: after a crash the package is not looked for in vain.
    note(turn, outcome)
    return outcome


_FILES = """
    SELECT s.name, a.filename FROM artifact a
    JOIN package p ON p.id = a.package_id JOIN subdir s ON s.id = a.subdir_id
    WHERE p.channel_id = $channel_id AND p.name = $name AND a.removed_in IS NULL
    ORDER BY s.name, a.filename
"""
