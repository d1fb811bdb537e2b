"""Who there is, and where a viewer may do what: lists for those who choose among them."""

from graphrepo.access.logins import check_login
from graphrepo.access.policy import (
    MODE_ACTIONS,
    ROLE_ACTIONS,
    Action,
    Role,
    may,
    may_administer_server,
    may_manage_account,
)
from graphrepo.access.viewer import AccessMode, Viewer
from graphrepo.errors import InvalidInputError
from graphrepo.model.database import Database, rows
from graphrepo.registry.account_rows import USER_COLUMNS, user_view
from graphrepo.registry.channel_lists import first_owners, list_channels, memberships
from graphrepo.registry.filters import Where, order_by, window_values
from graphrepo.registry.gate import access_to, find_channel, viewer_values
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.views import ChannelView, Page, UserView, page_of

MAX_OWNERS = 500
"""Owners listed at most; more are found with a filter on their name."""


class Directory:
    """Answers who there is and what the viewer may do where."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def may(self, viewer: Viewer, action: Action, channel: str) -> bool:
        """Return whether the viewer may do this to a channel; not to one that is not there."""
        return await self._database.read(_may, viewer, action, channel)

    async def users(self, viewer: Viewer, query: ListQuery) -> Page[UserView]:
        """Return the users that the viewer is shown.

        Administrators are shown everybody; others themselves and those who are members of a
        channel with them; strangers nobody.

        Fields: ``login``, ``isAdmin``, ``isDisabled``; orders: ``login``, ``createdAt``.
        """
        return await self._database.read(_users, viewer, query)

    async def owners(self, viewer: Viewer) -> tuple[UserView, ...]:
        """Return the first owners of the channels that the viewer may read, by login.

        At most ``MAX_OWNERS``.
        """
        return await self._database.read(_owners, viewer)

    async def is_free(self, login: str) -> bool:
        """Return whether a new user could have this login."""
        try:
            check_login(login)
        except InvalidInputError:
            return False
        return not await self._database.read(rows, _TAKEN, login=login)

    async def key_candidates(
        self, viewer: Viewer, mode: AccessMode, query: ListQuery
    ) -> Page[ChannelView]:
        """Return the channels that a key of this mode could be made for and lose nothing.

        Those are the channels where the viewer's role allows all that the mode does; none for
        a viewer who may make no keys. Fields and orders are those of ``Channels.page``.
        """
        return await self._database.read(_key_candidates, viewer, mode, query)


def _may(viewer: Viewer, action: Action, name: str) -> bool:
    channel = find_channel(viewer, name)
    return channel is not None and may(viewer, action, access_to(channel))


def _users(viewer: Viewer, query: ListQuery) -> Page[UserView]:
    where = Where(_FIELDS)
    shown = "1 = 1" if may_administer_server(viewer) else _SHOWN
    condition = f"{shown} AND {where.condition(query.where)}"
    values = viewer_values(viewer) | where.values
    total = rows(f"SELECT count(*) FROM account u WHERE {condition}", **values)[0][0]
    found = rows(
        f"""SELECT {USER_COLUMNS} FROM account u WHERE {condition}
            ORDER BY {order_by(query.order, _ORDERS, "u.login")} LIMIT $limit OFFSET $offset""",
        **values,
        **window_values(query.window),
    )
    return page_of(tuple(map(user_view, found)), query.window, total)


def _owners(viewer: Viewer) -> tuple[UserView, ...]:
    sql = f"""SELECT {USER_COLUMNS} FROM account u WHERE u.login IN ({first_owners(viewer)})
        ORDER BY u.login LIMIT $limit"""
    return tuple(map(user_view, rows(sql, **viewer_values(viewer), limit=MAX_OWNERS)))


def _key_candidates(viewer: Viewer, mode: AccessMode, query: ListQuery) -> Page[ChannelView]:
    if viewer.user_id is None or not may_manage_account(viewer):
        return page_of((), query.window, 0)
    if viewer.is_admin:  # acts as an owner everywhere
        return list_channels(viewer, query)
    roles = tuple(role for role in Role if ROLE_ACTIONS[role] >= MODE_ACTIONS[mode])
    return memberships(viewer, (viewer.user_id,), roles, query)[viewer.user_id]


_FIELDS = {"login": "u.login", "isAdmin": "u.is_admin", "isDisabled": "u.is_disabled"}
_ORDERS = {"login": "u.login", "createdAt": "u.created_at"}
_TAKEN = "SELECT 1 FROM account WHERE login = $login"
_SHOWN = """(u.id = $user_id OR EXISTS (
      SELECT 1 FROM member own JOIN member other ON other.channel_id = own.channel_id
      JOIN channel c ON c.id = own.channel_id
      WHERE own.user_id = $user_id AND other.user_id = u.id
        AND ($key_channel IS NULL OR c.name = $key_channel)))"""
