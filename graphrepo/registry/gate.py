"""The one place that asks the policy.

Every use case that touches a channel passes here, inside its own session, so the answer is
the same at every door and as fresh as the transaction. A private channel that the viewer may
not read and a channel that does not exist give the same failure, word for word.
"""

from dataclasses import replace

from graphrepo.access.policy import (
    MODE_ACTIONS,
    ROLE_ACTIONS,
    Action,
    ChannelAccess,
    Role,
    may,
    may_administer_server,
    may_manage_account,
)
from graphrepo.access.viewer import Viewer
from graphrepo.errors import ForbiddenError, GraphrepoError, NotAuthenticatedError
from graphrepo.model.database import rows
from graphrepo.registry.channel_rows import CHANNEL_COLUMNS, channel_view, channel_views
from graphrepo.registry.views import ChannelView

_FIND = f"""
    SELECT {CHANNEL_COLUMNS}
    FROM channel c LEFT JOIN member m ON m.channel_id = c.id AND m.user_id = $user_id
    WHERE c.name = $name
"""

_VERBS = {
    Action.READ: "read it",
    Action.UPLOAD: "upload to it",
    Action.YANK: "yank its files",
    Action.DELETE: "delete or replace its files",
    Action.MANAGE: "manage it",
    Action.TRANSFER: "transfer or delete it",
}


def find_channel(viewer: Viewer, name: str) -> ChannelView | None:
    """Return the channel if it exists and the viewer may read it; inside a session."""
    channel = _channel(viewer, name)
    if channel is None or not may(viewer, Action.READ, access_to(channel)):
        return None
    return channel


def admit(viewer: Viewer, action: Action, name: str) -> ChannelView:
    """Return the channel if the viewer may do this to it; inside a session.

    Raises:
        NotAuthenticatedError: nobody is signed in, and more than that is not said.
        ForbiddenError: the viewer may not, or the channel does not exist.
    """
    return admit_to(viewer, action, name, _channel(viewer, name))


def admit_to(viewer: Viewer, action: Action, name: str, channel: ChannelView | None) -> ChannelView:
    """Decide as ``admit`` does about a channel that was read already, or not found."""
    if channel is not None and may(viewer, action, access_to(channel)):
        return channel
    raise _refusal(viewer, action, name, channel)


def access_to(channel: ChannelView) -> ChannelAccess:
    """Return the channel as the policy sees it."""
    return ChannelAccess(channel.name, channel.is_public, channel.role)


def admit_administrator(viewer: Viewer) -> None:
    """Let administrators of the server pass.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: the viewer is no administrator, or uses a limited key.
    """
    if viewer.is_anonymous:
        raise NotAuthenticatedError("Sign in as an administrator, or send a key of one.")
    if not may_administer_server(viewer):
        raise ForbiddenError("Only administrators may do this, and not through a limited key.")


def admit_to_account(viewer: Viewer) -> int:
    """Return the id of the viewer's own account, if they may change it.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: the viewer has no account, or uses a limited key.
    """
    if viewer.is_anonymous:
        raise NotAuthenticatedError("Sign in to manage your account.")
    if viewer.user_id is None or not may_manage_account(viewer):
        msg = "This API key may not manage the account; sign in, or use a key of mode all."
        raise ForbiddenError(msg)
    return viewer.user_id


def readable(viewer: Viewer) -> str:
    """Return a SQL condition on ``channel c`` and the viewer's own ``member m``.

    It says the same as ``may(viewer, READ, …)``, for queries over many channels. The statement
    must join ``member m`` for ``$user_id`` and pass ``$key_channel``.
    """
    if viewer.is_anonymous:
        return "c.is_public"
    return f"(c.is_public OR {permitted(viewer, Action.READ)})"


def permitted(viewer: Viewer, action: Action) -> str:
    """Return a condition like ``readable``: the viewer's own rights allow the action."""
    if viewer.is_anonymous or (viewer.key and action not in MODE_ACTIONS[viewer.key.mode]):
        return "(1 = 0)"
    within_key = "" if _key_channel(viewer) is None else " AND c.name = $key_channel"
    if viewer.is_admin:
        return f"(c.id IS NOT NULL{within_key})"
    roles = ", ".join(f"'{role.value}'" for role in Role if action in ROLE_ACTIONS[role])
    return f"(m.role IN ({roles}){within_key})"


def readable_ids(viewer: Viewer) -> str:
    """Return a SELECT of the ids of the channels that the viewer may read.

    For lists across channels: a condition ``channel_id IN (…)`` lets the database work on an
    index of the list alone. The statement must pass ``viewer_values``.
    """
    return f"""SELECT c.id FROM channel c
        LEFT JOIN member m ON m.channel_id = c.id AND m.user_id = $user_id
        WHERE {readable(viewer)}"""


def is_readable(viewer: Viewer, channel_id: str) -> str:
    """Return a condition, true where a column has the id of a channel that the viewer may read.

    It says the same as ``IN (readable_ids)``, for the few rows that another condition leaves.
    """
    return f"EXISTS ({readable_ids(viewer)} AND c.id = {channel_id})"


def may_upload_somewhere(viewer: Viewer) -> bool:
    """Return whether there is a channel that the viewer may upload to; inside a session."""
    sql = f"""SELECT {CHANNEL_COLUMNS} FROM channel c
        LEFT JOIN member m ON m.channel_id = c.id AND m.user_id = $user_id
        WHERE {readable(viewer)} AND ($is_admin OR m.role IS NOT NULL)"""
    found = channel_views(rows(sql, **viewer_values(viewer), is_admin=viewer.is_admin))
    return bool(viewer.publishes_to) or any(
        may(viewer, Action.UPLOAD, access_to(channel)) for channel in found
    )


def viewer_values(viewer: Viewer) -> dict[str, object]:
    """Return the statement parameters that ``readable`` needs."""
    return {"user_id": viewer.user_id, "key_channel": _key_channel(viewer)}


def _key_channel(viewer: Viewer) -> str | None:
    return viewer.key.channel if viewer.key else None


def _channel(viewer: Viewer, name: str) -> ChannelView | None:
    found = rows(_FIND, name=name, user_id=viewer.user_id)
    return channel_view(found[0]) if found else None


def _refusal(
    viewer: Viewer, action: Action, name: str, channel: ChannelView | None
) -> GraphrepoError:
    if viewer.is_anonymous:
        return NotAuthenticatedError("Sign in, or send a valid API key as a bearer token.")
    if channel is None or not may(viewer, Action.READ, access_to(channel)):
        return ForbiddenError(f"No channel {name}, or you are not a member of it.")
    verb = _VERBS[action]
    if viewer.key and may(replace(viewer, key=None), action, access_to(channel)):
        return ForbiddenError(
            f"The API key {viewer.key.name} may read {name} but not {verb}; "
            "create a key whose mode and channel allow it."
        )
    return ForbiddenError(
        f"{viewer.login} may read {name} but not {verb}; an owner of the channel can change that."
    )
