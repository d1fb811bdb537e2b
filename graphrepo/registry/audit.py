"""The audit log, for those who answer for what it tells of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphrepo.access.policy import Action, may_administer_server
from graphrepo.access.viewer import Viewer
from graphrepo.clock import milliseconds
from graphrepo.model.database import Database, Row, rows
from graphrepo.registry.filters import Where, window_values
from graphrepo.registry.gate import permitted, viewer_values
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.views import Page, moment, page_of


@dataclass(frozen=True, slots=True)
class EventView:
    """One change: who did what. Names stay when what they named is gone.

    ``address`` is where it came from: known to administrators and to whoever did it.
    """

    id: int
    created_at: datetime
    channel: str | None  # none for what concerns the whole server
    revision: int | None  # the channel's, after the change
    actor: str
    action: str
    details: Mapping[str, Any]
    address: str | None = None


class Audit:
    """Reads the audit log."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def page(
        self,
        viewer: Viewer,
        query: ListQuery,
        span: tuple[datetime | None, datetime | None] = (None, None),
    ) -> Page[EventView]:
        """Return changes, newest first, of a span of time with both ends.

        Administrators are shown all of them; others those of the channels that they manage,
        from the creation of the channel on: its name may have been another's before.

        Fields: ``channelName``, ``actor``, ``action``.
        """
        return await self._database.read(_page, viewer, query, span)


def _page(
    viewer: Viewer, query: ListQuery, span: tuple[datetime | None, datetime | None]
) -> Page[EventView]:
    where = Where(_FIELDS)
    source = _ALL if may_administer_server(viewer) else _managed(viewer)
    condition = f"{_SPAN} AND {where.condition(query.where)}"
    begin, end = (None if at is None else milliseconds(at) for at in span)
    values = viewer_values(viewer) | where.values | {"begin": begin, "end": end}
    total = rows(f"SELECT count(*) FROM {source} WHERE {condition}", **values)[0][0]
    found = rows(
        f"""SELECT {_COLUMNS} FROM {source} WHERE {condition}
            ORDER BY e.id DESC LIMIT $limit OFFSET $offset""",
        **values,
        **window_values(query.window),
    )
    return page_of(tuple(_view(viewer, row) for row in found), query.window, total)


def _managed(viewer: Viewer) -> str:
    return f"""(
        SELECT c.name, (SELECT coalesce(max(d.id), 0) FROM event d
          WHERE d.channel = c.name AND d.action = 'delete_channel') AS since
        FROM channel c LEFT JOIN member m ON m.channel_id = c.id AND m.user_id = $user_id
        WHERE {permitted(viewer, Action.MANAGE)}
      ) AS managed JOIN event e ON e.channel = managed.name AND e.id > managed.since"""


def _view(viewer: Viewer, row: Row) -> EventView:
    ident, at, channel, revision, actor, action, details, address = row
    # Where people are is no business of those with whom they share a channel.
    shown = address if may_administer_server(viewer) or actor == viewer.login else None
    said = json.loads(details)
    return EventView(ident, moment(at), channel, revision, actor, action, said, shown)


_COLUMNS = "e.id, e.at, e.channel, e.revision, e.actor, e.action, e.details, e.address"
_ALL = "event e"
_FIELDS = {"channelName": "e.channel", "actor": "e.actor", "action": "e.action"}
_SPAN = "($begin IS NULL OR e.at >= $begin) AND ($end IS NULL OR e.at <= $end)"
