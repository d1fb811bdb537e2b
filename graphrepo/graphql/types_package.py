"""Packages and their versions."""

from datetime import datetime

import strawberry

from graphrepo.graphql import types_attestation as attestation
from graphrepo.graphql import types_downloads as downloads
from graphrepo.graphql import types_search as search
from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import CHANNEL, PACKAGE_PAGE, field, graph_type
from graphrepo.graphql.inputs import PackageVariantOrderBy, order_of, window_of
from graphrepo.graphql.loading import existing
from graphrepo.graphql.types_link import Link, Url, links
from graphrepo.graphql.types_page import PageCounts
from graphrepo.graphql.types_variant import PackageVariantPageResult
from graphrepo.registry.requests import VariantQuery
from graphrepo.registry.views import ArtifactView, ChannelView, PackageView, Page, VersionView


@graph_type
class PackageVersion:
    """A version of a package and the subdirs that have it."""

    version: str
    platforms: list[str]
    total_count = downloads.version_total

    @field(list[Url])
    @staticmethod
    async def urls(root: strawberry.Parent[VersionView], info: Info) -> tuple[Link, ...]:
        """The addresses that the package gives of itself in its latest version."""
        return links((await existing(info.context.loaders.package(root.package_id))).urls)


@graph_type
class PackageVersionPageResult(PageCounts):
    """A page of versions."""

    @field(list[PackageVersion])
    @staticmethod
    def page(root: strawberry.Parent[Page[VersionView]]) -> tuple[VersionView, ...]:
        """The versions of this page."""
        return root.items


@graph_type
class Package:
    """All files of one name in a channel."""

    name: str
    summary: str | None
    description: str | None
    total_size: int
    total_count = downloads.package_total
    download_counts = downloads.package_groups
    monthly_count = downloads.package_months

    @field(CHANNEL)
    @staticmethod
    async def channel(root: strawberry.Parent[PackageView], info: Info) -> ChannelView:
        """The channel that holds the package."""
        return await existing(info.context.loaders.channel(root.channel_id))

    @field()
    @staticmethod
    def last_created_date(root: strawberry.Parent[PackageView]) -> datetime | None:
        """When the newest file was uploaded."""
        return root.last_created_at

    @field(list[str])
    @staticmethod
    async def platforms(root: strawberry.Parent[PackageView], info: Info) -> tuple[str, ...]:
        """The subdirs that hold a file of the package."""
        return await info.context.loaders.platforms(root.id) or ()

    @field(list[Url])
    @staticmethod
    def urls(root: strawberry.Parent[PackageView]) -> tuple[Link, ...]:
        """The addresses that the package gives of itself in its latest version."""
        return links(root.urls)

    latest_version_verified = attestation.latest_version_verified
    similarity_score = search.similarity_score

    @field(PackageVersion)
    @staticmethod
    async def latest_version(root: strawberry.Parent[PackageView], info: Info) -> VersionView:
        """The highest version by conda's order, one that is not yanked where there is one."""
        return await existing(info.context.loaders.latest(root.id))

    @field(PackageVersionPageResult)
    @staticmethod
    async def versions(
        root: strawberry.Parent[PackageView],
        info: Info,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[VersionView]:
        """The versions, newest first by conda's order."""
        return await existing(info.context.loaders.versions(root.id, window_of(limit, page)))

    @field(PackageVariantPageResult)
    @staticmethod
    async def variants(
        root: strawberry.Parent[PackageView],
        info: Info,
        limit: int | None = None,
        page: int | None = None,
        version: str | None = None,
        platform: str | None = None,
        build_string: str | None = None,
        created_at_from: datetime | None = None,
        created_at_to: datetime | None = None,
        include_hidden: bool | None = None,
        order_by: PackageVariantOrderBy | None = None,
    ) -> Page[ArtifactView]:
        """The files, newest version first unless ordered; hidden ones only if asked for."""
        query = VariantQuery(
            window_of(limit, page),
            version=version,
            platform=platform,
            build=build_string,
            created_from=created_at_from,
            created_to=created_at_to,
            include_hidden=bool(include_hidden),
            order=order_of(order_by),
        )
        return await existing(info.context.loaders.variants(root.id, query))

    @field(PACKAGE_PAGE)
    @staticmethod
    async def dependents(
        root: strawberry.Parent[PackageView],
        info: Info,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[PackageView]:
        """The packages of the same channel whose latest version depends on this one, by name."""
        return await existing(info.context.loaders.dependents(root.id, window_of(limit, page)))


@graph_type
class PackagePageResult(PageCounts):
    """A page of packages."""

    @field(list[Package])
    @staticmethod
    def page(root: strawberry.Parent[Page[PackageView]]) -> tuple[PackageView, ...]:
        """The packages of this page."""
        return root.items
