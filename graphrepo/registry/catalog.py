"""What channels hold: packages, versions, files. Reading only.

The batch forms take many ids and run a fixed number of statements, so a caller that walks a
tree of channels, packages and files pays for its depth, never for its breadth. They trust
their ids: whoever asks got them from a query that checked the viewer.
"""

from collections.abc import Iterable

from graphrepo.access.viewer import Viewer
from graphrepo.model.database import Database
from graphrepo.registry import package_lists as packages
from graphrepo.registry import variant_lists as variants
from graphrepo.registry.courtesy import Courtesy
from graphrepo.registry.requests import ListQuery, VariantQuery
from graphrepo.registry.views import (
    ArtifactInfoView,
    ArtifactView,
    PackageView,
    Page,
    VersionView,
    Window,
)


class Catalog:
    """The packages of the channels."""

    def __init__(self, database: Database, courtesy: Courtesy) -> None:
        """Keep what the use cases need."""
        self._database = database
        self._courtesy = courtesy

    async def package(self, viewer: Viewer, channel: str, name: str) -> PackageView | None:
        """Return a package, or none where it does not exist for this viewer."""
        return await self._database.read(packages.one, viewer, channel, name)

    async def packages(self, viewer: Viewer, query: ListQuery) -> Page[PackageView]:
        """Return packages of all channels that the viewer may read.

        Fields: ``name``; orders: ``name``, ``lastCreatedDate``, ``totalSize``.

        Raises:
            TooManySearchesError: a stranger searched too often.
        """
        self._courtesy.admit_search(viewer)
        return await self._database.read(packages.readable_page, viewer, query)

    async def packages_of(
        self, channel_ids: Iterable[int], query: ListQuery
    ) -> dict[int, Page[PackageView]]:
        """Return the same page of each channel's packages."""
        return await self._database.read(packages.pages_of, tuple(channel_ids), query)

    async def packages_by_id(self, ids: Iterable[int]) -> dict[int, PackageView]:
        """Return the packages of these ids."""
        return await self._database.read(packages.by_id, tuple(ids))

    async def packages_by_name(
        self, pairs: Iterable[tuple[int, str]]
    ) -> dict[tuple[int, str], PackageView]:
        """Return the packages of these pairs of channel id and name that exist."""
        return await self._database.read(packages.by_name, tuple(pairs))

    async def dependents_of(
        self, package_ids: Iterable[int], window: Window
    ) -> dict[int, Page[PackageView]]:
        """Return a page of the packages that depend on each package, of the same channel."""
        return await self._database.read(packages.dependents_of, tuple(package_ids), window)

    async def platforms_of(self, package_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return the subdirs that hold a file of each package, by name."""
        return await self._database.read(packages.platforms_of, tuple(package_ids))

    async def versions_of(
        self, package_ids: Iterable[int], window: Window
    ) -> dict[int, Page[VersionView]]:
        """Return a page of each package's versions, newest first by conda's order."""
        return await self._database.read(packages.versions_of, tuple(package_ids), window)

    async def latest_of(self, package_ids: Iterable[int]) -> dict[int, VersionView]:
        """Return each package's highest version, one that is not yanked where there is one."""
        return await self._database.read(packages.latest_of, tuple(package_ids))

    async def variants_of(
        self, package_ids: Iterable[int], query: VariantQuery
    ) -> dict[int, Page[ArtifactView]]:
        """Return a page of each package's files, newest version first unless ordered.

        Orders: ``buildString``, ``createdAt``, ``size``.
        """
        return await self._database.read(variants.pages_of, tuple(package_ids), query)

    async def variant(
        self, viewer: Viewer, channel: str, subdir: str, filename: str
    ) -> ArtifactView | None:
        """Return a file, or none where it does not exist for this viewer.

        A file that quarantine has blocked is shown here, and in no list.
        """
        return await self._database.read(variants.one, viewer, channel, subdir, filename)

    async def infos(self, artifact_ids: Iterable[int]) -> dict[int, ArtifactInfoView]:
        """Return the wide facts of files."""
        return await self._database.read(variants.infos, tuple(artifact_ids))
