"""What owners say of their channel and its files: settings, relations, notices, patches.

The fields stand here, ready made; ``Channel`` and ``PackageVariant`` take them over by name.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import CHANNEL, field, graph_type, related
from graphrepo.graphql.loading import there
from graphrepo.graphql.scalars import JSON
from graphrepo.registry.views import ChannelView, NoticeView


@strawberry.enum(description="How much a notice matters (CEP 6).")
class ChannelNoticeLevel(Enum):
    """The levels of CEP 6; the value is the standard's word."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@graph_type
class ChannelNotice:
    """What the owners tell the people who install from a channel (CEP 6)."""

    message: str
    created_at: datetime
    expires_at: datetime

    @field()
    @staticmethod
    def id(root: strawberry.Parent[NoticeView]) -> strawberry.ID:
        """What the notice is changed and deleted by."""
        return strawberry.ID(str(root.id))

    @field()
    @staticmethod
    def level(root: strawberry.Parent[NoticeView]) -> ChannelNoticeLevel:
        """How much it matters."""
        return ChannelNoticeLevel(root.level)


@field(list[ChannelNotice])
async def notices(root: strawberry.Parent[ChannelView], info: Info) -> tuple[NoticeView, ...]:
    """What the owners tell the people who install from the channel, newest first (CEP 6)."""
    return await info.context.loaders.notices(root.id) or ()


@field(CHANNEL | None)
async def channel_relation_base(
    root: strawberry.Parent[ChannelView], info: Info
) -> ChannelView | None:
    """The channel whose packages this one builds on (CEP 42)."""
    return await _related(root.settings.relation_base, info)


@field(CHANNEL | None)
async def channel_relation_overrides(
    root: strawberry.Parent[ChannelView], info: Info
) -> ChannelView | None:
    """The channel whose packages give way to those of this one (CEP 42)."""
    return await _related(root.settings.relation_overrides, info)


@field(list[str])
async def required_channels(root: strawberry.Parent[ChannelView], info: Info) -> list[str]:
    """The channels that must be used together with this one: its relations (CEP 42)."""
    settings = root.settings
    related = [
        await _related(name, info) for name in (settings.relation_base, settings.relation_overrides)
    ]
    return [channel.name for channel in related if channel is not None]


@field()
def allow_overwrite(root: strawberry.Parent[ChannelView]) -> bool:
    """Whether an upload with ``force`` may replace a file."""
    return root.settings.allow_overwrite


@field()
def current_repodata(root: strawberry.Parent[ChannelView]) -> bool:
    """Whether current_repodata.json is served, for conda's classic solver."""
    return root.settings.current_repodata


@field()
def max_age(root: strawberry.Parent[ChannelView]) -> int:
    """How many seconds caches may keep the documents of the channel while it is public."""
    return root.settings.max_age


@related(JSON | None, "patches")
def repo_data_patches(changes: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The keys that patches write in the file's record; null where no patch names the file."""
    return changes


@related(bool, "blocked")
def is_download_blocked(is_blocked: bool | None) -> bool:
    """Whether an administrator has withdrawn the file: no document has it, nobody gets it."""
    return there(is_blocked)


async def _related(name: str | None, info: Info) -> ChannelView | None:
    return await info.context.loaders.channel_named(name) if name else None
