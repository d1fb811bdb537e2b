"""Package files, which the API calls variants of a package."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

import strawberry
from msgspec import Raw

from graphrepo.conda.about_json import addresses, word
from graphrepo.conda.dependencies import needed_name
from graphrepo.conda.json_fields import Document
from graphrepo.graphql import types_attestation as attestation
from graphrepo.graphql import types_curation as curation
from graphrepo.graphql import types_downloads as downloads
from graphrepo.graphql import types_search as search
from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import PACKAGE, field, graph_type, related, selected
from graphrepo.graphql.loaders import Loaders
from graphrepo.graphql.loading import Relation, existing, then, there
from graphrepo.graphql.scalars import JSON, json_value, verbatim
from graphrepo.graphql.types_account import User
from graphrepo.graphql.types_link import Link, Url, links
from graphrepo.graphql.types_page import PageCounts
from graphrepo.registry.views import (
    ArtifactInfoView,
    ArtifactView,
    PackageView,
    Page,
    UserView,
)


@dataclass(frozen=True, slots=True)
class Need:
    """A dependency of a file of a channel."""

    channel_id: int
    spec: str
    name: str


@graph_type
class Dependency:
    """What a package needs installed beside it."""

    spec: str
    name: str

    @field(PACKAGE | None)
    @staticmethod
    async def package(root: strawberry.Parent[Need], info: Info) -> PackageView | None:
        """The package of that name in the same channel, if it has one."""
        return await info.context.loaders.package_named((root.channel_id, root.name))


@graph_type
class PackageVariant:
    """One package file of a channel."""

    filename: str
    name: str
    version: str
    build_number: int
    size: int | None
    md5: str | None
    sha256: str | None
    blake3: str
    license: str | None
    license_family: str | None
    yanked_reason: str | None
    hidden: bool
    total_downloads = downloads.file_total

    @field()
    @staticmethod
    def build_string(root: strawberry.Parent[ArtifactView]) -> str:
        """The build string."""
        return root.build

    @field()
    @staticmethod
    def platform(root: strawberry.Parent[ArtifactView]) -> str:
        """The subdir that holds the file."""
        return root.subdir

    @field()
    @staticmethod
    def created_at(root: strawberry.Parent[ArtifactView]) -> datetime | None:
        """When the file was uploaded."""
        return root.uploaded_at

    @field()
    @staticmethod
    def updated_at(root: strawberry.Parent[ArtifactView]) -> datetime | None:
        """When the bytes of the file last changed: at its upload, for they never do."""
        return root.uploaded_at

    @field()
    @staticmethod
    def installed_size(root: strawberry.Parent[ArtifactView]) -> int | None:
        """Bytes of its files when unpacked; null where the package does not say."""
        return root.installed_size

    @related(str | None, "about")
    @staticmethod
    def description(about: Document | None) -> str | None:
        """What the file's own metadata says of the package, at length."""
        return word(there(about), "description")

    @related(str | None, "about")
    @staticmethod
    def summary(about: Document | None) -> str | None:
        """What the file's own metadata says of the package, in short."""
        return word(there(about), "summary")

    @related(list[Url], "about")
    @staticmethod
    def urls(about: Document | None) -> tuple[Link, ...]:
        """The addresses in the file's own metadata."""
        return links(addresses(there(about)))

    @related(JSON, "info")
    @staticmethod
    def raw_index(facts: ArtifactInfoView | None) -> Raw | None:
        """The contents of info/index.json, as shipped."""
        return _json(there(facts).index_json)

    @related(JSON | None, "info")
    @staticmethod
    def raw_about(facts: ArtifactInfoView | None) -> Raw | None:
        """The contents of info/about.json, as shipped."""
        return _json(there(facts).about_json)

    @related(JSON | None, "info")
    @staticmethod
    def raw_run_exports(facts: ArtifactInfoView | None) -> Raw | None:
        """The run exports (CEP 12)."""
        return _json(there(facts).run_exports_json)

    repo_data_patches = curation.repo_data_patches
    is_download_blocked = curation.is_download_blocked
    paths = search.paths
    attestations = attestation.attestations
    attestations_url = attestation.attestations_url

    @field(list[Dependency])
    @staticmethod
    async def dependencies(root: strawberry.Parent[ArtifactView], info: Info) -> tuple[Need, ...]:
        """What info/index.json says the package depends on."""
        facts = await existing(info.context.loaders.info(root.id))
        index: dict[str, Any] = json_value(facts.index_json)
        depends: list[str] = index.get("depends") or []
        return tuple(Need(root.channel_id, spec, needed_name(spec)) for spec in depends)

    @field(User | None)
    @staticmethod
    async def uploader(root: strawberry.Parent[ArtifactView], info: Info) -> UserView | None:
        """Who uploaded the file; null where no account did."""
        return (
            None if root.uploader_id is None else await info.context.loaders.user(root.uploader_id)
        )

    @field(str)
    @staticmethod
    def download_url(root: strawberry.Parent[ArtifactView], info: Info) -> object:
        """The address of the file."""
        path, address = f"{root.subdir}/{root.filename}", info.context.address
        channels = info.context.loaders.channel
        return then(
            channels, root.channel_id, lambda channel: f"{address}/{there(channel).name}/{path}"
        )


_OF_FILES: Final[Mapping[str, Callable[[Loaders], Relation[int, Any]]]] = {
    **dict.fromkeys(("description", "summary", "urls"), attrgetter("about")),
    **dict.fromkeys(("rawIndex", "rawAbout", "rawRunExports", "dependencies"), attrgetter("info")),
    "isDownloadBlocked": attrgetter("blocked"),
    "paths": attrgetter("paths"),
    "repoDataPatches": attrgetter("patches"),
    "totalDownloads": attrgetter("file_downloads"),
}
"""What must be loaded for a field of a file, by the id of the file."""
_OF_CHANNELS: Final = frozenset({"downloadUrl", "attestationsUrl"})
"""The fields for which its channel must be loaded."""


@graph_type
class PackageVariantPageResult(PageCounts):
    """A page of package files."""

    @field(list[PackageVariant])
    @staticmethod
    async def page(
        root: strawberry.Parent[Page[ArtifactView]], info: Info
    ) -> tuple[ArtifactView, ...]:
        """The files of this page."""
        await _load_all(root.items, selected(info), info.context.loaders)
        return root.items


async def _load_all(files: Sequence[ArtifactView], fields: set[str], loaders: Loaders) -> None:
    """Load what the fields of all files need; whoever uses what failed will find out."""
    ids = [file.id for file in files]
    needed = {_OF_FILES[name] for name in fields if name in _OF_FILES}
    loading = [relation(loaders).load(ids) for relation in needed]
    if not _OF_CHANNELS.isdisjoint(fields):
        loading.append(loaders.channel.load({file.channel_id for file in files}))
    await asyncio.gather(*loading, return_exceptions=True)


def _json(text: str | None) -> Raw | None:
    return None if text is None else verbatim(text)
