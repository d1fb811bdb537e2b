"""How much a channel holds, and since when."""

from datetime import date

import strawberry

from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import field, graph_type
from graphrepo.registry.storage_growth import MonthStorage
from graphrepo.registry.views import ChannelView


@graph_type
class MonthlyStorage:
    """What a channel held at the end of a month (UTC), which its first day names."""

    month: date
    size: int
    files: int


@field(list[MonthlyStorage])
async def storage_by_month(
    root: strawberry.Parent[ChannelView], info: Info
) -> tuple[MonthStorage, ...]:
    """The files that are there now, as they came together; months without any are left out."""
    growth = info.context.registry.storage_growth
    return await info.context.loaders.relation("storage", root.id, growth.of_channels) or ()
