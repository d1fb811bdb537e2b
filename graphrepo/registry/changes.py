"""What every change of a channel leaves behind: new revisions and a line in the audit log."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from graphrepo.access.viewer import Viewer
from graphrepo.model.database import rows
from graphrepo.model.entities import Channel, Subdir
from graphrepo.registry.views import ChannelView

LONGEST_ADDRESS: Final = 64
"""Letters of an address that are kept."""


def bump(channel: Channel, subdir: Subdir | None, now: int) -> int:
    """Raise the revisions by one; return the subdir's new one, or the channel's without one."""
    channel.revision += 1
    channel.updated_at = now
    if subdir is None:
        return channel.revision
    subdir.revision += 1
    subdir.changed_at = now
    return subdir.revision


def raise_revisions(channel: ChannelView, subdir_id: int, now: int) -> ChannelView:
    """Do as ``bump`` does for whoever holds no entities; return the channel with its new one."""
    rows(_RAISE_CHANNEL, id=channel.id, now=now)
    rows(_RAISE_SUBDIR, id=subdir_id, now=now)
    return replace(channel, revision=channel.revision + 1)


def record_event(
    viewer: Viewer,
    action: str,
    now: int,
    channel: Channel | ChannelView | None = None,
    **details: object,
) -> None:
    """Write one line of the audit log within the running transaction."""
    rows(
        _RECORD,
        at=now,
        channel=channel.name if channel else None,
        revision=channel.revision if channel else None,
        actor=viewer.login or "anonymous",
        action=action,
        details=json.dumps(_without_none(details), sort_keys=True),
        address=viewer.address[:LONGEST_ADDRESS] or None,
    )


def _without_none(details: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in details.items() if value is not None}


_RAISE_CHANNEL = "UPDATE channel SET revision = revision + 1, updated_at = $now WHERE id = $id"
_RAISE_SUBDIR = "UPDATE subdir SET revision = revision + 1, changed_at = $now WHERE id = $id"
_RECORD = """
    INSERT INTO event (at, channel, revision, actor, action, details, address)
    VALUES ($at, $channel, $revision, $actor, $action, $details, $address)
"""
