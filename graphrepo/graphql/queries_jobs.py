"""Background jobs, asked for."""

from typing import Final

import strawberry

from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.types_jobs import BackgroundJob, BackgroundJobType
from graphrepo.registry.job_views import JobView

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
