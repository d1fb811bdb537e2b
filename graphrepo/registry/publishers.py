"""The publishers that channels trust: who may publish by a token of their CI service."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from graphrepo.access.policy import Action, may
from graphrepo.access.publishers import (
    ISSUERS,
    Claims,
    Provider,
    Publisher,
    check_publisher,
    claims_at,
    identity,
    publisher_of,
)
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import ConflictError, InvalidInputError, NotFoundError
from graphrepo.model.database import Database, Row, rows
from graphrepo.model.entities import Channel
from graphrepo.model.many import rows_of_ids
from graphrepo.model.publisher_entities import OidcPublisher
from graphrepo.registry.changes import record_event
from graphrepo.registry.channel_lists import by_id
from graphrepo.registry.gate import access_to, admit
from graphrepo.registry.views import moment

MAX_PUBLISHERS = 100
"""Publishers of one channel at most."""


@dataclass(frozen=True, slots=True)
class PublisherView:
    """A publisher; ``identity`` is what was written down, ``claims`` what its tokens must say."""

    id: int
    channel_id: int
    provider: Provider
    issuer: str
    identity: Mapping[str, str]
    claims: Claims
    created_by: str
    created_at: datetime


class Publishers:
    """The trusted publishers of channels; those who manage a channel alone are shown them."""

    def __init__(
        self, database: Database, clock: Clock, issuers: Mapping[Provider, str] = ISSUERS
    ) -> None:
        """Keep what the use cases need; ``issuers`` says where each service stands."""
        self._database = database
        self._clock = clock
        self._issuers = issuers

    async def add(self, viewer: Viewer, channel: str, publisher: Publisher) -> PublisherView:
        """Let a CI job publish to the channel.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not manage the channel.
            InvalidInputError: a name breaks the service's grammar, or there are too many.
            ConflictError: the channel trusts this publisher already.
        """
        check_publisher(publisher)
        now = milliseconds(self._clock())
        row = await self._database.transact_in(channel, _add, viewer, channel, publisher, now)
        return self._view(row)

    async def delete(self, viewer: Viewer, channel: str, publisher_id: int) -> None:
        """Trust a publisher no longer.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not manage the channel.
            NotFoundError: the channel has no such publisher.
        """
        now = milliseconds(self._clock())
        await self._database.transact_in(channel, _delete, viewer, channel, publisher_id, now)

    async def by_channel(
        self, viewer: Viewer, ids: Iterable[int]
    ) -> dict[int, tuple[PublisherView, ...]]:
        """Return the publishers, oldest first, of those channels that the viewer may manage."""
        found: dict[int, tuple[PublisherView, ...]] = {}
        for row in await self._database.read(_by_channel, viewer, tuple(ids)):
            found[row[0]] = (*found.get(row[0], ()), self._view(row))
        return found

    def _view(self, row: Row) -> PublisherView:
        channel_id, ident, provider, written, creator, created = row
        told = json.loads(written)
        publisher = publisher_of(Provider(provider), told)
        issuer = self._issuers[publisher.provider]
        return PublisherView(
            id=ident,
            channel_id=channel_id,
            provider=publisher.provider,
            issuer=issuer,
            identity=told,
            claims=claims_at(publisher, issuer),
            created_by=creator,
            created_at=moment(created),
        )


def publishers_of(channel_id: int) -> tuple[Publisher, ...]:
    """Return whom a channel trusts; inside a session."""
    return tuple(
        publisher_of(Provider(provider), json.loads(written))
        for provider, written in rows(_PRESENT, channel_id=channel_id)
    )


def _add(viewer: Viewer, name: str, publisher: Publisher, now: int) -> Row:
    channel = Channel[admit(viewer, Action.MANAGE, name).id]
    written = json.dumps(identity(publisher), sort_keys=True)
    present = rows(_PRESENT, channel_id=channel.id)
    if (publisher.provider.value, written) in present:
        raise ConflictError(f"{name} trusts this publisher already.")
    if len(present) >= MAX_PUBLISHERS:
        raise InvalidInputError(f"{name} has {MAX_PUBLISHERS} publishers; delete one of them.")
    row = OidcPublisher(
        channel=channel,
        provider=publisher.provider.value,
        identity=written,
        created_by=viewer.login,
        created_at=now,
    )
    row.flush()
    record_event(viewer, "add_publisher", now, channel, publisher=row.id, **_described(publisher))
    return channel.id, row.id, row.provider, row.identity, viewer.login, now


def _delete(viewer: Viewer, name: str, publisher_id: int, now: int) -> None:
    channel = Channel[admit(viewer, Action.MANAGE, name).id]
    row = OidcPublisher.get(id=publisher_id, channel=channel)
    if row is None:
        raise NotFoundError(f"{name} has no publisher {publisher_id}.")
    publisher = publisher_of(Provider(row.provider), json.loads(row.identity))
    described = _described(publisher)
    record_event(viewer, "delete_publisher", now, channel, publisher=publisher_id, **described)
    row.delete()


def _by_channel(viewer: Viewer, ids: tuple[int, ...]) -> list[Row]:
    managed = [
        ident
        for ident, channel in by_id(viewer, ids).items()
        if may(viewer, Action.MANAGE, access_to(channel))
    ]
    return list(rows_of_ids(_PUBLISHERS, managed))


def _described(publisher: Publisher) -> dict[str, object]:
    return {"provider": publisher.provider.value, "identity": identity(publisher)}


_PRESENT = "SELECT provider, identity FROM oidc_publisher WHERE channel_id = $channel_id"
_PUBLISHERS = """
    SELECT channel_id, id, provider, identity, created_by, created_at FROM oidc_publisher
    WHERE channel_id IN ({ids}) ORDER BY id
"""
