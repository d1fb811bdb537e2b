"""Browsers that have signed in to one's own account, and the end of their sessions."""

from dataclasses import dataclass
from datetime import datetime

from graphrepo.access.policy import may_manage_account
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import NotFoundError
from graphrepo.model.database import Database, rows
from graphrepo.model.entities import User
from graphrepo.model.one import named
from graphrepo.registry.changes import record_event
from graphrepo.registry.gate import admit_administrator, admit_to_account
from graphrepo.registry.views import moment, moment_or_none

_SHOWN = 16  # letters of a digest that name a session; no cookie can be made of them


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session; ``is_current`` is true of the one that asks.

    ``user_agent`` is the browser as it named itself at sign-in.
    """

    id: str
    created_at: datetime
    expires_at: datetime
    user_agent: str | None
    last_used_at: datetime | None
    is_current: bool


class Sessions:
    """The sessions of the viewer's own account, and the end of everybody's."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep what the use cases need."""
        self._database = database
        self._clock = clock

    async def list(self, viewer: Viewer) -> tuple[SessionView, ...]:
        """Return those that are good, newest first; none for a viewer who may not end them."""
        if not may_manage_account(viewer):
            return ()
        return await self._database.read(_list, viewer, milliseconds(self._clock()))

    async def end(self, viewer: Viewer, ident: str) -> None:
        """End a session at once.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: a limited key may not do this.
            NotFoundError: the viewer has no such session.
        """
        user_id = admit_to_account(viewer)
        await self._database.transact(_end, viewer, user_id, ident, milliseconds(self._clock()))

    async def end_others(self, viewer: Viewer) -> int:
        """End all sessions but the one that asks; how many there were.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: a limited key may not do this.
        """
        user_id = admit_to_account(viewer)
        return await self._database.transact(
            _end_others, viewer, user_id, milliseconds(self._clock())
        )

    async def end_all(self, viewer: Viewer, login: str) -> int:
        """End all sessions of a user; how many were good.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer is no administrator, or uses a limited key.
            NotFoundError: there is no such user.
        """
        admit_administrator(viewer)
        return await self._database.transact(_end_all, viewer, login, milliseconds(self._clock()))


def _list(viewer: Viewer, now: int) -> tuple[SessionView, ...]:
    shown = _digest(viewer)
    return tuple(
        SessionView(
            id=_name(digest),
            created_at=moment(created),
            expires_at=moment(expires),
            user_agent=agent,
            last_used_at=moment_or_none(used),
            is_current=bytes(digest) == shown,
        )
        for digest, created, expires, agent, used in rows(_GOOD, user_id=viewer.user_id, now=now)
    )


def _end(viewer: Viewer, user_id: int, ident: str, now: int) -> None:
    found = [row[0] for row in rows(_GOOD, user_id=user_id, now=now) if _name(row[0]) == ident]
    if not found:
        raise NotFoundError("You have no such session; it may have ended already.")
    rows("DELETE FROM session WHERE digest = $digest", digest=found[0])
    record_event(viewer, "end_session", now, login=viewer.login)


def _end_others(viewer: Viewer, user_id: int, now: int) -> int:
    others = [row[0] for row in rows(_GOOD, user_id=user_id, now=now)]
    others = [digest for digest in others if bytes(digest) != _digest(viewer)]
    for digest in others:
        rows("DELETE FROM session WHERE digest = $digest", digest=digest)
    record_event(viewer, "end_other_sessions", now, login=viewer.login)
    return len(others)


def _end_all(viewer: Viewer, login: str, now: int) -> int:
    user = named(User, login=login)
    if user is None:
        raise NotFoundError(f"There is no user {login}.")
    ended = len(rows(_GOOD, user_id=user.id, now=now))
    rows("DELETE FROM session WHERE user_id = $user_id", user_id=user.id)
    record_event(viewer, "end_sessions", now, login=login)
    return ended


def _digest(viewer: Viewer) -> bytes:
    return viewer.credential.digest if viewer.credential else b""


def _name(digest: bytes) -> str:
    return bytes(digest).hex()[:_SHOWN]


_GOOD = """
    SELECT digest, created_at, expires_at, agent, last_used_at FROM session
    WHERE user_id = $user_id AND expires_at > $now ORDER BY created_at DESC, digest
"""
