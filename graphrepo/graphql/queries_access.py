"""Who there is, and what the viewer may do where: what forms and lists offer for a choice."""

import strawberry

from graphrepo.access.policy import Action
from graphrepo.access.viewer import AccessMode
from graphrepo.graphql.context import Info
from graphrepo.graphql.enums import ChannelAccessMode
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.filters import ChannelFilter, UserFilter
from graphrepo.graphql.inputs import UserOrderBy, list_query
from graphrepo.graphql.types_account import Owner, Session, User
from graphrepo.graphql.types_channel import ChannelPageResult
from graphrepo.graphql.types_page import PageCounts
from graphrepo.registry.sessions import SessionView
from graphrepo.registry.views import ChannelView, Page, UserView


@graph_type
class UserPageResult(PageCounts):
    """A page of users."""

    @field(list[User])
    @staticmethod
    def page(root: strawberry.Parent[Page[UserView]]) -> tuple[UserView, ...]:
        """The users of this page."""
        return root.items


@graph_type
class AccessQueries:
    """Who there is, and what the viewer may do where."""

    @field(UserPageResult)
    @staticmethod
    async def users(
        info: Info,
        filters: UserFilter | None = None,
        order_by: UserOrderBy | None = None,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[UserView]:
        """Everybody, for administrators; else the viewer and whom they share a channel with."""
        context = info.context
        query = list_query(filters, order_by, limit, page)
        return await context.registry.directory.users(context.viewer, query)

    @field()
    @staticmethod
    async def channel_manage_access(info: Info, channel_name: str) -> bool:
        """Whether the viewer may change the channel's settings, members, publishers and notices."""
        return await _may(info, Action.MANAGE, channel_name)

    @field()
    @staticmethod
    async def channel_lifecycle_access(info: Info, channel_name: str) -> bool:
        """Whether the viewer may transfer or delete the channel."""
        return await _may(info, Action.TRANSFER, channel_name)

    @field(list[Owner])
    @staticmethod
    async def channel_owners(info: Info) -> tuple[UserView, ...]:
        """Whom the channels that the viewer may read belong to, by name; the first 500."""
        return await info.context.registry.directory.owners(info.context.viewer)

    @field(list[Owner])
    @staticmethod
    async def channel_namespaces(info: Info) -> tuple[UserView, ...]:
        """The namespaces of the channels that the viewer may read: their owners."""
        return await info.context.registry.directory.owners(info.context.viewer)

    @field(ChannelPageResult)
    @staticmethod
    async def api_key_channel_candidates(
        info: Info,
        access_mode: ChannelAccessMode | None = None,
        filters: ChannelFilter | None = None,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[ChannelView]:
        """The channels where the viewer may do all that a key of this mode (or ALL) can."""
        mode = AccessMode.ALL if access_mode is None else access_mode.value
        query = list_query(filters, None, limit, page)
        directory = info.context.registry.directory
        return await directory.key_candidates(info.context.viewer, mode, query)

    @field()
    @staticmethod
    async def owner_name_available(info: Info, name: str) -> bool:
        """Whether a new user could have this name as their login."""
        return await info.context.registry.directory.is_free(name)

    @field(list[Session])
    @staticmethod
    async def sessions(info: Info) -> tuple[SessionView, ...]:
        """Where the viewer is signed in, newest first."""
        return await info.context.registry.sessions.list(info.context.viewer)


async def _may(info: Info, action: Action, channel: str) -> bool:
    return await info.context.registry.directory.may(info.context.viewer, action, channel)
