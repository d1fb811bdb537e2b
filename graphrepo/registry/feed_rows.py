"""One look at the audit log, and at the rights of those who want to know what it says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from graphrepo.access.policy import Action, ChannelAccess, may
from graphrepo.access.viewer import Credential, Viewer
from graphrepo.errors import GraphrepoError, NotAuthenticatedError
from graphrepo.model.database import Row, rows
from graphrepo.registry.frontier import WIDTH
from graphrepo.registry.gate import admit
from graphrepo.registry.standing import viewer_by_now
from graphrepo.registry.views import moment

_AT_ONCE: Final = 2 * WIDTH  # rows of one look: more than can lie behind a gap

_FOR_READERS: Final = frozenset(
    "create_channel update_channel delete_channel upload replace delete yank unyank patch"
    " quarantine release create_notice update_notice delete_notice".split()
)
"""What every reader may know; the rest concerns the members alone, who is one for example."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the audit log that is about a channel; ``revision`` is the channel's."""

    id: int
    channel: str
    revision: int
    action: str
    subdir: str | None
    filename: str | None
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants to know of which channel.

    The credential stands here too because viewers compare without it: two sessions of one
    person end at different times.
    """

    viewer: Viewer
    credential: Credential | None
    channel: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a claim is worth at the moment of a look."""

    channel_id: int
    is_insider: bool

    def may_see(self, change: Change) -> bool:
        """Return whether this change is for them."""
        return self.is_insider or change.action in _FOR_READERS


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found; claims that were not asked about have no standing in it."""

    changes: tuple[Change, ...]
    standings: Mapping[Claim, Standing | GraphrepoError]

    @property
    def is_full(self) -> bool:
        """Whether there may be more to see at once."""
        return len(self.changes) == _AT_ONCE


def start() -> int:
    """Return the id to begin behind, so far back that no row is still to come below it."""
    newest: int = rows("SELECT coalesce(max(id), 0) FROM event")[0][0]
    return max(0, newest - WIDTH)


def look(low: int, asked: Mapping[Claim, bool], now: int) -> Seen:
    """Return the changes behind ``low``, and the standing of claims at ``now`` (ms).

    A claim is looked at where ``asked`` says so, and where something happened in its channel.
    """
    changes = tuple(map(_change, rows(_NEW, low=low, most=_AT_ONCE)))
    touched = {change.channel for change in changes}
    claims = (claim for claim, is_due in asked.items() if is_due or claim.channel in touched)
    return Seen(changes, {claim: _standing(claim, now) for claim in claims})


def _standing(claim: Claim, now: int) -> Standing | GraphrepoError:
    viewer = viewer_by_now(claim.viewer, now)
    if viewer.is_anonymous and not claim.viewer.is_anonymous:
        return NotAuthenticatedError("Your session or API key has ended; sign in again.")
    try:
        channel = admit(viewer, Action.READ, claim.channel)
    except GraphrepoError as refusal:
        return refusal
    # Who could read it even if it were private belongs to it.
    as_private = ChannelAccess(channel.name, is_public=False, role=channel.role)
    return Standing(channel.id, is_insider=may(viewer, Action.READ, as_private))


def _change(row: Row) -> Change:
    ident, channel, revision, action, details, at, actor = row
    facts = json.loads(details)
    return Change(
        id=ident,
        channel=channel or "",
        revision=revision or 0,
        action=action,
        subdir=facts.get("subdir"),
        filename=facts.get("filename"),
        at=moment(at),
        actor=actor,
    )


_NEW = """
    SELECT id, channel, revision, action, details, at, actor FROM event
    WHERE id > $low ORDER BY id LIMIT $most
"""
