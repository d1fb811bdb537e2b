"""The audit log, as those who answer for it read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import CHANNEL, field, graph_type
from graphrepo.graphql.scalars import JSON
from graphrepo.graphql.types_page import PageCounts
from graphrepo.registry.audit import EventView
from graphrepo.registry.views import ChannelView, Page


@graph_type
class Event:
    """One change: who did what, when, from where. Names stay when what they named is gone."""

    created_at: datetime
    actor: str
    action: str
    revision: int | None

    @field()
    @staticmethod
    def id(root: strawberry.Parent[EventView]) -> strawberry.ID:
        """Grows with time."""
        return strawberry.ID(str(root.id))

    @field()
    @staticmethod
    def channel_name(root: strawberry.Parent[EventView]) -> str | None:
        """The channel that it is about; null for what concerns the whole server."""
        return root.channel

    @field()
    @staticmethod
    def address(root: strawberry.Parent[EventView]) -> str | None:
        """The client's address, for administrators and for whoever did it; else null.

        Also null for commands and for what background jobs do.
        """
        return root.address

    @field(CHANNEL | None)
    @staticmethod
    async def channel(root: strawberry.Parent[EventView], info: Info) -> ChannelView | None:
        """The channel that has the name now, if the viewer may read it."""
        if root.channel is None:
            return None
        return await info.context.loaders.channel_named(root.channel)

    @field(JSON)
    @staticmethod
    def details(root: strawberry.Parent[EventView]) -> Mapping[str, Any]:
        """What else is known of it, by the kind of action: a file, a login, a role."""
        return root.details


@graph_type
class EventPageResult(PageCounts):
    """A page of the audit log."""

    @field(list[Event])
    @staticmethod
    def page(root: strawberry.Parent[Page[EventView]]) -> tuple[EventView, ...]:
        """The events of this page."""
        return root.items
