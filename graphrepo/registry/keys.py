"""API keys: made once, shown once, limited, revoked."""

from graphrepo.access.policy import Action, may_manage_account
from graphrepo.access.tokens import new_token, token_digest
from graphrepo.access.viewer import SYSTEM, Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
)
from graphrepo.model.database import Database, rows
from graphrepo.model.entities import ApiKey, Channel, User
from graphrepo.model.one import named
from graphrepo.registry.changes import record_event
from graphrepo.registry.gate import admit
from graphrepo.registry.key_rows import KEY_COLUMNS, key_view
from graphrepo.registry.requests import NewApiKey
from graphrepo.registry.views import ApiKeyView

_MAX_NAME = 100


class Keys:
    """The API keys of a user."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep what the use cases need."""
        self._database = database
        self._clock = clock

    async def create(
        self, viewer: Viewer, new: NewApiKey, *, owner: str | None = None
    ) -> tuple[ApiKeyView, str]:
        """Return the new key and its token, which nobody can read again.

        ``owner`` names another user; only the operator may give one.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: a limited key may not make keys, or the channel is not the user's.
            ConflictError: the user has a key of this name.
            InvalidInputError: the name is empty or too long, or the expiry has passed.
        """
        now = milliseconds(self._clock())
        _check_new(new, now)
        return await self._database.transact(_create, viewer, new, owner, now)

    async def list(self, viewer: Viewer) -> tuple[ApiKeyView, ...]:
        """Return the viewer's keys, newest first, revoked ones among them."""
        if not may_manage_account(viewer):
            return ()
        found = await self._database.read(rows, _LIST, user_id=viewer.user_id)
        return tuple(map(key_view, found))

    async def revoke(self, viewer: Viewer, name: str) -> ApiKeyView:
        """End a key at once and keep its record.

        Raises:
            NotFoundError: the viewer has no key of this name.
        """
        return await self._database.transact(_revoke, viewer, name, milliseconds(self._clock()))

    async def delete(self, viewer: Viewer, name: str) -> None:
        """End a key at once and forget it.

        Raises:
            NotFoundError: the viewer has no key of this name.
        """
        await self._database.transact(_delete, viewer, name, milliseconds(self._clock()))


def _check_new(new: NewApiKey, now: int) -> None:
    if not 0 < len(new.name.strip()) <= _MAX_NAME:
        raise InvalidInputError(f"Give the key a name of 1 to {_MAX_NAME} characters.")
    if new.expires_at is not None and milliseconds(new.expires_at) <= now:
        raise InvalidInputError("The key would be expired already; choose a later expiry.")


def _create(viewer: Viewer, new: NewApiKey, owner: str | None, now: int) -> tuple[ApiKeyView, str]:
    user = _key_owner(viewer, owner)
    name = new.name.strip()
    if named(ApiKey, user=user, name=name) is not None:
        raise ConflictError(f"{user.login} has a key named {name} already; choose another name.")
    token = new_token()
    ApiKey(
        user=user,
        name=name,
        description=new.description or None,
        digest=token_digest(token),
        mode=new.mode.value,
        channel=_key_channel(user, new.channel),
        created_at=now,
        expires_at=milliseconds(new.expires_at) if new.expires_at else None,
    )
    record_event(viewer, "create_key", now, login=user.login, key=name, mode=new.mode.value)
    return _view(user, name), token


def _key_owner(viewer: Viewer, owner: str | None) -> User:
    if viewer == SYSTEM and owner is not None:
        found = named(User, login=owner)
        if found is None:
            raise NotFoundError(f"There is no user {owner}.")
        return found
    return _account(viewer)


def _account(viewer: Viewer) -> User:
    if viewer.is_anonymous:
        raise NotAuthenticatedError("Sign in to manage your API keys.")
    user = User.get(id=viewer.user_id) if may_manage_account(viewer) else None
    if user is None:
        raise ForbiddenError("This API key may not manage keys; sign in, or use a key of mode all.")
    return user


def _key_channel(user: User, name: str | None) -> Channel | None:
    if name is None:
        return None
    owner = Viewer(user.id, user.login, is_admin=user.is_admin)
    return Channel[admit(owner, Action.READ, name).id]


def _own_key(viewer: Viewer, name: str) -> ApiKey:
    key = named(ApiKey, user=_account(viewer), name=name)
    if key is None:
        raise NotFoundError(f"You have no API key named {name}.")
    return key


def _revoke(viewer: Viewer, name: str, now: int) -> ApiKeyView:
    key = _own_key(viewer, name)
    key.revoked_at = key.revoked_at or now
    record_event(viewer, "revoke_key", now, key=name)
    return _view(key.user, name)


def _delete(viewer: Viewer, name: str, now: int) -> None:
    _own_key(viewer, name).delete()
    record_event(viewer, "delete_key", now, key=name)


def _view(user: User, name: str) -> ApiKeyView:
    return key_view(rows(_ONE, user_id=user.id, name=name)[0])


_SELECT = f"""
    SELECT {KEY_COLUMNS} FROM api_key k LEFT JOIN channel c ON c.id = k.channel_id
    WHERE k.user_id = $user_id
"""
_LIST = f"{_SELECT} ORDER BY k.created_at DESC, k.id DESC"
_ONE = f"{_SELECT} AND k.name = $name"
