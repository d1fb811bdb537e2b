"""Members: who belongs to a channel, and as what."""

from collections.abc import Iterable

from graphrepo.access.policy import Action, Role
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import LastOwnerError, NotFoundError
from graphrepo.model.database import Database, Row, rows
from graphrepo.model.entities import Channel, Member, User
from graphrepo.model.many import rows_of_ids
from graphrepo.model.one import named
from graphrepo.registry.changes import record_event
from graphrepo.registry.channel_lists import owner_logins
from graphrepo.registry.gate import admit, viewer_values
from graphrepo.registry.views import ChannelView, MemberView, moment


class Members:
    """The members of channels."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep what the use cases need."""
        self._database = database
        self._clock = clock

    async def list(self, viewer: Viewer, channel: str) -> tuple[MemberView, ...]:
        """Return a channel's members, owners first; members alone are shown them.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not read the channel.
        """
        return await self._database.read(_list, viewer, channel)

    async def by_channel(
        self, viewer: Viewer, ids: Iterable[int]
    ) -> dict[int, tuple[MemberView, ...]]:
        """Return the members, owners first, of those channels that the viewer belongs to."""
        return await self._database.read(_by_channel, viewer, tuple(ids))

    async def add(self, viewer: Viewer, channel: str, login: str, role: Role) -> MemberView:
        """Add a member, or give a present one another role.

        Raises:
            NotFoundError: there is no such user.
            LastOwnerError: the change would leave the channel without an owner.
        """
        now = milliseconds(self._clock())
        return await self._database.transact_in(channel, _add, viewer, channel, login, role, now)

    async def remove(self, viewer: Viewer, channel: str, login: str) -> None:
        """Remove a member; members may remove themselves.

        Raises:
            NotFoundError: the user is no member.
            LastOwnerError: the user is the only owner.
        """
        now = milliseconds(self._clock())
        await self._database.transact_in(channel, _remove, viewer, channel, login, now)

    async def transfer(self, viewer: Viewer, channel: str, login: str) -> ChannelView:
        """Put a user in the place of the channel's first owner, who stays as a contributor.

        Other owners stay owners. Returns the channel as the viewer sees it afterwards.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not transfer the channel.
            NotFoundError: there is no such user.
        """
        now = milliseconds(self._clock())
        return await self._database.transact_in(channel, _transfer, viewer, channel, login, now)


def _list(viewer: Viewer, name: str) -> tuple[MemberView, ...]:
    channel = admit(viewer, Action.READ, name)
    return _by_channel(viewer, (channel.id,)).get(channel.id, ())


def _by_channel(viewer: Viewer, ids: tuple[int, ...]) -> dict[int, tuple[MemberView, ...]]:
    found: dict[int, list[MemberView]] = {}
    values = viewer_values(viewer) | {"sees_all": viewer.is_admin}
    for row in rows_of_ids(_MEMBERS, ids, **values):
        found.setdefault(row[0], []).append(_view(row))
    return {ident: tuple(members) for ident, members in found.items()}


def _view(row: Row) -> MemberView:
    _ident, channel, login, role, created = row
    return MemberView(channel, login, Role(role), moment(created))


def _add(viewer: Viewer, name: str, login: str, role: Role, now: int) -> MemberView:
    channel = Channel[admit(viewer, Action.MANAGE, name).id]
    user = _user(login)
    member = Member.get(channel=channel, user=user)
    if member is None:
        member = Member(channel=channel, user=user, role=role.value, created_at=now)
    else:
        if role is not Role.OWNER:
            _keep_an_owner(channel, member)
        member.role = role.value
    record_event(viewer, "set_member", now, channel, login=login, role=role.value)
    return MemberView(name, login, role, moment(member.created_at))


def _remove(viewer: Viewer, name: str, login: str, now: int) -> None:
    # Leaving needs no more than being there, but never through a key that may only read.
    leaving = viewer.login == login and viewer.key is None
    channel = Channel[admit(viewer, Action.READ if leaving else Action.MANAGE, name).id]
    user = named(User, login=login)
    member = Member.get(channel=channel, user=user) if user else None
    if member is None:
        raise NotFoundError(f"{login} is not a member of {name}.")
    _keep_an_owner(channel, member)
    member.delete()
    record_event(viewer, "remove_member", now, channel, login=login)


def _transfer(viewer: Viewer, name: str, login: str, now: int) -> ChannelView:
    channel = Channel[admit(viewer, Action.TRANSFER, name).id]
    user = _user(login)
    first = Member[channel, _user(owner_logins((channel.id,))[channel.id])]
    if first.user == user:
        return admit(viewer, Action.READ, name)
    member = Member.get(channel=channel, user=user) or Member(
        channel=channel, user=user, role=Role.OWNER.value, created_at=now
    )
    # The first owner is the one who has been a member for longest.
    member.set(role=Role.OWNER.value, created_at=first.created_at - 1)
    first.role = Role.CONTRIBUTOR.value
    record_event(viewer, "transfer_channel", now, channel, login=login, before=first.user.login)
    return admit(viewer, Action.READ, name)


def _user(login: str) -> User:
    user = named(User, login=login)
    if user is None:
        raise NotFoundError(f"There is no user {login}; an administrator can create one.")
    return user


def _keep_an_owner(channel: Channel, leaving: Member) -> None:
    if leaving.role != Role.OWNER.value:
        return
    owners = rows(
        "SELECT count(*) FROM member WHERE channel_id = $id AND role = $role",
        id=channel.id,
        role=Role.OWNER.value,
    )
    if owners[0][0] == 1:
        msg = f"{leaving.user.login} is the only owner of {channel.name}; make another owner first."
        raise LastOwnerError(msg)


_MEMBERS = """
    SELECT m.channel_id, c.name, u.login, m.role, m.created_at
    FROM member m JOIN account u ON u.id = m.user_id JOIN channel c ON c.id = m.channel_id
    WHERE m.channel_id IN ({ids})
      AND ($key_channel IS NULL OR c.name = $key_channel)
      AND ($sees_all OR EXISTS (SELECT 1 FROM member own
        WHERE own.channel_id = m.channel_id AND own.user_id = $user_id))
    ORDER BY m.channel_id, m.role <> 'owner', m.role <> 'contributor', m.created_at, u.login
"""
