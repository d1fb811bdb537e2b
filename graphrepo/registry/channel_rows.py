"""How rows of ``channel c`` (with the viewer's ``member m``) become views."""

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from functools import lru_cache

from graphrepo.access.policy import Role
from graphrepo.model.database import Row
from graphrepo.registry.views import ChannelSettings, ChannelView, moment

CHANNEL_COLUMNS = (
    "c.id, c.name, c.description, c.logo, c.is_public, c.settings, c.revision,"
    " c.created_at, c.updated_at, m.role"
)
_SETTING_NAMES = frozenset(field.name for field in fields(ChannelSettings))


def channel_view(row: Row) -> ChannelView:
    """Return the view of a row of ``CHANNEL_COLUMNS``."""
    (ident, name, description, logo, is_public, settings, revision, created, updated, role) = row
    return ChannelView(
        id=ident,
        name=name,
        description=description,
        logo=logo,
        is_public=bool(is_public),
        settings=settings_from_json(settings),
        revision=revision,
        created_at=moment(created),
        updated_at=moment(updated),
        role=None if role is None else Role(role),
    )


def channel_views(found: Iterable[Row]) -> tuple[ChannelView, ...]:
    """Return the views of several rows."""
    return tuple(map(channel_view, found))


@lru_cache(maxsize=1024)
def settings_from_json(text: str) -> ChannelSettings:
    """Return stored settings; names that this version does not know are left alone."""
    stored = json.loads(text)
    return ChannelSettings(**{name: stored[name] for name in _SETTING_NAMES & stored.keys()})


def settings_to_json(settings: ChannelSettings) -> str:
    """Return settings as they are stored."""
    return json.dumps(asdict(settings), sort_keys=True)
