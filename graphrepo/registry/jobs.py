"""Background jobs, as people look at them.

A job is seen by those who may upload to its channel, and by whoever started it as long as
they may read the channel. What was asked for may name private channels, so the results are
for whoever started the job and for the server's administrators.
"""

import asyncio
import json
from collections.abc import Iterable

from graphrepo.access.policy import Action, may, may_administer_server
from graphrepo.access.viewer import Viewer
from graphrepo.model.database import Database, Row, rows
from graphrepo.model.many import rows_of_ids
from graphrepo.registry.channel_rows import CHANNEL_COLUMNS, channel_view
from graphrepo.registry.gate import access_to
from graphrepo.registry.job_views import ItemState, JobKind, JobResult, JobState, JobView
from graphrepo.registry.views import moment, moment_or_none


class Jobs:
    """The jobs that there are."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database
        self.queued = asyncio.Event()
        """Set by whoever queues a job, so that the worker of the same process need not look."""

    async def get(self, viewer: Viewer, ident: int) -> JobView | None:
        """Return a job, or none where it does not exist for this viewer."""
        return await self._database.read(find_job, viewer, ident)

    async def active(self, viewer: Viewer, channel: str, kind: JobKind) -> JobView | None:
        """Return the newest unfinished job of a kind in a channel, if the viewer may see one."""
        return await self._database.read(_active, viewer, channel, kind)

    async def results(self, ids: Iterable[int]) -> dict[int, tuple[JobResult, ...]]:
        """Return what came of each job's items so far, in their order.

        It trusts its ids: whoever asks looked at ``may_see_results``.
        """
        return await self._database.read(_results, tuple(ids))


def find_job(viewer: Viewer, ident: int) -> JobView | None:
    """Return a job if the viewer may see it; inside a session."""
    found = rows(f"{_SELECT} WHERE j.id = $id", id=ident, user_id=viewer.user_id)
    return _seen(viewer, found[0]) if found else None


def existing_job(viewer: Viewer, ident: int) -> JobView:
    """Return a job that its starter has just queued; inside its transaction."""
    found = rows(f"{_SELECT} WHERE j.id = $id", id=ident, user_id=viewer.user_id)
    return _job_view(viewer, found[0])


def _active(viewer: Viewer, channel: str, kind: JobKind) -> JobView | None:
    found = rows(_ACTIVE, channel=channel, kind=kind.value, user_id=viewer.user_id)
    seen = (_seen(viewer, row) for row in found)
    return next((job for job in seen if job is not None), None)


def _results(ids: tuple[int, ...]) -> dict[int, tuple[JobResult, ...]]:
    found: dict[int, list[JobResult]] = {ident: [] for ident in ids}
    for ident, state, asked, result in rows_of_ids(_RESULTS, ids):
        told = json.loads(result)
        found[ident].append(
            JobResult(
                item=json.loads(asked)["item"],
                ok=state == ItemState.DONE,
                files=tuple(told.get("files", ())),
                code=told.get("code"),
                message=told.get("message"),
            )
        )
    return {ident: tuple(results) for ident, results in found.items()}


def _seen(viewer: Viewer, row: Row) -> JobView | None:
    access = access_to(channel_view(row[_OWN_COLUMNS:]))
    mine = _is_starter(viewer, row[_USER]) and may(viewer, Action.READ, access)
    return _job_view(viewer, row) if mine or may(viewer, Action.UPLOAD, access) else None


def _job_view(viewer: Viewer, row: Row) -> JobView:
    (ident, kind, user_id, login, state, created, started, finished) = row[:_COUNTS]
    total, done, failed = row[_COUNTS:_OWN_COLUMNS]
    return JobView(
        id=ident,
        kind=JobKind(kind),
        channel=channel_view(row[_OWN_COLUMNS:]).name,
        login=login,
        state=JobState(state),
        total=total,
        done=done,
        failed=failed,
        created_at=moment(created),
        started_at=moment_or_none(started),
        finished_at=moment_or_none(finished),
        may_see_results=_is_starter(viewer, user_id) or may_administer_server(viewer),
    )


def _is_starter(viewer: Viewer, user_id: int | None) -> bool:
    # A key of one channel must not read what the job says of other ones.
    everywhere = viewer.key is None or viewer.key.channel is None
    return user_id is not None and viewer.user_id == user_id and everywhere


_USER, _COUNTS, _OWN_COLUMNS = 2, 8, 11  # places in a row of _SELECT
_COUNT = "(SELECT count(*) FROM job_item i WHERE i.job_id = j.id"
_SELECT = f"""
    SELECT j.id, j.kind, j.user_id, j.login, j.state, j.created_at, j.started_at, j.finished_at,
      {_COUNT}), {_COUNT} AND i.state = 'done'), {_COUNT} AND i.state = 'failed'),
      {CHANNEL_COLUMNS}
    FROM job j JOIN channel c ON c.id = j.channel_id
    LEFT JOIN member m ON m.channel_id = c.id AND m.user_id = $user_id
"""
_ACTIVE = f"""{_SELECT}
    WHERE c.name = $channel AND j.kind = $kind AND j.state IN ('queued', 'running')
    ORDER BY j.id DESC
"""
_RESULTS = """
    SELECT i.job_id, i.state, i.asked, i.result FROM job_item i
    WHERE i.job_id IN ({ids}) AND i.state <> 'queued' ORDER BY i.job_id, i.place
"""
