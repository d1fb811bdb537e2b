"""In whose name a job goes on: the rights of whoever started it, as they are now."""

from graphrepo.access.viewer import AccessMode, KeyScope, Viewer
from graphrepo.errors import ForbiddenError
from graphrepo.model.database import rows
from graphrepo.registry.job_views import JobKind, Turn


def starter_of(turn: Turn, now: int) -> Viewer:
    """Return the viewer who started the job, with the rights of this moment (ms).

    Raises:
        ForbiddenError: the account is disabled, or the API key is no longer good.
    """
    if turn.user_id is None:
        # No account, so no rights of its own. But a twin belongs to an upload that was allowed.
        twins = turn.kind is JobKind.TWINS
        return Viewer(None, turn.login, publishes_to=frozenset({turn.channel} if twins else ()))
    found = rows(_ACCOUNT, user_id=turn.user_id)
    if not found:
        raise ForbiddenError(f"The account {turn.login} was disabled; nothing is done in its name.")
    login, is_admin = found[0]
    return Viewer(turn.user_id, login, is_admin=bool(is_admin), key=_key(turn, now))


def _key(turn: Turn, now: int) -> KeyScope | None:
    if turn.key_id is None:
        return None
    found = rows(_KEY, key_id=turn.key_id, user_id=turn.user_id, now=now)
    if not found:
        raise ForbiddenError("The API key that started this job is no longer good; start it again.")
    name, mode, channel = found[0]
    return KeyScope(name, AccessMode(mode), channel)


_ACCOUNT = "SELECT login, is_admin FROM account WHERE id = $user_id AND NOT is_disabled"
# A key bound to a channel dies with it: its row goes when the channel does.
_KEY = """
    SELECT k.name, k.mode, c.name FROM api_key k LEFT JOIN channel c ON c.id = k.channel_id
    WHERE k.id = $key_id AND k.user_id = $user_id AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > $now)
"""
