"""What can be followed. The values are the changes that the registry's feed tells."""

from collections.abc import AsyncIterator
from datetime import datetime

from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import field, graph_type
from graphrepo.registry.feed_rows import Change


@graph_type
class ChannelEvent:
    """A change of a channel: revision is the channel's after it, actor a login."""

    revision: int
    action: str
    subdir: str | None
    filename: str | None
    at: datetime
    actor: str


@graph_type
class Subscription:
    """What can be followed."""

    @field(ChannelEvent, is_subscription=True)
    @staticmethod
    async def channel_changed(info: Info, name: str) -> AsyncIterator[Change]:
        """Every change of a channel from now on, once and in order.

        Ends with an error when the viewer may no longer read the channel.
        """
        follower = await info.context.registry.feed.follow(info.context.viewer, name)
        info.context.begun.set()
        return follower
