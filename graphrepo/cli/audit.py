"""``graphrepo audit``: who changed what, when, from where."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from graphrepo.access.viewer import SYSTEM
from graphrepo.cli.data import data_option, work_in
from graphrepo.clock import system_clock
from graphrepo.registry.audit import EventView
from graphrepo.registry.filters import MAX_LIMIT
from graphrepo.registry.registry import Registry
from graphrepo.registry.requests import AllOf, Condition, ListQuery, TextOperator
from graphrepo.registry.views import Window

_MOMENT: Final = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.command()
@data_option
@click.option("--channel", help="Only what concerns this channel.")
@click.option("--actor", metavar="LOGIN", help="Only what this person did.")
@click.option("--action", help="Only changes of this kind, such as delete_channel.")
@click.option("--since", type=_MOMENT, help="Only from this day or moment (UTC) on.")
@click.option("--until", type=_MOMENT, help="Only up to this day's beginning or moment (UTC).")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on each line.")
def audit(  # noqa: PLR0913 - the filters of the log
    *,
    data: Path,
    channel: str | None,
    actor: str | None,
    action: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """Print the audit log, the newest change first. Times are in UTC."""
    wanted = {"channelName": channel, "actor": actor, "action": action}
    where = AllOf(
        tuple(Condition(name, TextOperator.EQ, text) for name, text in wanted.items() if text)
    )
    # What happens while pages are read must not move them.
    span = (_utc(since), _utc(until) or system_clock())
    line = _json_line if as_json else _line
    for event in work_in(data, lambda registry: _events(registry, where, span, limit)):
        click.echo(line(event))


async def _events(
    registry: Registry, where: AllOf, span: tuple[datetime | None, datetime], limit: int
) -> list[EventView]:
    found: list[EventView] = []
    size = min(limit, MAX_LIMIT)
    while len(found) < limit:
        query = ListQuery(Window(limit=size, page=len(found) // size), where)
        page = await registry.audit.page(SYSTEM, query, span)
        found += page.items
        if len(page.items) < size:
            break
    return found[:limit]


def _line(event: EventView) -> str:
    where = "-" if event.channel is None else event.channel
    origin = "" if event.address is None else f" from={event.address}"
    revision = "" if event.revision is None else f" revision={event.revision}"
    details = "".join(f" {name}={json.dumps(value)}" for name, value in event.details.items())
    at = event.created_at.isoformat(" ", "milliseconds").removesuffix("+00:00")
    return f"{at} {event.actor} {event.action} {where}{revision}{origin}{details}"


def _json_line(event: EventView) -> str:
    return json.dumps(
        {
            "id": event.id,
            "at": event.created_at.isoformat(),
            "channel": event.channel,
            "revision": event.revision,
            "actor": event.actor,
            "action": event.action,
            "address": event.address,
            "details": dict(event.details),
        }
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)
