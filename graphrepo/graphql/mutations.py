"""What can be changed. Each field is one use case of the registry, refusals included."""

from datetime import datetime

from graphrepo.access.viewer import AccessMode
from graphrepo.errors import InvalidInputError
from graphrepo.graphql.context import Info, changing
from graphrepo.graphql.enums import ChannelAccessMode, ChannelMemberRole
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.inputs import PackageVariantInput
from graphrepo.graphql.mutations_accounts import AccountMutations
from graphrepo.graphql.mutations_curation import CurationMutations
from graphrepo.graphql.mutations_jobs import JobMutations
from graphrepo.graphql.mutations_publishers import PublisherMutations
from graphrepo.graphql.mutations_quarantine import QuarantineMutations
from graphrepo.graphql.scalars import UploadedFile
from graphrepo.graphql.types_account import ApiKeyResult, ShownKey
from graphrepo.graphql.types_attestation import AttestationPolicy
from graphrepo.graphql.types_channel import ChannelMember, ChannelResult
from graphrepo.graphql.types_variant import PackageVariant
from graphrepo.registry.requests import (
    Attest,
    Batch,
    ChannelChange,
    FileName,
    NewApiKey,
    NewChannel,
    Upload,
)
from graphrepo.registry.views import ArtifactView, ChannelView, MemberView


@graph_type
class ChannelMutations:
    """Channels and their members."""

    @field(ChannelResult)
    @staticmethod
    async def create_channel(
        info: Info,
        name: str,
        description: str | None = None,
        is_public: bool | None = None,
        logo: str | None = None,
        allow_v3_uploads: bool | None = None,
    ) -> ChannelView:
        """Create a channel that the viewer owns; public unless said otherwise."""
        new = NewChannel(
            name,
            is_public=is_public is not False,
            description=description,
            logo=logo,
            allow_v3=allow_v3_uploads is not False,
        )
        return await changing(info).registry.channels.create(info.context.viewer, new)

    @field(ChannelResult)
    @staticmethod
    async def update_channel(
        info: Info,
        name: str,
        description: str | None = None,
        is_public: bool | None = None,
        logo: str | None = None,
        allow_v3_uploads: bool | None = None,
        allow_overwrite: bool | None = None,
        current_repodata: bool | None = None,
        max_age: int | None = None,
        channel_relation_base: str | None = None,
        channel_relation_overrides: str | None = None,
        convert_tar_bz2: bool | None = None,
        attestation_policy: AttestationPolicy | None = None,
    ) -> ChannelView:
        """Change a channel; null leaves a value as it is, an empty text clears it."""
        change = ChannelChange(
            is_public=is_public,
            description=description,
            logo=logo,
            allow_v3=allow_v3_uploads,
            allow_overwrite=allow_overwrite,
            current_repodata=current_repodata,
            max_age=max_age,
            relation_base=channel_relation_base,
            relation_overrides=channel_relation_overrides,
            publish_twins=convert_tar_bz2,
            attestations=attestation_policy.value if attestation_policy else None,
        )
        return await changing(info).registry.channels.update(info.context.viewer, name, change)

    @field(ChannelResult)
    @staticmethod
    async def delete_channel(info: Info, name: str) -> ChannelView | None:
        """Delete a channel with all its files, and return it as it last was."""
        context = changing(info)
        last = await context.loaders.channel_named(name)
        await context.registry.channels.delete(context.viewer, name)
        return last

    @field(ChannelResult)
    @staticmethod
    async def transfer_channel_ownership(
        info: Info, channel_name: str, new_owner_username: str
    ) -> ChannelView | None:
        """Put a user in the place of the channel's owner, who stays as a contributor."""
        members = changing(info).registry.members
        return await members.transfer(info.context.viewer, channel_name, new_owner_username)

    @field(ChannelMember)
    @staticmethod
    async def add_channel_member(
        info: Info, user_name: str, channel_name: str, role: ChannelMemberRole
    ) -> MemberView:
        """Make a user a member, or give a member another role."""
        members = changing(info).registry.members
        return await members.add(info.context.viewer, channel_name, user_name, role.role)

    @field(ChannelMember)
    @staticmethod
    async def delete_channel_member(info: Info, user_name: str, channel_name: str) -> MemberView:
        """Remove a member, and return the membership as it was."""
        context = changing(info)
        # Loaded before: whoever leaves a private channel cannot read it afterwards.
        await context.loaders.channel_named(channel_name)
        members = await context.registry.members.list(context.viewer, channel_name)
        await context.registry.members.remove(context.viewer, channel_name, user_name)
        return next(member for member in members if member.login == user_name)


@graph_type
class KeyMutations:
    """The viewer's API keys."""

    @field(ApiKeyResult)
    @staticmethod
    async def create_api_key(
        info: Info,
        name: str,
        description: str | None = None,
        expires_at: datetime | None = None,
        access_mode: ChannelAccessMode | None = None,
        channel_name: str | None = None,
    ) -> ShownKey:
        """Create a key. Its token is in this answer and can never be read again."""
        mode = AccessMode.ALL if access_mode is None else access_mode.value
        new = NewApiKey(name, mode, description, channel_name, expires_at)
        view, token = await changing(info).registry.keys.create(info.context.viewer, new)
        return ShownKey.of(view, token)

    @field()
    @staticmethod
    async def revoke_api_key(info: Info, name: str) -> bool:
        """End a key at once and keep its record."""
        await changing(info).registry.keys.revoke(info.context.viewer, name)
        return True

    @field()
    @staticmethod
    async def delete_api_key(info: Info, name: str) -> bool:
        """End a key at once and forget it."""
        await changing(info).registry.keys.delete(info.context.viewer, name)
        return True


@graph_type
class PackageMutations:
    """The files of channels."""

    @field(PackageVariant)
    @staticmethod
    async def upload_package(
        info: Info,
        channel_name: str,
        file: UploadedFile,
        sha256: str | None = None,
        force: bool | None = None,
        attestation: str | None = None,
    ) -> ArtifactView:
        """Publish a package file; ``force`` replaces one that has the name and other bytes.

        ``attestation`` is the JSON text of a Sigstore bundle, or of an array of them.
        """
        if file.staged.file.closed:  # publishing moved it into the store
            raise InvalidInputError(
                f"{file.filename} was published by this request already; send it once more"
                " in another request to publish it elsewhere."
            )
        upload = Upload(
            channel=channel_name,
            filename=file.filename,
            staged=file.staged,
            digests=file.digests,
            sha256=sha256,
            force=bool(force),
            attestation=(attestation or "").encode(),
            address=info.context.origin,
        )
        published = await changing(info).registry.publisher.publish(info.context.viewer, upload)
        return published.artifact

    @field(PackageVariant)
    @staticmethod
    async def attest_package_variant(
        info: Info, channel_name: str, subdir: str, filename: str, attestation: str
    ) -> ArtifactView:
        """Add attestations to a file: the JSON text of a Sigstore bundle, or an array of them."""
        file = FileName(subdir, filename)
        asked = Attest(channel_name, file, attestation.encode(), info.context.origin)
        return await changing(info).registry.attesting.attest(info.context.viewer, asked)

    @field()
    @staticmethod
    async def batch_delete_package_variants(
        info: Info, channel_name: str, entries: list[PackageVariantInput]
    ) -> bool:
        """Delete files, all of them or none."""
        files = tuple(FileName(entry.subdir, entry.filename) for entry in entries)
        await changing(info).registry.removal.delete(
            info.context.viewer, Batch(channel_name, files)
        )
        return True


@graph_type
class Mutation(
    ChannelMutations,
    KeyMutations,
    PackageMutations,
    CurationMutations,
    JobMutations,
    PublisherMutations,
    QuarantineMutations,
    AccountMutations,
):
    """What can be changed."""
