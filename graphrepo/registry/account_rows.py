"""Rows of accounts and their sessions: written and shown; inside a session of the database."""

from graphrepo.access.viewer import Viewer
from graphrepo.errors import ConflictError, LastAdministratorError, NotFoundError
from graphrepo.model.database import Row, rows
from graphrepo.model.entities import User
from graphrepo.model.one import named
from graphrepo.registry.changes import record_event
from graphrepo.registry.requests import UserChange
from graphrepo.registry.views import UserView, moment

USER_COLUMNS = "u.id, u.login, u.is_admin, u.is_disabled, u.created_at"


def user_view(row: Row) -> UserView:
    """Return the view of a row of ``USER_COLUMNS``."""
    ident, login, is_admin, is_disabled, created = row
    return UserView(
        id=ident,
        login=login,
        is_admin=bool(is_admin),
        is_disabled=bool(is_disabled),
        created_at=moment(created),
    )


def insert_user(
    viewer: Viewer, login: str, hashed: str | None, now: int, *, is_admin: bool
) -> UserView:
    """Create an account; ``viewer`` is who does it, for the audit log.

    Raises:
        ConflictError: the login is taken.
    """
    if named(User, login=login) is not None:
        raise ConflictError(f"There is a user {login} already; choose another login.")
    User(login=login, password_hash=hashed, is_admin=is_admin, created_at=now).flush()
    record_event(viewer, "create_user", now, login=login, is_admin=is_admin)
    return _view(login)


def change_user(
    viewer: Viewer, login: str, change: UserChange, hashed: str | None, now: int
) -> UserView:
    """Change an account; a new password and a disabled account end its sessions.

    Raises:
        NotFoundError: there is no such user.
        LastAdministratorError: nobody could administer the server any more.
    """
    user = named(User, login=login)
    if user is None:
        raise NotFoundError(f"There is no user {login}.")
    administered = user.is_admin and not user.is_disabled
    user.is_admin = user.is_admin if change.is_admin is None else change.is_admin
    user.is_disabled = user.is_disabled if change.is_disabled is None else change.is_disabled
    user.password_hash = user.password_hash if hashed is None else hashed
    user.flush()
    if administered and not rows(_ADMINISTRATORS):
        message = f"{login} is the only administrator; make somebody else one first."
        raise LastAdministratorError(message)
    if user.is_disabled or hashed is not None:
        rows("DELETE FROM session WHERE user_id = $id", id=user.id)
    record_event(
        viewer,
        "update_user",
        now,
        login=login,
        is_admin=change.is_admin,
        is_disabled=change.is_disabled,
        password=hashed is not None or None,
    )
    return _view(login)


def _view(login: str) -> UserView:
    return user_view(rows(_BY_LOGIN, login=login)[0])


_BY_LOGIN = f"SELECT {USER_COLUMNS} FROM account u WHERE u.login = $login"
_ADMINISTRATORS = "SELECT 1 FROM account WHERE is_admin AND NOT is_disabled LIMIT 1"
