"""Package files, which the API calls variants of a package."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import strawberry

from graphrepo.graphql import types_attestation as attestation
from graphrepo.graphql import types_curation as curation
from graphrepo.graphql import types_downloads as downloads
from graphrepo.graphql import types_search as search
from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import PACKAGE, field, graph_type
from graphrepo.graphql.loaders import existing
from graphrepo.graphql.scalars import JSON, json_value
from graphrepo.graphql.types_account import User
from graphrepo.graphql.types_link import Link, Url, links
from graphrepo.graphql.types_page import PageCounts
from graphrepo.registry.views import ArtifactView, PackageView, Page, UserView

# What may follow a name in a MatchSpec (CEP 29), and what no name holds.
_AFTER_NAME: Final = re.compile(r"[\s\[]")
_OUTSIDE_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]")


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
        return await info.context.loaders.package_named(root.channel_id, root.name)


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
    async def description(root: strawberry.Parent[ArtifactView], info: Info) -> str | None:
        """What the file's own metadata says of the package, at length."""
        return (await existing(info.context.loaders.about(root.id))).description

    @field()
    @staticmethod
    async def summary(root: strawberry.Parent[ArtifactView], info: Info) -> str | None:
        """What the file's own metadata says of the package, in short."""
        return (await existing(info.context.loaders.about(root.id))).summary

    @field(list[Url])
    @staticmethod
    async def urls(root: strawberry.Parent[ArtifactView], info: Info) -> tuple[Link, ...]:
        """The addresses in the file's own metadata."""
        return links((await existing(info.context.loaders.about(root.id))).urls)

    @field(JSON)
    @staticmethod
    async def raw_index(root: strawberry.Parent[ArtifactView], info: Info) -> object:
        """The contents of info/index.json, as shipped."""
        return json_value((await existing(info.context.loaders.info(root.id))).index_json)

    @field(JSON | None)
    @staticmethod
    async def raw_about(root: strawberry.Parent[ArtifactView], info: Info) -> object:
        """The contents of info/about.json, as shipped."""
        text = (await existing(info.context.loaders.info(root.id))).about_json
        return None if text is None else json_value(text)

    @field(JSON | None)
    @staticmethod
    async def raw_run_exports(root: strawberry.Parent[ArtifactView], info: Info) -> object:
        """The run exports (CEP 12)."""
        text = (await existing(info.context.loaders.info(root.id))).run_exports_json
        return None if text is None else json_value(text)

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
        return tuple(Need(root.channel_id, spec, _package_name(spec)) for spec in depends)

    @field(User | None)
    @staticmethod
    async def uploader(root: strawberry.Parent[ArtifactView], info: Info) -> UserView | None:
        """Who uploaded the file; null where no account did."""
        return (
            None if root.uploader_id is None else await info.context.loaders.user(root.uploader_id)
        )

    @field()
    @staticmethod
    async def download_url(root: strawberry.Parent[ArtifactView], info: Info) -> str:
        """The address of the file."""
        channel = await existing(info.context.loaders.channel(root.channel_id))
        return f"{info.context.address}/{channel.name}/{root.subdir}/{root.filename}"


@graph_type
class PackageVariantPageResult(PageCounts):
    """A page of package files."""

    @field(list[PackageVariant])
    @staticmethod
    def page(root: strawberry.Parent[Page[ArtifactView]]) -> tuple[ArtifactView, ...]:
        """The files of this page."""
        return root.items


def _package_name(spec: str) -> str:
    """Return the name in ``channel/subdir:namespace:name>=1``; publishing checked the grammar."""
    address = _AFTER_NAME.split(spec.strip(), maxsplit=1)[0]
    return _OUTSIDE_NAME.split(address.rpartition(":")[2], maxsplit=1)[0].lower()
