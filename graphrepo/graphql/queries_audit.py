"""The audit log, asked for."""

from datetime import datetime

from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.filters import EventFilter
from graphrepo.graphql.inputs import list_query
from graphrepo.graphql.types_audit import EventPageResult
from graphrepo.registry.audit import EventView
from graphrepo.registry.views import Page


@graph_type
class AuditQueries:
    """The audit log."""

    @field(EventPageResult)
    @staticmethod
    async def events(
        info: Info,
        filters: EventFilter | None = None,
        created_at_from: datetime | None = None,
        created_at_to: datetime | None = None,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[EventView]:
        """Who did what, newest first: all for administrators, else in channels one manages."""
        query = list_query(filters, None, limit, page)
        span = (created_at_from, created_at_to)
        return await info.context.registry.audit.page(info.context.viewer, query, span)
