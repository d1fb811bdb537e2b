"""What administrators ask of quarantine, and what they see of it."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from graphrepo.clock import milliseconds
from graphrepo.model.database import Row
from graphrepo.registry.views import moment, moment_or_none


class QuarantineAction(StrEnum):
    """What a quarantine does to its files."""

    YANK = "yank"  # they leave the index, listed under removed, and still download (CEP 36)
    DELETE = "delete"  # they leave every document, and their addresses answer that they are gone


@dataclass(frozen=True, slots=True)
class ChannelFile:
    """One file of the server."""

    channel: str
    subdir: str
    filename: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files: those named, or those that all the rest holds for, in the channels named.

    ``channels`` narrows a spec or a span of upload times; none stand for all channels.
    """

    files: tuple[ChannelFile, ...] = ()
    match_spec: str | None = None
    uploaded_from: datetime | None = None
    uploaded_to: datetime | None = None  # that moment included
    channels: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return what is remembered of it; the files themselves are rows."""
        times = {"from": self.uploaded_from, "to": self.uploaded_to}
        kept: dict[str, Any] = {
            **{name: milliseconds(when) for name, when in times.items() if when is not None},
            "channels": self.channels,
            "match_spec": self.match_spec,
        }
        return json.dumps(kept, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Selection":
        """Return what was remembered; ``files`` is empty."""
        kept: dict[str, Any] = json.loads(text)
        return cls(
            match_spec=kept["match_spec"],
            uploaded_from=moment_or_none(kept.get("from")),
            uploaded_to=moment_or_none(kept.get("to")),
            channels=tuple(kept["channels"]),
        )


@dataclass(frozen=True, slots=True)
class NewQuarantine:
    """A quarantine to begin."""

    action: QuarantineAction
    reason: str
    selection: Selection = field(default_factory=Selection)


@dataclass(frozen=True, slots=True)
class QuarantineChange:
    """New values for a quarantine; none leaves a value as it is."""

    action: QuarantineAction | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """A quarantine; ``files`` counts those of its files that still exist."""

    id: int
    action: QuarantineAction
    reason: str
    selection: Selection
    created_by: str
    created_at: datetime
    updated_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None
    files: int


QUARANTINE_COLUMNS = """q.id, q.action, q.reason, q.selection, q.created_by, q.created_at,
    q.updated_at, q.revoked_by, q.revoked_at,
    (SELECT count(*) FROM quarantined_file f WHERE f.quarantine_id = q.id)"""


def quarantine_view(row: Row) -> QuarantineView:
    """Return the view of a row of ``QUARANTINE_COLUMNS``."""
    ident, action, reason, selection, creator, created, updated, revoker, revoked, files = row
    return QuarantineView(
        id=ident,
        action=QuarantineAction(action),
        reason=reason,
        selection=Selection.from_json(selection),
        created_by=creator,
        created_at=moment(created),
        updated_at=moment(updated),
        revoked_by=revoker,
        revoked_at=moment_or_none(revoked),
        files=files,
    )
