"""Files found by what they hold or what a MatchSpec says."""

from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.inputs import window_of
from graphrepo.graphql.types_package import Package
from graphrepo.graphql.types_variant import PackageVariantPageResult
from graphrepo.registry.views import ArtifactView, PackageView, Page


@graph_type
class SearchQueries:
    """Searches for files."""

    @field(PackageVariantPageResult)
    @staticmethod
    async def paths(
        info: Info, pattern: str, limit: int | None = None, page: int | None = None
    ) -> Page[ArtifactView]:
        """The files that install a path, those first that hold exactly what is meant.

        A text is found anywhere in a path: ``libz.so``. With ``*`` and ``?`` the pattern is a
        file's whole name, ``libz.so*``, or the end of its path, ``bin/python*``; a slash at the
        beginning stands for the prefix. Capitals do not matter. Three letters in a row are
        needed. At most the newest 2,000 files that may match are looked at.
        """
        context = info.context
        window = window_of(limit, page)
        return await context.registry.search.paths(context.viewer, pattern, window)

    @field(Package | None)
    @staticmethod
    async def package_by_matchspec(
        info: Info, match_spec: str, channels: list[str] | None = None
    ) -> PackageView | None:
        """The package of the first channel that has a file which the MatchSpec selects.

        Without channels, all that the viewer may read are asked by name. Yanked and hidden files
        do not count.
        """
        context = info.context
        return await context.registry.search.package_by_spec(context.viewer, match_spec, channels)

    @field(PackageVariantPageResult)
    @staticmethod
    async def variants_by_matchspec(
        info: Info,
        match_spec: str,
        channels: list[str] | None = None,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[ArtifactView]:
        """The files that a MatchSpec selects: by channel, then the newest version first."""
        search, viewer = info.context.registry.search, info.context.viewer
        window = window_of(limit, page)
        return await search.variants_by_spec(viewer, match_spec, channels, window)
