"""Notices: what owners tell the people who install from their channel (CEP 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import InvalidInputError, NotFoundError
from graphrepo.model.database import Database, Row
from graphrepo.model.entities import Channel, Notice
from graphrepo.model.many import rows_of_ids
from graphrepo.registry.changes import bump, record_event
from graphrepo.registry.gate import admit
from graphrepo.registry.views import NoticeView, moment

_MAX_MESSAGE = 2_000


@dataclass(frozen=True, slots=True)
class NoticeText:
    """What a notice says, and until when."""

    message: str
    level: Literal["info", "warning", "critical"]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NoticeChange:
    """New values for a notice; none leaves a value as it is."""

    message: str | None = None
    level: Literal["info", "warning", "critical"] | None = None
    expires_at: datetime | None = None


class Notices:
    """The notices of channels."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep what the use cases need."""
        self._database = database
        self._clock = clock

    async def by_channel(self, ids: Iterable[int]) -> dict[int, tuple[NoticeView, ...]]:
        """Return the notices of channels that the caller knows to be readable, newest first."""
        return await self._database.read(_by_channel, tuple(ids))

    async def create(self, viewer: Viewer, channel: str, text: NoticeText) -> NoticeView:
        """Add a notice; needs the right to manage the channel.

        Raises:
            InvalidInputError: the message is empty or too long.
        """
        return await self._database.transact_in(
            channel, _create, viewer, channel, text, self._now()
        )

    async def update(
        self, viewer: Viewer, channel: str, notice_id: int, change: NoticeChange
    ) -> NoticeView:
        """Change what a notice says.

        Raises:
            NotFoundError: the channel has no such notice.
            InvalidInputError: the message is empty or too long.
        """
        asked = (viewer, channel, notice_id, change)
        return await self._database.transact_in(channel, _update, *asked, self._now())

    async def delete(self, viewer: Viewer, channel: str, notice_id: int) -> None:
        """Take a notice back.

        Raises:
            NotFoundError: the channel has no such notice.
        """
        asked = (viewer, channel, notice_id)
        await self._database.transact_in(channel, _delete, *asked, self._now())

    def _now(self) -> int:
        return milliseconds(self._clock())


def _by_channel(ids: tuple[int, ...]) -> dict[int, tuple[NoticeView, ...]]:
    found: dict[int, tuple[NoticeView, ...]] = {}
    for row in rows_of_ids(_NOTICES, ids):
        found[row[0]] = (*found.get(row[0], ()), _row_view(row))
    return found


def _create(viewer: Viewer, name: str, text: NoticeText, now: int) -> NoticeView:
    channel = Channel[admit(viewer, Action.MANAGE, name).id]
    notice = Notice(
        channel=channel,
        message=_checked(text.message),
        level=text.level,
        created_at=now,
        expires_at=milliseconds(text.expires_at),
    )
    notice.flush()
    bump(channel, None, now)
    record_event(viewer, "create_notice", now, channel, notice=notice.id)
    return _view(notice)


def _update(
    viewer: Viewer, name: str, notice_id: int, change: NoticeChange, now: int
) -> NoticeView:
    notice = _notice_of(viewer, name, notice_id)
    if change.message is not None:
        notice.message = _checked(change.message)
    notice.level = change.level or notice.level
    if change.expires_at is not None:
        notice.expires_at = milliseconds(change.expires_at)
    bump(notice.channel, None, now)
    record_event(viewer, "update_notice", now, notice.channel, notice=notice_id)
    return _view(notice)


def _delete(viewer: Viewer, name: str, notice_id: int, now: int) -> None:
    notice = _notice_of(viewer, name, notice_id)
    bump(notice.channel, None, now)
    record_event(viewer, "delete_notice", now, notice.channel, notice=notice_id)
    notice.delete()


def _notice_of(viewer: Viewer, name: str, notice_id: int) -> Notice:
    channel = Channel[admit(viewer, Action.MANAGE, name).id]
    notice = Notice.get(id=notice_id, channel=channel)
    if notice is None:
        raise NotFoundError(f"{name} has no notice {notice_id}.")
    return notice


def _checked(message: str) -> str:
    message = message.strip()
    if not 0 < len(message) <= _MAX_MESSAGE:
        raise InvalidInputError(f"Give the notice a message of 1 to {_MAX_MESSAGE} characters.")
    return message


def _view(notice: Notice) -> NoticeView:
    created, expires = moment(notice.created_at), moment(notice.expires_at)
    return NoticeView(notice.id, notice.message, notice.level, created, expires)


def _row_view(row: Row) -> NoticeView:
    _channel, ident, message, level, created, expires = row
    return NoticeView(ident, message, level, moment(created), moment(expires))


_NOTICES = """
    SELECT channel_id, id, message, level, created_at, expires_at FROM notice
    WHERE channel_id IN ({ids}) ORDER BY created_at DESC, id DESC
"""
