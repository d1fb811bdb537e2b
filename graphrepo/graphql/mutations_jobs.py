"""What takes long and goes on by itself: each field queues a job and returns it."""

import strawberry

from graphrepo.graphql.context import Info, changing
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.types_jobs import BackgroundJob
from graphrepo.registry.copy_sources import Source
from graphrepo.registry.job_views import JobView


@strawberry.input(description="A package file to copy, and the SHA-256 that it must have.")
class PackageUrlInput:
    """A package file to copy."""

    url: str
    sha256: str


@graph_type
class JobMutations:
    """Jobs that are started."""

    @field(BackgroundJob)
    @staticmethod
    async def start_batch_delete_packages(
        info: Info, channel_name: str, package_names: list[str]
    ) -> JobView:
        """Delete packages with all their files, one package after the other."""
        removal = changing(info).registry.mass_removal
        return await removal.start(info.context.viewer, channel_name, package_names)

    @field(BackgroundJob)
    @staticmethod
    async def copy_packages_from_urls(
        info: Info, channel_name: str, packages: list[PackageUrlInput]
    ) -> JobView:
        """Copy package files into a channel, from this server or from elsewhere.

        An address of this server, or a path such as /CHANNEL/SUBDIR/FILE, moves no bytes; the
        viewer must be able to read that channel.
        """
        context = changing(info)
        sources = [Source(package.url, package.sha256) for package in packages]
        own = {context.address, context.origin} - {""}
        return await context.registry.copying.start(context.viewer, channel_name, sources, own)
