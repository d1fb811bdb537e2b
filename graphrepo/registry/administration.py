"""Accounts in the hands of administrators, and one's own account in one's own."""

import asyncio

from graphrepo.access.logins import check_login
from graphrepo.access.passwords import Hasher, verify_password
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import WrongCredentialsError
from graphrepo.model.database import Database, rows
from graphrepo.registry.account_rows import change_user, insert_user
from graphrepo.registry.accounts import hashed
from graphrepo.registry.attempts import Attempts
from graphrepo.registry.changes import record_event
from graphrepo.registry.gate import admit_administrator, admit_to_account
from graphrepo.registry.guesses import Guesses
from graphrepo.registry.requests import UserChange
from graphrepo.registry.views import UserView


class Administration:
    """Changes of accounts, under the rights of whoever makes them."""

    def __init__(
        self, database: Database, clock: Clock, hasher: Hasher, attempts: Attempts, guesses: Guesses
    ) -> None:
        """Keep what the use cases need."""
        self._attempts = attempts
        self._guesses = guesses
        self._database = database
        self._clock = clock
        self._hasher = hasher

    async def create_user(
        self, viewer: Viewer, login: str, password: str | None, *, is_admin: bool = False
    ) -> UserView:
        """Create a user; without a password nobody can sign in as them yet.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer is no administrator, or uses a limited key.
            InvalidInputError: the login or the password breaks its grammar.
            ConflictError: the login is taken.
        """
        admit_administrator(viewer)
        check_login(login)
        hash_ = await self._hash(password)
        return await self._database.transact(
            insert_user, viewer, login, hash_, self._now(), is_admin=is_admin
        )

    async def update_user(self, viewer: Viewer, login: str, change: UserChange) -> UserView:
        """Change an account.

        A disabled one can do nothing: its sessions end, its keys are good again when it is
        enabled. A new password ends its sessions.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer is no administrator, or uses a limited key.
            InvalidInputError: the password is too short or too long.
            NotFoundError: there is no such user.
            LastAdministratorError: nobody could administer the server any more.
        """
        admit_administrator(viewer)
        hash_ = await self._hash(change.password)
        return await self._database.transact(change_user, viewer, login, change, hash_, self._now())

    async def change_password(self, viewer: Viewer, current: str, new: str) -> None:
        """Give one's own account another password; all its other sessions end.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: a limited key may not do this.
            WrongCredentialsError: ``current`` is not the present password.
            TooManyAttemptsError: it was not so too often.
            InvalidInputError: the new password is too short or too long.
        """
        user_id = admit_to_account(viewer)
        async with self._guesses.told(viewer, "fail_change_password", viewer.login):
            with self._attempts.own_password(viewer.login):
                await self._check_present(user_id, current)
        hash_ = await hashed(new, self._hasher)
        await self._database.transact(_set_password, viewer, user_id, hash_, self._now())

    async def _check_present(self, user_id: int, password: str) -> None:
        found = await self._database.read(rows, _HASH, id=user_id)
        stored: str | None = found[0][0] if found else None
        if not await asyncio.to_thread(verify_password, stored, password, self._hasher):
            raise WrongCredentialsError(
                "That is not your present password; an administrator can set a new one."
            )

    async def _hash(self, password: str | None) -> str | None:
        return None if password is None else await hashed(password, self._hasher)

    def _now(self) -> int:
        return milliseconds(self._clock())


def _set_password(viewer: Viewer, user_id: int, hash_: str, now: int) -> None:
    rows("UPDATE account SET password_hash = $hash WHERE id = $id", hash=hash_, id=user_id)
    kept = viewer.credential.digest if viewer.credential else b""
    rows("DELETE FROM session WHERE user_id = $id AND digest <> $kept", id=user_id, kept=kept)
    record_event(viewer, "change_password", now, login=viewer.login)


_HASH = "SELECT password_hash FROM account WHERE id = $id"
