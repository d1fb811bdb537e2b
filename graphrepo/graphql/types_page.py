"""What every page of a list says beside its items."""

import strawberry

from graphrepo.graphql.fields import field, graph_type
from graphrepo.registry.views import Page


@graph_type
class PageCounts:
    """Where a page stands in its list."""

    current: int
    pages: int

    @field(name="totalCount")
    @staticmethod
    def total_count(root: strawberry.Parent[Page[object]]) -> int:
        """Items on all pages together."""
        return root.total
