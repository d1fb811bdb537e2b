"""People and their API keys."""

from dataclasses import asdict, dataclass
from datetime import datetime

import strawberry

from graphrepo.access.viewer import AccessMode
from graphrepo.graphql.context import Info
from graphrepo.graphql.enums import ChannelAccessMode, ChannelMemberRole
from graphrepo.graphql.fields import CHANNEL, CHANNEL_PAGE, field, graph_type
from graphrepo.graphql.filters import ChannelFilter
from graphrepo.graphql.inputs import ChannelOrderBy, list_query
from graphrepo.graphql.loading import existing
from graphrepo.registry.sessions import SessionView
from graphrepo.registry.views import ApiKeyView, ChannelView, Page, UserView


@strawberry.interface(description="Whom a channel belongs to.")
class Owner:
    """Whom a channel belongs to."""

    @field()
    @staticmethod
    def name(root: strawberry.Parent[UserView]) -> str:
        """The name to show; a user's is the login."""
        return root.login


@graph_type
class User(Owner):
    """A person, or a robot with a login of its own."""

    login: str
    is_admin: bool
    created_at: datetime

    @field()
    @staticmethod
    def is_disabled(root: strawberry.Parent[UserView]) -> bool:
        """Whether an administrator has shut the account: nobody can act as this user."""
        return root.is_disabled

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value behind an ``Owner`` is a user."""
        return isinstance(value, UserView)

    @field(CHANNEL_PAGE)
    @staticmethod
    async def channels(
        root: strawberry.Parent[UserView],
        info: Info,
        filters: ChannelFilter | None = None,
        order_by: ChannelOrderBy | None = None,
        roles: list[ChannelMemberRole] | None = None,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[ChannelView]:
        """The channels that this user is a member of and the viewer may read."""
        wanted = tuple(sorted({role.role for role in roles or ()}))
        query = list_query(filters, order_by, limit, page)
        return await existing(info.context.loaders.memberships(root.id, wanted, query))


@dataclass(frozen=True, slots=True)
class ShownKey:
    """An API key, with its token when it was made just now."""

    key: str | None
    name: str
    description: str | None
    mode: AccessMode
    channel: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, view: ApiKeyView, token: str | None = None) -> "ShownKey":
        """Return the key as it is shown."""
        return cls(key=token, **asdict(view))


@graph_type
class ApiKeyResult:
    """An API key; ``key`` is its token, shown once, in the answer that creates it."""

    key: str | None
    name: str
    description: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    @field()
    @staticmethod
    def access_mode(root: strawberry.Parent[ShownKey]) -> ChannelAccessMode:
        """How far the key reaches into the rights of its user."""
        return ChannelAccessMode(root.mode)

    @field(CHANNEL | None)
    @staticmethod
    async def channel(root: strawberry.Parent[ShownKey], info: Info) -> ChannelView | None:
        """The one channel that the key is good for; null where it is good for all."""
        if root.channel is None:
            return None
        return await info.context.loaders.channel_named(root.channel)


@graph_type
class Session:
    """A browser that has signed in to the viewer's account."""

    created_at: datetime
    expires_at: datetime
    user_agent: str | None
    last_used_at: datetime | None
    is_current: bool

    @field()
    @staticmethod
    def id(root: strawberry.Parent[SessionView]) -> strawberry.ID:
        """What the session is ended by; nobody can sign in with it."""
        return strawberry.ID(root.id)
