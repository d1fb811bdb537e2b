"""Channels: created, changed, listed, deleted."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from graphrepo.access.policy import Action, Role, may_create_channels
from graphrepo.access.viewer import SYSTEM, Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.conda.names import check_channel_name
from graphrepo.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
)
from graphrepo.model.database import Database, rows
from graphrepo.model.entities import Channel, Member, Subdir, User
from graphrepo.model.one import named
from graphrepo.registry.changes import bump, record_event
from graphrepo.registry.channel_lists import (
    by_id,
    list_channels,
    memberships,
    owner_logins,
    sizes,
    subdirs,
)
from graphrepo.registry.channel_rows import settings_from_json, settings_to_json
from graphrepo.registry.doom import doom_channel
from graphrepo.registry.gate import admit, find_channel
from graphrepo.registry.requests import ChannelChange, ListQuery, NewChannel
from graphrepo.registry.views import ChannelSettings, ChannelView, Page, SubdirView

_MAX_DESCRIPTION = 10_000
_MAX_LOGO = 2_000
_MAX_MAX_AGE = 3600


class Channels:
    """The channels of this server."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep what the use cases need."""
        self._database = database
        self._clock = clock

    async def create(
        self, viewer: Viewer, new: NewChannel, *, owner: str | None = None
    ) -> ChannelView:
        """Create a channel that the viewer owns; the operator names another owner.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: a limited key may not create channels.
            InvalidChannelNameError: the name breaks CEP 26 or is reserved.
            ConflictError: the name is taken.
        """
        check_channel_name(new.name)
        _check_texts(new.description, new.logo)
        return await self._database.transact(_create, viewer, new, owner, self._now())

    async def update(self, viewer: Viewer, name: str, change: ChannelChange) -> ChannelView:
        """Change what the channel says of itself; needs the right to manage it."""
        _check_texts(change.description, change.logo)
        if change.max_age is not None and not 0 <= change.max_age <= _MAX_MAX_AGE:
            raise InvalidInputError(f"max_age is 0 to {_MAX_MAX_AGE} seconds.")
        return await self._database.transact(_update, viewer, name, change, self._now())

    async def delete(self, viewer: Viewer, name: str) -> None:
        """Delete a channel with all its files; needs the right to transfer it."""
        await self._database.transact(_delete, viewer, name, self._now())

    async def get(self, viewer: Viewer, name: str) -> ChannelView | None:
        """Return a channel, or none where it does not exist for this viewer."""
        return await self._database.read(find_channel, viewer, name)

    async def page(self, viewer: Viewer, query: ListQuery) -> Page[ChannelView]:
        """Return the channels that the viewer may read.

        Fields: ``name``, ``isPublic``, ``owner``, ``hasOwner``, ``hasMirror``; orders:
        ``name``, ``size``, ``createdAt``, ``packageCount``, ``owner``, ``namespace``.
        """
        return await self._database.read(list_channels, viewer, query)

    async def memberships(
        self, viewer: Viewer, user_ids: Iterable[int], roles: Sequence[Role], query: ListQuery
    ) -> dict[int, Page[ChannelView]]:
        """Return a page of each user's channels that the viewer may read, in one of the roles.

        No roles stand for all of them.
        """
        asked = (viewer, tuple(user_ids), tuple(roles), query)
        return await self._database.read(memberships, *asked)

    async def by_id(self, viewer: Viewer, ids: Iterable[int]) -> dict[int, ChannelView]:
        """Return those of these channels that the viewer may read."""
        return await self._database.read(by_id, viewer, tuple(ids))

    async def sizes(self, ids: Iterable[int]) -> dict[int, int]:
        """Return the bytes of each channel's live files."""
        return await self._database.read(sizes, tuple(ids))

    async def subdirs(self, ids: Iterable[int]) -> dict[int, tuple[SubdirView, ...]]:
        """Return each channel's subdirs in the order of their names, ``noarch`` always."""
        return await self._database.read(subdirs, tuple(ids))

    async def owners(self, ids: Iterable[int]) -> dict[int, str]:
        """Return the login of each channel's first owner."""
        return await self._database.read(owner_logins, tuple(ids))

    def _now(self) -> int:
        return milliseconds(self._clock())


def _check_texts(description: str | None, logo: str | None) -> None:
    if len(description or "") > _MAX_DESCRIPTION:
        raise InvalidInputError(f"The description is over {_MAX_DESCRIPTION} characters.")
    if len(logo or "") > _MAX_LOGO:
        raise InvalidInputError(f"The logo's address is over {_MAX_LOGO} characters.")


def _create(viewer: Viewer, new: NewChannel, owner: str | None, now: int) -> ChannelView:
    user = _first_owner(viewer, owner)
    if named(Channel, name=new.name) is not None:
        raise ConflictError(f"The channel name {new.name} is taken; choose another.")
    channel = Channel(
        name=new.name,
        description=new.description or None,
        logo=new.logo or None,
        is_public=new.is_public,
        settings=settings_to_json(ChannelSettings(allow_v3=new.allow_v3)),
        created_at=now,
        updated_at=now,
    )
    Member(channel=channel, user=user, role=Role.OWNER.value, created_at=now)
    record_event(viewer, "create_channel", now, channel, owner=user.login)
    return _seen_by(viewer, user, new.name)


def _first_owner(viewer: Viewer, owner: str | None) -> User:
    if viewer == SYSTEM:
        user = named(User, login=owner)
        if user is None:
            raise NotFoundError(f"There is no user {owner}; create the user first.")
        return user
    if viewer.is_anonymous:
        raise NotAuthenticatedError("Sign in to create a channel.")
    user = User.get(id=viewer.user_id) if may_create_channels(viewer) else None
    if user is None:
        msg = "This API key may not create channels; use one of mode all without a channel."
        raise ForbiddenError(msg)
    return user


def _seen_by(viewer: Viewer, user: User, name: str) -> ChannelView:
    # The operator has no membership of their own: they see the owner's.
    asking = viewer if viewer.user_id is not None else replace(viewer, user_id=user.id)
    return admit(asking, Action.READ, name)


def _update(viewer: Viewer, name: str, change: ChannelChange, now: int) -> ChannelView:
    before = admit(viewer, Action.MANAGE, name)
    channel = Channel[before.id]
    if change.is_public is not None:
        channel.is_public = change.is_public
    if change.description is not None:
        channel.description = change.description or None
    if change.logo is not None:
        channel.logo = change.logo or None
    settings = _changed(before.settings, change)
    bump(channel, None, now)
    if settings != before.settings:
        _check_relations(viewer, name, settings)
        channel.settings = settings_to_json(settings)
        _bump_subdirs(channel, now)
    record_event(viewer, "update_channel", now, channel, isPublic=change.is_public)
    return admit(viewer, Action.MANAGE, name)


def _changed(settings: ChannelSettings, change: ChannelChange) -> ChannelSettings:
    wanted = {
        "allow_v3": change.allow_v3,
        "allow_overwrite": change.allow_overwrite,
        "max_age": change.max_age,
        "current_repodata": change.current_repodata,
        "publish_twins": change.publish_twins,
        "attestations": change.attestations,
    }
    related = {
        "relation_base": change.relation_base,
        "relation_overrides": change.relation_overrides,
    }
    return replace(
        settings,
        **{name: value for name, value in wanted.items() if value is not None},
        **{name: value or None for name, value in related.items() if value is not None},
    )


def _check_relations(viewer: Viewer, name: str, settings: ChannelSettings) -> None:
    """CEP 42: relatives are other channels of this server, and not twice the same."""
    names = [other for other in (settings.relation_base, settings.relation_overrides) if other]
    if len({name, *names}) != 1 + len(names):
        raise InvalidInputError("A channel is related to one or two others, not to itself.")
    for other in names:
        if find_channel(viewer, other) is None:
            raise InvalidInputError(f"There is no channel {other} to relate {name} to.")


def _bump_subdirs(channel: Channel, now: int) -> None:
    """Let every document show the settings: they are part of each."""
    for subdir in Subdir.select_by_sql(_SUBDIRS, {}, {"channel_id": channel.id}):
        subdir.revision += 1
        subdir.changed_at = now


def _unrelate(channel: Channel, gone: str, now: int) -> None:
    before = settings_from_json(channel.settings)
    kept = {
        kind: None
        for kind in ("relation_base", "relation_overrides")
        if getattr(before, kind) == gone
    }
    channel.settings = settings_to_json(replace(before, **kept))
    bump(channel, None, now)
    _bump_subdirs(channel, now)


_SUBDIRS = "SELECT * FROM subdir WHERE channel_id = $channel_id"
_RELATED = "SELECT id FROM channel WHERE settings LIKE $pattern AND id <> $id"


def _delete(viewer: Viewer, name: str, now: int) -> None:
    channel = admit(viewer, Action.TRANSFER, name)
    record_event(viewer, "delete_channel", now, Channel[channel.id])
    doom_channel(channel.id, now)
    for other in rows(_RELATED, pattern=f'%"{name}"%', id=channel.id):
        _unrelate(Channel[other[0]], name, now)
    # Keys made for this channel alone must not widen to all channels, so they go first.
    rows("DELETE FROM api_key WHERE channel_id = $id", id=channel.id)
    rows("DELETE FROM channel WHERE id = $id", id=channel.id)
