"""Quarantines, for administrators."""

import strawberry

from graphrepo.errors import NotFoundError
from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.filters import QuarantineFilter
from graphrepo.graphql.inputs import list_query, number_of
from graphrepo.graphql.types_quarantine import Quarantine, QuarantinePageResult
from graphrepo.registry.quarantine_views import QuarantineView
from graphrepo.registry.views import Page


@graph_type
class QuarantineQueries:
    """Quarantines, for administrators."""

    @field(Quarantine | None)
    @staticmethod
    async def quarantine(
        info: Info,
        id: strawberry.ID,  # noqa: A002 - the schema's name
    ) -> QuarantineView | None:
        """A quarantine; null for all but administrators."""
        try:
            ident = number_of(id)
        except NotFoundError:
            return None
        return await info.context.registry.quarantines.get(info.context.viewer, ident)

    @field(QuarantinePageResult)
    @staticmethod
    async def quarantines(
        info: Info,
        filter: QuarantineFilter | None = None,  # noqa: A002 - the schema's name
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[QuarantineView]:
        """The quarantines, newest first; for administrators alone."""
        query = list_query(filter, None, limit, page)
        return await info.context.registry.quarantines.page(info.context.viewer, query)
