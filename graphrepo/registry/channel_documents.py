"""The documents of a whole channel: channeldata.json, notices.json, rss.xml.

They show a revision of the channel as subdir documents show one of their subdir. An entry of
channeldata is kept with its package, and made again only after one of its files changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock, milliseconds
from graphrepo.conda.channeldata import channeldata
from graphrepo.conda.feed import FEED_LIMIT, FeedItem, rss
from graphrepo.conda.notices import Notice, notices
from graphrepo.errors import NotFoundError, StaleError
from graphrepo.model.database import Database, Row, rows
from graphrepo.registry.channeldata_entries import Entry, keep_entries, remade_entries
from graphrepo.registry.documents import OF_CHANNEL, Pointer, pointer_to, store_chunks
from graphrepo.registry.flights import Flights
from graphrepo.registry.views import ChannelView, moment

NAMES = frozenset({"channeldata.json", "notices.json", "rss.xml"})


@dataclass(frozen=True, slots=True)
class _Rendered:
    """A stored document, and the entries that were made again on the way."""

    pointer: Pointer
    entries: tuple[Entry, ...] = ()


class ChannelDocuments:
    """Gives the current documents of channels; ``base_url`` is the server's, for links in feeds."""

    def __init__(
        self, database: Database, store: BlobStore, clock: Clock, base_url: str = ""
    ) -> None:
        """Keep what rendering needs."""
        self._database = database
        self._store = store
        self._clock = clock
        self._base_url = base_url
        self._flights = Flights()

    async def current(self, channel: ChannelView, name: str) -> Pointer:
        """Return the document of at least the channel's revision.

        Raises:
            NotFoundError: the channel was deleted meanwhile.
        """
        key = (channel.id, name)
        return await self._flights.at_least(
            key, channel.revision, lambda: self._find_or_render(channel, name)
        )

    async def former(self, channel: ChannelView, name: str) -> Pointer | None:
        """Return the document as it was rendered last, whatever revision it shows."""
        return await self._database.read(OF_CHANNEL.load, channel.id, name)

    async def _find_or_render(self, channel: ChannelView, name: str) -> Pointer:
        stored = await self.former(channel, name)
        if stored is not None and stored.revision >= channel.revision:
            return stored
        rendered = await self._database.survey(self._render, channel, name)
        now = milliseconds(self._clock())
        try:
            await self._database.transact_in(channel.name, _keep, channel.id, rendered, now)
        except StaleError as error:
            raise NotFoundError(f"{channel.name} was deleted.") from error
        return rendered.pointer

    def _render(self, channel: ChannelView, name: str) -> _Rendered:
        found = rows("SELECT revision, updated_at FROM channel WHERE id = $id", id=channel.id)
        revision, changed_at = found[0] if found else (channel.revision, 0)
        entries = remade_entries(channel.id) if name == "channeldata.json" else ()
        digests = store_chunks(self._store, self._chunks(channel, name, entries))
        return _Rendered(pointer_to(name, revision, changed_at, digests), entries)

    def _chunks(
        self, channel: ChannelView, name: str, entries: tuple[Entry, ...]
    ) -> Iterable[bytes]:
        if name == "channeldata.json":
            subdirs = (subdir for (subdir,) in rows(_SUBDIRS, id=channel.id))
            return channeldata(_all_entries(channel.id, entries), subdirs)
        if name == "notices.json":
            return [notices(map(_notice, rows(_NOTICES, id=channel.id)))]
        newest = rows(_NEWEST, id=channel.id, limit=FEED_LIMIT)
        return [rss(channel.name, f"{self._base_url}/{channel.name}", map(_feed_item, newest))]


def _keep(channel_id: int, rendered: _Rendered, now: int) -> None:
    keep_entries(rendered.entries)
    OF_CHANNEL.move(channel_id, rendered.pointer, now)


def _all_entries(channel_id: int, remade: tuple[Entry, ...]) -> list[tuple[str, bytes]]:
    """Return name and JSON of every package that lists a file, by name."""
    entries = {name: bytes(data) for name, data in rows(_KEPT, id=channel_id)}
    entries |= {entry.name: entry.data for entry in remade if entry.data is not None}
    for entry in remade:
        if entry.data is None:
            entries.pop(entry.name, None)
    return sorted(entries.items())


def _notice(row: Row) -> Notice:
    ident, message, level, created, expires = row
    return Notice(str(ident), message, level, moment(created), moment(expires))


def _feed_item(row: Row) -> FeedItem:
    name, version, subdir, filename, summary, uploaded = row
    return FeedItem(name, version, subdir, filename, summary, moment(uploaded))


_SUBDIRS = "SELECT name FROM subdir WHERE channel_id = $id"
_KEPT = "SELECT name, channeldata FROM package WHERE channel_id = $id AND channeldata IS NOT NULL"
_NOTICES = """
    SELECT id, message, level, created_at, expires_at FROM notice WHERE channel_id = $id
"""
_NEWEST = """
    SELECT p.name, a.version, s.name, a.filename, p.summary, a.uploaded_at
    FROM artifact a JOIN subdir s ON s.id = a.subdir_id JOIN package p ON p.id = a.package_id
    WHERE s.channel_id = $id AND a.removed_in IS NULL AND a.yanked_reason IS NULL
    ORDER BY a.uploaded_at DESC, a.id DESC LIMIT $limit
"""
