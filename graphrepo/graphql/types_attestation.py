"""Attestations of package files (CEP 27 and 50)."""

from datetime import datetime
from enum import Enum

import strawberry

from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.inputs import window_of
from graphrepo.graphql.loading import existing, then, there
from graphrepo.graphql.scalars import JSON, json_value
from graphrepo.graphql.types_page import PageCounts
from graphrepo.registry.attestation_lists import AttestationView
from graphrepo.registry.views import ArtifactView, ChannelView, PackageView, Page
from graphrepo.registry.views import AttestationPolicy as Policy


@strawberry.enum(description="What a channel makes of the attestations of its files.")
class AttestationPolicy(Enum):
    """The policies; each value is the registry's own."""

    OFF = Policy.OFF
    ACCEPT = Policy.ACCEPT
    REQUIRE = Policy.REQUIRE


@graph_type
class Attestation:
    """A signed statement of where a file comes from, verified before it was taken in."""

    identity: str
    issuer: str
    target_channel: str | None
    added_by: str

    @field(JSON)
    @staticmethod
    def bundle(root: strawberry.Parent[AttestationView]) -> object:
        """The Sigstore bundle. Its exact bytes are at ``attestationsUrl``."""
        return json_value(root.bundle)

    @field()
    @staticmethod
    def created_at(root: strawberry.Parent[AttestationView]) -> datetime:
        """When it was taken in."""
        return root.added_at


@graph_type
class AttestationPageResult(PageCounts):
    """A page of attestations."""

    @field(list[Attestation])
    @staticmethod
    def page(root: strawberry.Parent[Page[AttestationView]]) -> tuple[AttestationView, ...]:
        """The attestations of this page."""
        return root.items


@field(AttestationPageResult)
async def attestations(
    root: strawberry.Parent[ArtifactView],
    info: Info,
    limit: int | None = None,
    page: int | None = None,
) -> Page[AttestationView]:
    """The attestations of the file, in the order in which they came."""
    return await existing(info.context.loaders.attestations(root.id, window_of(limit, page)))


@field(str)
def attestations_url(root: strawberry.Parent[ArtifactView], info: Info) -> object:
    """The address of the list of all bundles (CEP 50); nothing is there while there is none."""
    path, address = f"{root.subdir}/{root.filename}.sigs", info.context.address
    channels = info.context.loaders.channel
    return then(
        channels, root.channel_id, lambda channel: f"{address}/{there(channel).name}/{path}"
    )


@field()
async def latest_version_verified(root: strawberry.Parent[PackageView], info: Info) -> bool:
    """Whether every listed file of the latest version has an attestation."""
    return bool(await info.context.loaders.latest_verified(root.id))


@field()
def attestation_policy(root: strawberry.Parent[ChannelView]) -> AttestationPolicy:
    """What the channel makes of attestations: drops them, takes them, or requires them."""
    return AttestationPolicy(Policy(root.settings.attestations))
