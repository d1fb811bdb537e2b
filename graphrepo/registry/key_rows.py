"""Rows of API keys: who a key stands for, and how it is shown."""

from graphrepo.access.viewer import ANONYMOUS, AccessMode, KeyScope, Viewer
from graphrepo.model.database import Row, rows
from graphrepo.registry.views import ApiKeyView, moment, moment_or_none

KEY_COLUMNS = (
    "k.name, k.description, k.mode, c.name, k.created_at, k.expires_at,"
    " k.last_used_at, k.revoked_at"
)


def key_viewer(digest: bytes, now: int) -> tuple[Viewer, int | None]:
    """Return who the key of this digest stands for at ``now``, and when it was last used (ms)."""
    found = rows(_KEY_VIEWER, digest=digest, now=now)
    if not found:
        return ANONYMOUS, None
    ident, login, is_admin, name, mode, channel, used = found[0]
    scope = KeyScope(name, AccessMode(mode), channel)
    return Viewer(ident, login, is_admin=bool(is_admin), key=scope), used


def touch_key(digest: bytes, now: int) -> None:
    """Remember that the key was used."""
    rows("UPDATE api_key SET last_used_at = $now WHERE digest = $digest", now=now, digest=digest)


def key_view(row: Row) -> ApiKeyView:
    """Return the view of a row of ``KEY_COLUMNS``."""
    name, description, mode, channel, created, expires, used, revoked = row
    return ApiKeyView(
        name=name,
        description=description,
        mode=AccessMode(mode),
        channel=channel,
        created_at=moment(created),
        expires_at=moment_or_none(expires),
        last_used_at=moment_or_none(used),
        revoked_at=moment_or_none(revoked),
    )


# A key bound to a channel dies with it: its row goes when the channel does.
_KEY_VIEWER = """
    SELECT u.id, u.login, u.is_admin, k.name, k.mode, c.name, k.last_used_at
    FROM api_key k JOIN account u ON u.id = k.user_id LEFT JOIN channel c ON c.id = k.channel_id
    WHERE k.digest = $digest AND k.revoked_at IS NULL AND NOT u.is_disabled
      AND (k.expires_at IS NULL OR k.expires_at > $now)
"""
