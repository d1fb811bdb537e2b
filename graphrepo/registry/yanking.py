"""Withdrawing files and taking them back: they leave the index, and still download (CEP 36)."""

from dataclasses import dataclass

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import InvalidInputError
from graphrepo.model.database import Database
from graphrepo.model.entities import Artifact, Channel
from graphrepo.registry.artifact_rows import live_artifacts, recount
from graphrepo.registry.changes import bump, record_event
from graphrepo.registry.gate import admit
from graphrepo.registry.hold_rows import check_not_held
from graphrepo.registry.requests import Batch
from graphrepo.registry.variant_lists import artifact_by_id
from graphrepo.registry.views import ArtifactView

_MAX_REASON = 1000


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The state files shall be in; ``hidden`` none leaves that as it is."""

    reason: str | None
    hidden: bool | None


class Yanking:
    """Yanks, unyanks and hides files, many at a time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep what the use cases need."""
        self._database = database
        self._clock = clock

    async def yank(
        self, viewer: Viewer, batch: Batch, reason: str, *, also_hide: bool = False
    ) -> tuple[ArtifactView, ...]:
        """Take files out of the index, all or none; a file yanked before gets the new reason.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not yank there.
            NotFoundError: one of the files does not exist; nothing changed.
            QuarantinedError: one of the files is in quarantine; nothing changed.
            InvalidInputError: the reason is empty or too long.
        """
        wanted = _Wanted(checked_reason(reason), hidden=True if also_hide else None)
        return await self._change(viewer, batch, wanted)

    async def unyank(self, viewer: Viewer, batch: Batch) -> tuple[ArtifactView, ...]:
        """Put files back into the index and into lists, all or none.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not yank there.
            NotFoundError: one of the files does not exist; nothing changed.
            QuarantinedError: one of the files is in quarantine; nothing changed.
        """
        return await self._change(viewer, batch, _Wanted(None, hidden=False))

    async def _change(
        self, viewer: Viewer, batch: Batch, wanted: _Wanted
    ) -> tuple[ArtifactView, ...]:
        now = milliseconds(self._clock())
        return await self._database.transact_in(batch.channel, _yank, viewer, batch, wanted, now)


def checked_reason(text: str) -> str:
    """Return why files are withdrawn, without spaces around it.

    Raises:
        InvalidInputError: it is empty or too long.
    """
    reason = text.strip()
    if not 0 < len(reason) <= _MAX_REASON:
        raise InvalidInputError(f"Give a reason of 1 to {_MAX_REASON} characters.")
    return reason


def _yank(viewer: Viewer, batch: Batch, wanted: _Wanted, now: int) -> tuple[ArtifactView, ...]:
    channel = Channel[admit(viewer, Action.YANK, batch.channel).id]
    artifacts = live_artifacts(channel, batch)
    check_not_held({artifact.id: artifact.filename for artifact in artifacts})
    changing = [artifact for artifact in artifacts if artifact.yanked_reason != wanted.reason]
    for subdir in {artifact.subdir for artifact in changing}:
        bump(channel, subdir, now)
    for artifact in changing:
        artifact.yanked_reason = wanted.reason
        artifact.changed_in = artifact.subdir.revision
        _record(viewer, artifact, channel, wanted.reason, now)
    for artifact in artifacts:
        artifact.hidden = artifact.hidden if wanted.hidden is None else wanted.hidden
    for package_id in {artifact.package.id for artifact in artifacts}:
        recount(package_id)
    return tuple(artifact_by_id(artifact.id) for artifact in artifacts)


def _record(
    viewer: Viewer, artifact: Artifact, channel: Channel, reason: str | None, now: int
) -> None:
    record_event(
        viewer,
        "unyank" if reason is None else "yank",
        now,
        channel,
        subdir=artifact.subdir.name,
        filename=artifact.filename,
        reason=reason,
    )
