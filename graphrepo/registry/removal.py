"""Files leave a channel: rows first, bytes later, by the collector."""

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.model.database import Database
from graphrepo.model.entities import Channel
from graphrepo.registry.artifact_rows import live_artifacts, recount, retire
from graphrepo.registry.changes import bump, record_event
from graphrepo.registry.gate import admit
from graphrepo.registry.hold_rows import check_not_held
from graphrepo.registry.record_rows import refresh_records
from graphrepo.registry.requests import Batch
from graphrepo.registry.variant_lists import artifact_by_id
from graphrepo.registry.views import ArtifactView


class Removal:
    """Deletes files."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep what the use case needs."""
        self._database = database
        self._clock = clock

    async def delete(self, viewer: Viewer, batch: Batch) -> tuple[ArtifactView, ...]:
        """Delete files, all or none, and return what they were.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not delete there.
            NotFoundError: one of the files does not exist; nothing was deleted.
            QuarantinedError: one of the files is in quarantine; nothing was deleted.
        """
        now = milliseconds(self._clock())
        return await self._database.transact_in(batch.channel, delete_files, viewer, batch, now)


def delete_files(viewer: Viewer, batch: Batch, now: int) -> tuple[ArtifactView, ...]:
    """Delete files and return what they were; inside ``transact``. See ``Removal.delete``."""
    channel = Channel[admit(viewer, Action.DELETE, batch.channel).id]
    doomed = live_artifacts(channel, batch)
    check_not_held({artifact.id: artifact.filename for artifact in doomed})
    views = tuple(artifact_by_id(artifact.id) for artifact in doomed)
    for subdir in {artifact.subdir for artifact in doomed}:
        bump(channel, subdir, now)
    for artifact in doomed:
        retire(artifact, now)
        refresh_records(artifact.subdir, artifact.filename)
        record_event(
            viewer, "delete", now, channel, subdir=artifact.subdir.name, filename=artifact.filename
        )
    for package_id in {artifact.package.id for artifact in doomed}:
        recount(package_id)
    return views
