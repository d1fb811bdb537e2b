"""Background jobs, asked for."""

from typing import Final

import strawberry

from graphrepo.graphql.context import Info
from graphrepo.graphql.enums import BackgroundJobType
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.filters import BackgroundJobFilter
from graphrepo.graphql.inputs import list_query
from graphrepo.graphql.types_jobs import BackgroundJob, BackgroundJobPageResult
from graphrepo.registry.job_views import JobView
from graphrepo.registry.views import Page

_LONGEST_ID: Final = 18


@graph_type
class JobQueries:
    """Background jobs."""

    @field(BackgroundJob | None)
    @staticmethod
    async def background_job(info: Info, id: strawberry.ID) -> JobView | None:  # noqa: A002
        """A job, for those who may upload to its channel and for whoever started it."""
        text = str(id)
        if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID):
            return None
        return await info.context.registry.jobs.get(info.context.viewer, int(text))

    @field(BackgroundJob | None)
    @staticmethod
    async def active_background_job(
        info: Info, channel_name: str, job_type: BackgroundJobType
    ) -> JobView | None:
        """The newest job of a type in a channel that has not ended."""
        jobs = info.context.registry.jobs
        return await jobs.active(info.context.viewer, channel_name, job_type.value)

    @field(BackgroundJobPageResult)
    @staticmethod
    async def background_jobs(
        info: Info,
        filters: BackgroundJobFilter | None = None,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[JobView]:
        """The jobs that the viewer may see, newest first; all of them for administrators."""
        query = list_query(filters, None, limit, page)
        return await info.context.registry.jobs.page(info.context.viewer, query)
