"""What can be asked. An unknown or unreadable thing is null, never an error."""

import strawberry

from graphrepo.graphql.context import Context, Info
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.filters import ChannelFilter, PackageFilter
from graphrepo.graphql.inputs import ChannelOrderBy, PackageOrderBy, list_query
from graphrepo.graphql.queries_access import AccessQueries
from graphrepo.graphql.queries_audit import AuditQueries
from graphrepo.graphql.queries_jobs import JobQueries
from graphrepo.graphql.queries_quarantine import QuarantineQueries
from graphrepo.graphql.queries_search import SearchQueries
from graphrepo.graphql.types_account import ApiKeyResult, ShownKey, User
from graphrepo.graphql.types_channel import Channel, ChannelPageResult
from graphrepo.graphql.types_package import Package, PackagePageResult
from graphrepo.graphql.types_variant import PackageVariant
from graphrepo.registry.views import ArtifactView, ChannelView, PackageView, Page, UserView


@graph_type
class InstanceConfig:
    """This installation."""

    @field()
    @staticmethod
    def name(root: strawberry.Parent[Context]) -> str:
        """The name of the software or of the site."""
        return root.instance.name

    @field()
    @staticmethod
    def version(root: strawberry.Parent[Context]) -> str:
        """The version of the software."""
        return root.instance.version

    @field()
    @staticmethod
    def base_url(root: strawberry.Parent[Context]) -> str:
        """The address of this server as its clients reach it."""
        return root.address

    @field()
    @staticmethod
    def max_upload_bytes(root: strawberry.Parent[Context]) -> int:
        """The largest file that is taken."""
        return root.instance.max_upload_bytes


@graph_type
class CatalogQueries:
    """What channels hold, and whom they belong to."""

    @field(User | None)
    @staticmethod
    async def viewer(info: Info) -> UserView | None:
        """Who is asking; null without a valid credential."""
        ident = info.context.viewer.user_id
        return None if ident is None else await info.context.loaders.user(ident)

    @field(User | None)
    @staticmethod
    async def user(info: Info, login: str) -> UserView | None:
        """A user."""
        return await info.context.loaders.user_named(login)

    @field(Channel | None)
    @staticmethod
    async def channel(info: Info, name: str) -> ChannelView | None:
        """A channel."""
        return await info.context.loaders.channel_named(name)

    @field(ChannelPageResult)
    @staticmethod
    async def channels(
        info: Info,
        filters: ChannelFilter | None = None,
        order_by: ChannelOrderBy | None = None,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[ChannelView]:
        """The channels that the viewer may read, by name unless ordered."""
        context = info.context
        query = list_query(filters, order_by, limit, page)
        return await context.registry.channels.page(context.viewer, query)

    @field(Package | None)
    @staticmethod
    async def package(info: Info, channel_name: str, name: str) -> PackageView | None:
        """A package."""
        context = info.context
        return await context.registry.catalog.package(context.viewer, channel_name, name)

    @field(PackagePageResult)
    @staticmethod
    async def packages(
        info: Info,
        filters: PackageFilter | None = None,
        order_by: PackageOrderBy | None = None,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[PackageView]:
        """The packages of all channels that the viewer may read, by name unless ordered."""
        context = info.context
        query = list_query(filters, order_by, limit, page)
        return await context.registry.catalog.packages(context.viewer, query)

    @field(PackageVariant | None)
    @staticmethod
    async def variant(
        info: Info, channel_name: str, package_name: str, platform_name: str, file_name: str
    ) -> ArtifactView | None:
        """A package file."""
        catalog = info.context.registry.catalog
        viewer = info.context.viewer
        found = await catalog.variant(viewer, channel_name, platform_name, file_name)
        return found if found is not None and found.name == package_name.lower() else None

    @field(list[ApiKeyResult])
    @staticmethod
    async def api_keys(info: Info) -> list[ShownKey]:
        """The viewer's API keys without their tokens, newest first."""
        keys = await info.context.registry.keys.list(info.context.viewer)
        return [ShownKey.of(view) for view in keys]

    @field(InstanceConfig)
    @staticmethod
    def instance_config(info: Info) -> Context:
        """This installation."""
        return info.context


@graph_type
class Query(
    CatalogQueries, SearchQueries, AccessQueries, JobQueries, QuarantineQueries, AuditQueries
):
    """What can be asked."""
