"""What every change of a channel leaves behind: new revisions and a line in the audit log."""

import json
from collections.abc import Mapping
from typing import Final

from graphrepo.access.viewer import Viewer
from graphrepo.model.entities import Channel, Event, Subdir

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


def record_event(
    viewer: Viewer, action: str, now: int, channel: Channel | None = None, **details: object
) -> None:
    """Write one line of the audit log within the running transaction."""
    Event(
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
