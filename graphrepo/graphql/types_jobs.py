"""Background jobs, as those who may see them see them."""

from datetime import datetime

import strawberry

from graphrepo.graphql.context import Info
from graphrepo.graphql.enums import BackgroundJobState, BackgroundJobType
from graphrepo.graphql.fields import CHANNEL, field, graph_type
from graphrepo.graphql.types_page import PageCounts
from graphrepo.registry.job_views import JobResult, JobView
from graphrepo.registry.views import ChannelView, Page


@graph_type
class BackgroundJobResult:
    """What came of one item of a job.

    ``item`` is what was asked for: an address, a package or a file. ``files`` are those that
    were published or deleted, as SUBDIR/FILENAME. A failure has a code and a sentence.
    """

    item: str
    ok: bool
    files: list[str]
    code: str | None
    message: str | None


@graph_type
class BackgroundJob:
    """Work that the server does by itself, item by item; it survives a restart."""

    total: int
    done: int
    failed: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @field()
    @staticmethod
    def id(root: strawberry.Parent[JobView]) -> strawberry.ID:
        """What the job is asked for by."""
        return strawberry.ID(str(root.id))

    @field()
    @staticmethod
    def type(root: strawberry.Parent[JobView]) -> BackgroundJobType:
        """What it does."""
        return BackgroundJobType(root.kind)

    @field()
    @staticmethod
    def state(root: strawberry.Parent[JobView]) -> BackgroundJobState:
        """How far it is."""
        return BackgroundJobState(root.state)

    @field()
    @staticmethod
    def channel_name(root: strawberry.Parent[JobView]) -> str:
        """The name of the channel that it changes."""
        return root.channel

    @field(CHANNEL | None)
    @staticmethod
    async def channel(root: strawberry.Parent[JobView], info: Info) -> ChannelView | None:
        """The channel that it changes."""
        return await info.context.loaders.channel_named(root.channel)

    @field()
    @staticmethod
    def started_by(root: strawberry.Parent[JobView]) -> str:
        """The login of whoever started it."""
        return root.login

    @field(list[BackgroundJobResult])
    @staticmethod
    async def results(root: strawberry.Parent[JobView], info: Info) -> tuple[JobResult, ...]:
        """What came of the items so far; empty for others than its starter and administrators."""
        if not root.may_see_results:
            return ()
        jobs = info.context.registry.jobs
        return await info.context.loaders.relation("job results", root.id, jobs.results) or ()


@graph_type
class BackgroundJobPageResult(PageCounts):
    """A page of background jobs."""

    @field(list[BackgroundJob])
    @staticmethod
    def page(root: strawberry.Parent[Page[JobView]]) -> tuple[JobView, ...]:
        """The jobs of this page."""
        return root.items
