"""How often things were downloaded.

The fields stand here, ready made; channels, packages, versions and files take them over.
"""

from collections.abc import Sequence
from datetime import date
from enum import Enum

import strawberry

from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import field, graph_type, related
from graphrepo.registry.download_counts import (
    GroupCount,
    Grouping,
    GroupMonths,
    MonthCount,
    PackageCount,
)
from graphrepo.registry.views import ChannelView, PackageView, VersionView


@strawberry.enum(description="What downloads are told apart by.")
class DownloadCountAggregate(Enum):
    """What downloads are told apart by."""

    VERSION = "version"
    PLATFORM = "platform"


@strawberry.enum(description="What downloads of a month are told apart by.")
class MonthlyDownloadCountAggregate(Enum):
    """What downloads of a month are told apart by."""

    VERSION = "version"
    PLATFORM = "platform"


@graph_type
class TopDownloadCountObject:
    """The downloads of one of the packages of a channel that are downloaded most."""

    package_name: str
    count: int


@graph_type
class MonthlyDownloadCountObject:
    """The downloads of a month (UTC), which its first day names."""

    month: date
    count: int


@graph_type
class DownloadCountObject:
    """The downloads of a group; what it is not told apart by is null."""

    version: str | None
    platform: str | None
    count: int


@graph_type
class GroupedMonthlyCount:
    """The downloads of a group by month; what it is not told apart by is null."""

    version: str | None
    platform: str | None

    @field(list[MonthlyDownloadCountObject])
    @staticmethod
    def counts(root: strawberry.Parent[GroupMonths]) -> tuple[MonthCount, ...]:
        """The months, oldest first; those without downloads are left out."""
        return root.counts


@field(list[TopDownloadCountObject], name="totalCount")
async def top_packages(
    root: strawberry.Parent[ChannelView], info: Info
) -> tuple[PackageCount, ...]:
    """The downloads of the ten packages that are downloaded most, the first of them first."""
    counts = info.context.registry.download_counts
    return await info.context.loaders.relation("top", root.id, counts.top_packages) or ()


@field(list[MonthlyDownloadCountObject], name="monthlyCount")
async def channel_months(
    root: strawberry.Parent[ChannelView], info: Info
) -> tuple[MonthCount, ...]:
    """The downloads by month, oldest first; months without any are left out."""
    counts = info.context.registry.download_counts
    return await info.context.loaders.relation("months", root.id, counts.channel_months) or ()


@field(name="totalCount")
async def package_total(root: strawberry.Parent[PackageView], info: Info) -> int | None:
    """How often files of the package were downloaded."""
    counts = info.context.registry.download_counts
    return await info.context.loaders.relation("downloads", root.id, counts.of_packages)


@field(list[DownloadCountObject], name="downloadCounts")
async def package_groups(
    root: strawberry.Parent[PackageView],
    info: Info,
    aggregate_by: list[DownloadCountAggregate] | None = None,
    versions: list[str] | None = None,
) -> tuple[GroupCount, ...]:
    """The downloads by version or platform, most first; all versions unless some are named."""
    by = {aggregate.value for aggregate in aggregate_by or ()}
    grouping = Grouping("version" in by, "platform" in by, tuple(versions or ()))
    counts = info.context.registry.download_counts

    async def fetch(ids: Sequence[int]) -> dict[int, tuple[GroupCount, ...]]:
        return await counts.grouped(ids, grouping)

    return await info.context.loaders.relation(("groups", grouping), root.id, fetch) or ()


@field(list[GroupedMonthlyCount], name="monthlyCount")
async def package_months(
    root: strawberry.Parent[PackageView],
    info: Info,
    versions: list[str] | None = None,
    start_date: date | None = None,
    end_date: date | None = None,
    aggregate_by: list[MonthlyDownloadCountAggregate] | None = None,
) -> tuple[GroupMonths, ...]:
    """The downloads by month, of the days from ``startDate`` to ``endDate``, both included."""
    by = {aggregate.value for aggregate in aggregate_by or ()}
    named = tuple(versions or ())
    grouping = Grouping("version" in by, "platform" in by, named, start_date, end_date)
    counts = info.context.registry.download_counts

    async def fetch(ids: Sequence[int]) -> dict[int, tuple[GroupMonths, ...]]:
        return await counts.monthly(ids, grouping)

    return await info.context.loaders.relation(("months", grouping), root.id, fetch) or ()


@field(name="totalCount")
async def version_total(root: strawberry.Parent[VersionView], info: Info) -> int | None:
    """How often files of the version were downloaded."""
    counts = info.context.registry.download_counts
    key = (root.package_id, root.version)
    return await info.context.loaders.relation("version downloads", key, counts.of_versions)


@related(int | None, "file_downloads", name="totalDownloads")
def file_total(count: int | None) -> int | None:
    """How often the file was downloaded."""
    return count
