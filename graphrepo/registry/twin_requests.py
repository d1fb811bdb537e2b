"""A channel may want a ``.conda`` beside each ``.tar.bz2``: asked for as the file comes in.

The job is queued by the transaction that publishes the file, so no crash can lose it.
"""

from graphrepo.access.viewer import Viewer
from graphrepo.conda.patches import twin
from graphrepo.model.database import locked, rows
from graphrepo.model.entities import Artifact
from graphrepo.registry.job_rows import append_item, insert_job
from graphrepo.registry.job_views import JobKind
from graphrepo.registry.views import ChannelView

_TAR = ".tar.bz2"


def wants_twin(channel: ChannelView, filename: str) -> bool:
    """Return whether the channel wants a ``.conda`` beside this file."""
    return channel.settings.publish_twins and filename.endswith(_TAR)


def queue_twin(
    viewer: Viewer, channel: ChannelView, artifact: Artifact, now: int, *, replaced: bool
) -> None:
    """Queue the making of a file's twin if it is not there.

    A file that replaces another one has its twin replaced as well: clients prefer the
    ``.conda``, and would go on to install what was replaced.
    """
    other = Artifact.get(subdir=artifact.subdir, filename=twin(artifact.filename), removed_in=None)
    if other is not None and not replaced:
        return
    asked = {
        "item": f"{artifact.subdir.name}/{artifact.filename}",
        "sha256": artifact.sha256,
        "force": replaced,
    }
    running = rows(
        _RUNNING + locked("j"), channel_id=channel.id, login=viewer.login, twins=JobKind.TWINS.value
    )
    if running:
        ident = running[0][0]
        append_item(ident, rows(_LENGTH, id=ident)[0][0], asked)
    else:
        insert_job(viewer, JobKind.TWINS, channel.id, [asked], now)


_LENGTH = "SELECT count(*) FROM job_item WHERE job_id = $id"
_RUNNING = """
    SELECT j.id FROM job j
    WHERE j.channel_id = $channel_id AND j.login = $login AND j.kind = $twins
      AND j.state IN ('queued', 'running')
    ORDER BY j.id DESC LIMIT 1
"""
