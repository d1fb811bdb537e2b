"""What owners and contributors do to files that are there, and the notices of channels."""

from datetime import datetime
from typing import Any, cast

import strawberry

from graphrepo.errors import InvalidInputError
from graphrepo.graphql.context import Info, changing
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.inputs import PackageVariantInput, number_of
from graphrepo.graphql.scalars import JSON
from graphrepo.graphql.types_curation import ChannelNotice, ChannelNoticeLevel
from graphrepo.graphql.types_variant import PackageVariant
from graphrepo.registry.notices import NoticeChange, NoticeText
from graphrepo.registry.requests import Batch, FileName
from graphrepo.registry.views import ArtifactView, NoticeView


@graph_type
class YankMutations:
    """Files that are withdrawn and taken back, and records that are corrected."""

    @field()
    @staticmethod
    async def batch_yank_package_variants(
        info: Info,
        channel_name: str,
        entries: list[PackageVariantInput],
        reason: str,
        also_hide: bool | None = None,
    ) -> bool:
        """Take files out of the index, and of lists if asked; they can still be downloaded."""
        await _yank(info, _batch(channel_name, entries), reason, also_hide=bool(also_hide))
        return True

    @field()
    @staticmethod
    async def batch_unyank_package_variants(
        info: Info, channel_name: str, entries: list[PackageVariantInput]
    ) -> bool:
        """Put files back into the index and into lists, all of them or none."""
        await _unyank(info, _batch(channel_name, entries))
        return True

    @field()
    @staticmethod
    async def yank_package_variant(
        info: Info, channel_name: str, subdir: str, filename: str, reason: str
    ) -> bool:
        """Take a file out of the index; it can still be downloaded."""
        await _yank(info, _single(channel_name, subdir, filename), reason, also_hide=False)
        return True

    @field()
    @staticmethod
    async def unyank_package_variant(
        info: Info, channel_name: str, subdir: str, filename: str
    ) -> bool:
        """Put a file back into the index and into lists."""
        await _unyank(info, _single(channel_name, subdir, filename))
        return True

    @field(PackageVariant)
    @staticmethod
    async def patch_package_variant(
        info: Info, channel_name: str, subdir: str, filename: str, patch: JSON
    ) -> ArtifactView:
        """Correct a file's record, in place of its patch before; null deletes a key."""
        file = FileName(subdir, filename)
        patching = changing(info).registry.patching
        return await patching.patch(info.context.viewer, channel_name, file, _members(patch))


@graph_type
class NoticeMutations:
    """What owners tell the people who install from their channel (CEP 6)."""

    @field(ChannelNotice)
    @staticmethod
    async def create_channel_notice(
        info: Info,
        channel_name: str,
        message: str,
        level: ChannelNoticeLevel,
        expires_at: datetime,
    ) -> NoticeView:
        """Tell the people who install from the channel something, until it expires."""
        text = NoticeText(message, level.value, expires_at)
        return await changing(info).registry.notices.create(info.context.viewer, channel_name, text)

    @field(ChannelNotice)
    @staticmethod
    async def update_channel_notice(
        info: Info,
        channel_name: str,
        id: strawberry.ID,  # noqa: A002 - the schema's name
        message: str | None = None,
        level: ChannelNoticeLevel | None = None,
        expires_at: datetime | None = None,
    ) -> NoticeView:
        """Change a notice; null leaves a value as it is."""
        change = NoticeChange(message, level.value if level else None, expires_at)
        notices = changing(info).registry.notices
        return await notices.update(info.context.viewer, channel_name, number_of(id), change)

    @field()
    @staticmethod
    async def delete_channel_notice(
        info: Info,
        channel_name: str,
        id: strawberry.ID,  # noqa: A002 - the schema's name
    ) -> bool:
        """Take a notice back."""
        notices = changing(info).registry.notices
        await notices.delete(info.context.viewer, channel_name, number_of(id))
        return True


@graph_type
class CurationMutations(YankMutations, NoticeMutations):
    """What is said of files and channels after they were published."""


async def _yank(info: Info, batch: Batch, reason: str, *, also_hide: bool) -> None:
    yanking = changing(info).registry.yanking
    await yanking.yank(info.context.viewer, batch, reason, also_hide=also_hide)


async def _unyank(info: Info, batch: Batch) -> None:
    await changing(info).registry.yanking.unyank(info.context.viewer, batch)


def _batch(channel: str, entries: list[PackageVariantInput]) -> Batch:
    return Batch(channel, tuple(FileName(entry.subdir, entry.filename) for entry in entries))


def _single(channel: str, subdir: str, filename: str) -> Batch:
    return Batch(channel, (FileName(subdir, filename),))


def _members(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInputError("patch must be a JSON object of the record's keys.")
    return cast("dict[str, Any]", value)
