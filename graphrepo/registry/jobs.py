"""Background jobs, as people look at them.

A job is seen by those who may upload to its channel, and by whoever started it as long as
they may read the channel. What was asked for may name private channels, so the results are
for whoever started the job and for the server's administrators.
"""

import asyncio
import json
from collections.abc import Iterable

from graphrepo.access.viewer import Viewer
from graphrepo.model.database import Database
from graphrepo.model.many import rows_of_ids
from graphrepo.registry.job_lists import active_job, find_job, jobs_page
from graphrepo.registry.job_views import ItemState, JobKind, JobResult, JobView
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.views import Page


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
        return await self._database.read(active_job, viewer, channel, kind)

    async def page(self, viewer: Viewer, query: ListQuery) -> Page[JobView]:
        """Return the jobs that the viewer may see, newest first.

        Fields: ``type``, ``state``, ``channelName``, ``startedBy``.
        """
        return await self._database.read(jobs_page, viewer, query)

    async def results(self, ids: Iterable[int]) -> dict[int, tuple[JobResult, ...]]:
        """Return what came of each job's items so far, in their order.

        It trusts its ids: whoever asks looked at ``may_see_results``.
        """
        return await self._database.read(_results, tuple(ids))


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


_RESULTS = """
    SELECT i.job_id, i.state, i.asked, i.result FROM job_item i
    WHERE i.job_id IN ({ids}) AND i.state <> 'queued' ORDER BY i.job_id, i.place
"""
