"""Users, their sessions, and the first administrator."""

import asyncio
import hmac
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from graphrepo.access.logins import check_login
from graphrepo.access.passwords import (
    Hasher,
    check_password_strength,
    hash_password,
    verify_password,
)
from graphrepo.access.tokens import is_plausible, new_token, token_digest
from graphrepo.access.viewer import ANONYMOUS, SYSTEM, Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import (
    SetupClosedError,
    StorageFullError,
    UnavailableError,
    WrongCredentialsError,
)
from graphrepo.model.database import Database, rows
from graphrepo.model.entities import Session, Setting, User
from graphrepo.model.many import rows_of_ids
from graphrepo.registry.account_rows import USER_COLUMNS, insert_user, user_view
from graphrepo.registry.attempts import Attempts
from graphrepo.registry.guesses import Guesses
from graphrepo.registry.key_rows import (
    Bearer,
    key_bearer,
    session_bearer,
    touch_key,
    touch_session,
)
from graphrepo.registry.recollection import Recollection
from graphrepo.registry.standing import viewer_by_now
from graphrepo.registry.views import UserView

SESSION_LIFETIME = timedelta(days=30)
_SETUP = "setup_token_digest"
_USED_RESOLUTION = 60_000  # ms: the last use of a credential is written at most this often
_LONGEST_AGENT = 200  # letters of what a browser calls itself


class Accounts:
    """Who there is, and who is asking."""

    def __init__(
        self, database: Database, clock: Clock, hasher: Hasher, attempts: Attempts, guesses: Guesses
    ) -> None:
        """Keep what the use cases need."""
        self._attempts = attempts
        self._guesses = guesses
        self._database = database
        self._clock = clock
        self._hasher = hasher
        self._bearers: Recollection[Bearer] = Recollection(database)

    async def has_users(self) -> bool:
        """Return whether anybody exists, which closes the first set-up."""
        return await self._database.read(_has_users)

    async def create_user(
        self, login: str, password: str | None, *, is_admin: bool = False
    ) -> UserView:
        """Create a user in the operator's name; without a password only API keys act for them.

        Raises:
            InvalidInputError: the login or the password breaks its grammar.
            ConflictError: the login is taken.
        """
        check_login(login)
        hash_ = None if password is None else await hashed(password, self._hasher)
        return await self._database.transact(
            insert_user, SYSTEM, login, hash_, self._now(), is_admin=is_admin
        )

    async def open_setup(self) -> str | None:
        """Return a fresh one-time token for the first set-up, or none when users exist.

        Asking again replaces the token that was given before.
        """
        return await self._database.transact(_open_setup)

    async def complete_setup(
        self, token: str, login: str, password: str, address: str = ""
    ) -> UserView:
        """Create the first administrator with the one-time token, sent from an address.

        Raises:
            TooManyAttemptsError: too many wrong ones came from there.
            SetupClosedError: a user exists, or the token is not the one that was printed.
            InvalidInputError: the login or the password breaks its grammar.
        """
        check_login(login)
        async with self._guesses.told(ANONYMOUS.at(address), "fail_set_up"):
            with self._attempts.set_up(address):
                await self._database.read(_check_setup, token)
        hash_ = await hashed(password, self._hasher)
        operator = SYSTEM.at(address)
        return await self._database.transact(
            _complete_setup, operator, token, login, hash_, self._now()
        )

    async def login(
        self, login: str, password: str, address: str = "", agent: str = ""
    ) -> tuple[str, Viewer]:
        """Return a new session's secret, for the cookie, and who it stands for.

        ``agent`` is the browser as it names itself, for people to recognise the session by.

        Raises:
            WrongCredentialsError: unknown login, wrong password or disabled user, alike.
            TooManyAttemptsError: so it was too often, for this login or from this address.
        """
        async with self._guesses.told(ANONYMOUS.at(address), "fail_sign_in", login):
            with self._attempts.sign_in(login, address):
                viewer = await self._proven(login, password)
        secret = await self._database.transact_beside(_open_session, viewer, agent, self._now())
        return secret, viewer

    async def _proven(self, login: str, password: str) -> Viewer:
        viewer, hash_ = await self._database.read(_credentials, login)
        matches = await asyncio.to_thread(verify_password, hash_, password, self._hasher)
        if viewer.is_anonymous or not matches:
            raise WrongCredentialsError("Login and password do not belong together; try again.")
        return viewer

    async def logout(self, secret: str) -> None:
        """End a session; an unknown one is ended already."""
        await self._database.transact_beside(_close_session, token_digest(secret))

    async def viewer_of_session(self, secret: str, asked: object = None) -> Viewer:
        """Return who a session cookie stands for; ``ANONYMOUS`` if it is not good (any more).

        ``asked``: see ``Recollection.of``.
        """
        if not is_plausible(secret):
            return ANONYMOUS
        digest = token_digest(secret)
        bearer = await self._bearers.of(
            digest, lambda: self._database.glance(session_bearer, digest), asked
        )
        return await self._used(bearer, partial(touch_session, digest))

    async def viewer_of_token(self, token: str, asked: object = None) -> Viewer:
        """Return who an API key stands for; ``ANONYMOUS`` if it is not good (any more).

        ``asked``: see ``Recollection.of``.
        """
        if not is_plausible(token):
            return ANONYMOUS
        digest = token_digest(token)
        bearer = await self._bearers.of(
            digest, lambda: self._database.glance(key_bearer, digest), asked
        )
        return await self._used(bearer, partial(touch_key, digest))

    async def _used(self, bearer: Bearer, touch: Callable[[int], None]) -> Viewer:
        """Return who a credential stands for; ``touch`` writes down that it was used by now."""
        now = self._now()
        viewer = bearer.viewer_at(now)
        if not viewer.is_anonymous and now - (bearer.used_at or 0) >= _USED_RESOLUTION:
            # Who only reads is not refused because nothing can be written at the moment.
            with suppress(StorageFullError, UnavailableError):
                await self._database.transact_beside(touch, now)
        return viewer

    async def viewer_by_now(self, viewer: Viewer) -> Viewer:
        """Return who a viewer is by now; ``ANONYMOUS`` if their credential is good no more."""
        return await self._database.read(viewer_by_now, viewer, self._now())

    async def user(self, login: str) -> UserView | None:
        """Return a user by login."""
        found = await self._database.read(
            rows, f"SELECT {USER_COLUMNS} FROM account u WHERE u.login = $login", login=login
        )
        return user_view(found[0]) if found else None

    async def users_by_id(self, ids: Iterable[int]) -> dict[int, UserView]:
        """Return the users of these ids that exist."""
        found = await self._database.read(
            rows_of_ids, f"SELECT {USER_COLUMNS} FROM account u WHERE u.id IN ({{ids}})", ids
        )
        return {row[0]: user_view(row) for row in found}

    async def users_by_login(self, logins: Iterable[str]) -> dict[str, UserView]:
        """Return the users of these logins that exist."""
        named = {f"login{place}": login for place, login in enumerate(logins)}
        listed = ", ".join(f"${name}" for name in named) or "NULL"
        sql = f"SELECT {USER_COLUMNS} FROM account u WHERE u.login IN ({listed})"
        return {row[1]: user_view(row) for row in await self._database.read(rows, sql, **named)}

    def _now(self) -> int:
        return milliseconds(self._clock())


async def hashed(password: str, hasher: Hasher) -> str:
    """Return the hash of a new password, made on a thread.

    Raises:
        InvalidInputError: it is too short or too long.
    """
    check_password_strength(password)
    return await asyncio.to_thread(hash_password, password, hasher)


def _has_users() -> bool:
    return bool(rows("SELECT 1 FROM account LIMIT 1"))


def _open_setup() -> str | None:
    if _has_users():
        return None
    token = new_token()
    digest = token_digest(token).hex()
    setting = Setting.get(name=_SETUP)
    if setting is None:
        Setting(name=_SETUP, value=digest)
    else:
        setting.value = digest
    return token


def _check_setup(token: str) -> None:
    setting = Setting.get(name=_SETUP)
    expected = setting.value if setting else ""
    if _has_users() or not hmac.compare_digest(expected, token_digest(token).hex()):
        msg = "This set-up link is used up; sign in, or ask an administrator for an account."
        raise SetupClosedError(msg)


def _complete_setup(operator: Viewer, token: str, login: str, hash_: str, now: int) -> UserView:
    _check_setup(token)
    rows("DELETE FROM setting WHERE name = $name", name=_SETUP)
    return insert_user(operator, login, hash_, now, is_admin=True)


def _credentials(login: str) -> tuple[Viewer, str | None]:
    found = rows(_CREDENTIALS, login=login)
    if not found:
        return ANONYMOUS, None
    ident, is_admin, hash_ = found[0]
    return Viewer(ident, login, is_admin=bool(is_admin), by_cookie=True), hash_


def _open_session(viewer: Viewer, agent: str, now: int) -> str:
    rows("DELETE FROM session WHERE expires_at <= $now", now=now)
    secret = new_token()
    expires = now + int(SESSION_LIFETIME.total_seconds() * 1000)
    user = User[viewer.user_id]
    shown = "".join(filter(str.isprintable, agent)).strip()[:_LONGEST_AGENT]
    Session(
        digest=token_digest(secret),
        user=user,
        created_at=now,
        expires_at=expires,
        agent=shown or None,
        last_used_at=now,
    )
    return secret


def _close_session(digest: bytes) -> None:
    rows("DELETE FROM session WHERE digest = $digest", digest=digest)


_CREDENTIALS = """
    SELECT id, is_admin, password_hash FROM account WHERE login = $login AND NOT is_disabled
"""
