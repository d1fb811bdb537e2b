"""``notices.json``: what a channel's owner tells the people who install from it (CEP 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from graphrepo.conda.record import canonical_json

Level = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One message; both times are aware, and CEP 6 demands both."""

    id: str
    message: str
    level: Level
    created_at: datetime
    expires_at: datetime


def notices(items: Iterable[Notice]) -> bytes:
    """Return notices.json, newest notice first; an empty list where there are none."""
    by_age = sorted(items, key=lambda item: (item.created_at, item.id), reverse=True)
    return canonical_json({"notices": [_json(item) for item in by_age]})


def _json(item: Notice) -> dict[str, str]:
    return {
        "created_at": _stamp(item.created_at),
        "expires_at": _stamp(item.expires_at),
        "id": item.id,
        "level": item.level,
        "message": item.message,
    }


def _stamp(moment: datetime) -> str:
    """Return ISO 8601 with ``+00:00``: clients on Python 3.10 cannot read a ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
