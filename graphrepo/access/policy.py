"""Who may do what in a channel: two tables, and the one function that asks them.

An action is allowed when every restriction allows it:

    the viewer's role in the channel   (an administrator counts as an owner)
    the mode of the API key in use     (a session has no such limit)
    the channel of that key            (elsewhere its bearer is a stranger)

Reading a public channel needs none of these, because clients such as rattler send one token
to every channel of a host and must not lose what a stranger may read. A trusted publisher is no
member: it may upload to the channels that trust it, and for everything else it is a stranger.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from graphrepo.access.viewer import ANONYMOUS, AccessMode, KeyScope, Viewer


class Role(StrEnum):
    """What a member is in a channel."""

    OWNER = "owner"
    CONTRIBUTOR = "contributor"
    MEMBER = "member"


class Action(StrEnum):
    """What can be done to a channel; the value is the action's name in the docs."""

    READ = "read and download"
    UPLOAD = "upload"
    YANK = "yank"
    DELETE = "delete packages"
    MANAGE = "manage members, publishers, settings, notices"
    TRANSFER = "transfer or delete the channel"


_EVERYTHING: Final = frozenset(Action)

ROLE_ACTIONS: Final[Mapping[Role, frozenset[Action]]] = MappingProxyType(
    {
        Role.OWNER: _EVERYTHING,
        Role.CONTRIBUTOR: frozenset({Action.READ, Action.UPLOAD, Action.YANK}),
        Role.MEMBER: frozenset({Action.READ}),
    }
)

MODE_ACTIONS: Final[Mapping[AccessMode, frozenset[Action]]] = MappingProxyType(
    {
        AccessMode.ALL: _EVERYTHING,
        AccessMode.READ: frozenset({Action.READ}),
        AccessMode.READ_WRITE: frozenset({Action.READ, Action.UPLOAD, Action.YANK}),
        AccessMode.READ_WRITE_DELETE: frozenset(
            {Action.READ, Action.UPLOAD, Action.YANK, Action.DELETE}
        ),
    }
)


@dataclass(frozen=True, slots=True)
class ChannelAccess:
    """A channel as the policy sees it; ``role`` is the viewer's own, ``None`` for a stranger."""

    name: str
    is_public: bool
    role: Role | None = None


def may(viewer: Viewer, action: Action, channel: ChannelAccess) -> bool:
    """Return whether the viewer may do this to the channel."""
    if action is Action.READ and channel.is_public:
        return True
    if action is Action.UPLOAD and channel.name in viewer.publishes_to:
        return True
    return action in _by_role(viewer, channel) and _key_allows(viewer, action, channel)


def may_create_channels(viewer: Viewer) -> bool:
    """Return whether the viewer may create a channel: anyone known, not through a limited key."""
    return not viewer.is_anonymous and _acts_in_full(viewer)


def may_manage_account(viewer: Viewer) -> bool:
    """Return whether the viewer may change their own account: its password and its keys.

    Only somebody with an account can; a key must be unrestricted, or it could mint a
    stronger one.
    """
    return viewer.user_id is not None and _acts_in_full(viewer)


def may_administer_server(viewer: Viewer) -> bool:
    """Return whether the viewer may act on the whole server: accounts, quarantine, settings."""
    return viewer.is_admin and _acts_in_full(viewer)


def policy_table() -> str:
    """Return both tables as markdown, computed by asking ``may``; the docs hold them verbatim."""
    return f"{_role_table()}\n{_mode_table()}"


def _by_role(viewer: Viewer, channel: ChannelAccess) -> frozenset[Action]:
    role = Role.OWNER if viewer.is_admin else channel.role
    return frozenset() if role is None or viewer.is_anonymous else ROLE_ACTIONS[role]


def _key_allows(viewer: Viewer, action: Action, channel: ChannelAccess) -> bool:
    if viewer.key is None:
        return True
    here = viewer.key.channel in {None, channel.name}
    return here and action in MODE_ACTIONS[viewer.key.mode]


def _acts_in_full(viewer: Viewer) -> bool:
    is_full = viewer.key is None or viewer.key.is_unrestricted
    return is_full and not viewer.publishes_to


def _role_table() -> str:
    person = Viewer(user_id=1, login="somebody")
    columns = {str(role): (person, role) for role in Role} | {"anonymous": (ANONYMOUS, None)}

    def row(label: str, action: Action, *, is_public: bool) -> list[str]:
        channel = {role: ChannelAccess("a", is_public, role) for _, role in columns.values()}
        cells = (may(viewer, action, channel[role]) for viewer, role in columns.values())
        return [label, *map(_yes_or_no, cells)]

    rows = [row(f"{Action.READ}, public channel", Action.READ, is_public=True)]
    rows.append(row(f"{Action.READ}, private channel", Action.READ, is_public=False))
    rows += [row(action, action, is_public=True) for action in Action if action is not Action.READ]
    return _markdown(["action", *columns], rows)


def _mode_table() -> str:
    channel = ChannelAccess("a", is_public=False, role=Role.OWNER)
    owners = [Viewer(1, "owner", key=KeyScope("key", mode)) for mode in AccessMode]
    rows = [
        [action, *(_yes_or_no(may(owner, action, channel)) for owner in owners)]
        for action in Action
    ]
    return _markdown(["an owner's key may", *(mode.name for mode in AccessMode)], rows)


def _yes_or_no(allowed: bool) -> str:  # noqa: FBT001 - a cell of the table
    return "yes" if allowed else "no"


def _markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
