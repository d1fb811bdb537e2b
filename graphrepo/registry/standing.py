"""Who somebody is by now, for what outlasts the request that they made."""

from graphrepo.access.viewer import Viewer
from graphrepo.registry.key_rows import key_bearer, session_bearer


def viewer_by_now(viewer: Viewer, now: int) -> Viewer:
    """Return who the viewer's credential stands for at ``now`` (ms); inside a session.

    ``ANONYMOUS`` if it is good no more. Who showed none, like the operator, stays who they are.
    """
    shown = viewer.credential
    if shown is None:
        return viewer
    bearer = session_bearer(shown.digest) if shown.is_session else key_bearer(shown.digest)
    return bearer.viewer_at(now).at(viewer.address)
