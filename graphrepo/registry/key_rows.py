"""Rows of API keys, publishers' tokens and sessions: who one stands for, how a key is shown."""

from dataclasses import dataclass

from graphrepo.access.viewer import ANONYMOUS, AccessMode, Credential, KeyScope, Viewer
from graphrepo.model.database import Row, rows
from graphrepo.registry.views import ApiKeyView, moment, moment_or_none

KEY_COLUMNS = (
    "k.name, k.description, k.mode, c.name, k.created_at, k.expires_at,"
    " k.last_used_at, k.revoked_at"
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a credential stands for, until when (ms, none for ever), and its last use (ms)."""

    viewer: Viewer
    expires_at: int | None = None
    used_at: int | None = None

    def viewer_at(self, now: int) -> Viewer:
        """Return who it stands for at a moment (ms)."""
        if self.expires_at is not None and self.expires_at <= now:
            return ANONYMOUS
        return self.viewer


NOBODY = Bearer(ANONYMOUS)


def key_bearer(digest: bytes) -> Bearer:
    """Return who the key or the publisher's token of this digest stands for; inside a session."""
    found = rows(_KEY_BEARER, digest=digest)
    if not found:
        return _publisher_bearer(digest)
    ident, login, is_admin, name, mode, channel, expires, used = found[0]
    scope = KeyScope(name, AccessMode(mode), channel)
    shown = Credential(digest)
    viewer = Viewer(ident, login, is_admin=bool(is_admin), key=scope, credential=shown)
    return Bearer(viewer, expires, used)


def _publisher_bearer(digest: bytes) -> Bearer:
    found = rows(_PUBLISHER_BEARER, digest=digest)
    if not found:
        return NOBODY
    login, expires = found[0][:2]
    channels = frozenset(channel for _, _, channel in found)
    viewer = Viewer(None, login, credential=Credential(digest), publishes_to=channels)
    # Its uses are not written down: it has no row that anybody is shown.
    return Bearer(viewer, expires, used_at=expires)


def session_bearer(digest: bytes) -> Bearer:
    """Return who the session of this digest stands for; inside a session of the database."""
    found = rows(_SESSION_BEARER, digest=digest)
    if not found:
        return NOBODY
    ident, login, is_admin, expires, used = found[0]
    shown = Credential(digest, is_session=True)
    viewer = Viewer(ident, login, is_admin=bool(is_admin), by_cookie=True, credential=shown)
    return Bearer(viewer, expires, used)


def touch_key(digest: bytes, now: int) -> None:
    """Remember that the key was used."""
    rows("UPDATE api_key SET last_used_at = $now WHERE digest = $digest", now=now, digest=digest)


def touch_session(digest: bytes, now: int) -> None:
    """Remember that the session was used."""
    rows("UPDATE session SET last_used_at = $now WHERE digest = $digest", now=now, digest=digest)


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
_KEY_BEARER = """
    SELECT u.id, u.login, u.is_admin, k.name, k.mode, c.name, k.expires_at, k.last_used_at
    FROM api_key k JOIN account u ON u.id = k.user_id LEFT JOIN channel c ON c.id = k.channel_id
    WHERE k.digest = $digest AND k.revoked_at IS NULL AND NOT u.is_disabled
"""
_PUBLISHER_BEARER = """
    SELECT t.login, t.expires_at, c.name FROM publisher_token t
    JOIN oidc_publisher p ON p.id = t.publisher_id JOIN channel c ON c.id = p.channel_id
    WHERE t.digest = $digest
"""
_SESSION_BEARER = """
    SELECT u.id, u.login, u.is_admin, s.expires_at, s.last_used_at
    FROM session s JOIN account u ON u.id = s.user_id
    WHERE s.digest = $digest AND NOT u.is_disabled
"""
