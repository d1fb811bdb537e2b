"""Channels, their subdirs and members."""

from datetime import datetime

import strawberry

from graphrepo.access.policy import Role
from graphrepo.graphql import types_attestation as attestation
from graphrepo.graphql import types_curation as curation
from graphrepo.graphql import types_downloads as downloads
from graphrepo.graphql.context import Info
from graphrepo.graphql.enums import ChannelMemberRole
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.filters import PackageFilter
from graphrepo.graphql.inputs import PackageOrderBy, list_query
from graphrepo.graphql.loading import existing
from graphrepo.graphql.types_account import Owner
from graphrepo.graphql.types_package import PackagePageResult
from graphrepo.graphql.types_page import PageCounts
from graphrepo.graphql.types_publisher import oidc_publishers
from graphrepo.graphql.types_storage import storage_by_month
from graphrepo.registry.views import (
    ChannelView,
    MemberView,
    PackageView,
    Page,
    SubdirView,
    UserView,
)


@graph_type
class Subdir:
    """The files of a channel for one platform; sizes in bytes."""

    name: str
    artifact_count: int
    size: int
    revision: int

    @field()
    @staticmethod
    def indexed_at(root: strawberry.Parent[SubdirView]) -> datetime | None:
        """When the index last changed; null before the first file."""
        return root.changed_at if root.revision else None


@graph_type
class ChannelMirror:
    """Where the packages of a channel come from that repeats another one."""

    url: str


@graph_type
class Channel:
    """A channel: packages under one address, with members of their own."""

    name: str
    description: str | None
    logo: str | None
    is_public: bool
    created_at: datetime
    updated_at: datetime
    revision: int
    total_count = downloads.top_packages
    monthly_count = downloads.channel_months
    storage_by_month = storage_by_month

    @field()
    @staticmethod
    def base_url(root: strawberry.Parent[ChannelView], info: Info) -> str:
        """The address for conda clients."""
        return f"{info.context.address}/{root.name}"

    @field()
    @staticmethod
    def channel_path(root: strawberry.Parent[ChannelView]) -> str:
        """The channel's path on this server."""
        return f"/{root.name}"

    @field(Owner | None)
    @staticmethod
    async def owner(root: strawberry.Parent[ChannelView], info: Info) -> UserView | None:
        """The owner who has been one for longest. Without a selection: their login."""
        login = await info.context.loaders.owner_login(root.id)
        return await info.context.loaders.user_named(login) if login else None

    @field()
    @staticmethod
    async def owner_login(root: strawberry.Parent[ChannelView], info: Info) -> str | None:
        """The login of the owner."""
        return await info.context.loaders.owner_login(root.id)

    @field(Owner)
    @staticmethod
    async def namespace(root: strawberry.Parent[ChannelView], info: Info) -> UserView:
        """Whom the channel's name belongs to: its owner."""
        login = await existing(info.context.loaders.owner_login(root.id))
        return await existing(info.context.loaders.user_named(login))

    @field()
    @staticmethod
    def is_primary(root: strawberry.Parent[ChannelView]) -> bool:  # noqa: ARG004
        """Whether the channel stands directly below the server's address: always."""
        return True

    @field(name="allowV3Uploads")
    @staticmethod
    def allow_v3_uploads(root: strawberry.Parent[ChannelView]) -> bool:
        """Whether packages of schema v3 are taken (CEP 43)."""
        return root.settings.allow_v3

    @field()
    @staticmethod
    def convert_tar_bz2(root: strawberry.Parent[ChannelView]) -> bool:
        """Whether each uploaded .tar.bz2 gets a .conda of the same build beside it."""
        return root.settings.publish_twins

    @field(list["ChannelMember"])
    @staticmethod
    async def channel_members(
        root: strawberry.Parent[ChannelView], info: Info
    ) -> tuple[MemberView, ...]:
        """The members, owners first."""
        return await info.context.loaders.members(root.id) or ()

    @field()
    @staticmethod
    async def size(root: strawberry.Parent[ChannelView], info: Info) -> int:
        """The bytes of its packages."""
        return await info.context.loaders.channel_size(root.id) or 0

    @field(PackagePageResult)
    @staticmethod
    async def packages(
        root: strawberry.Parent[ChannelView],
        info: Info,
        filters: PackageFilter | None = None,
        order_by: PackageOrderBy | None = None,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[PackageView]:
        """The packages, by name unless ordered."""
        query = list_query(filters, order_by, limit, page)
        return await existing(info.context.loaders.packages(root.id, query))

    @field(ChannelMirror | None)
    @staticmethod
    def mirror(root: strawberry.Parent[ChannelView]) -> None:  # noqa: ARG004
        """What the channel is a mirror of: nothing, since this server has no mirrors."""
        return

    attestation_policy = attestation.attestation_policy
    allow_overwrite = curation.allow_overwrite
    current_repodata = curation.current_repodata
    max_age = curation.max_age
    channel_relation_base = curation.channel_relation_base
    channel_relation_overrides = curation.channel_relation_overrides
    required_channels = curation.required_channels
    notices = curation.notices
    oidc_publishers = oidc_publishers

    @field(list[Subdir])
    @staticmethod
    async def subdirs(root: strawberry.Parent[ChannelView], info: Info) -> tuple[SubdirView, ...]:
        """The subdirs, by name; noarch is always there."""
        return await info.context.loaders.subdirs(root.id) or ()

    @field()
    @staticmethod
    def viewer_role(root: strawberry.Parent[ChannelView]) -> ChannelMemberRole | None:
        """What the viewer is in this channel; null for a stranger."""
        return None if root.role is None else ChannelMemberRole.of(root.role)


@graph_type
class ChannelMember:
    """The place of a user in a channel."""

    @field()
    @staticmethod
    def username(root: strawberry.Parent[MemberView]) -> str:
        """The login."""
        return root.login

    @field(Channel)
    @staticmethod
    async def channel(root: strawberry.Parent[MemberView], info: Info) -> ChannelView:
        """The channel."""
        return await existing(info.context.loaders.channel_named(root.channel))

    @field()
    @staticmethod
    def channel_name(root: strawberry.Parent[MemberView]) -> str:
        """The name of the channel."""
        return root.channel

    @field()
    @staticmethod
    def role(root: strawberry.Parent[MemberView]) -> ChannelMemberRole:
        """What the user is there."""
        return ChannelMemberRole.of(root.role)

    @field()
    @staticmethod
    def is_owner(root: strawberry.Parent[MemberView]) -> bool:
        """Whether the role is OWNER."""
        return root.role is Role.OWNER


@graph_type
class ChannelResult:
    """A channel that was created, changed or deleted; older clients read the flat fields."""

    name: str
    description: str | None
    is_public: bool
    created_at: datetime
    updated_at: datetime

    @field(Channel)
    @staticmethod
    def channel(root: strawberry.Parent[ChannelView]) -> ChannelView:
        """The channel; a deleted one as it last was."""
        return root

    required_channels = curation.required_channels


@graph_type
class ChannelPageResult(PageCounts):
    """A page of channels."""

    @field(list[Channel])
    @staticmethod
    def page(root: strawberry.Parent[Page[ChannelView]]) -> tuple[ChannelView, ...]:
        """The channels of this page."""
        return root.items
