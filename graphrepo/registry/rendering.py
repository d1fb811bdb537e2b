"""Documents of a subdir: rendered once per revision, the same for every worker.

A subdir's documents are a pure function of its records, and its revision grows with each
change. So a document is good exactly while its revision is the subdir's. A request reads the
revision after it began; if the document at hand is older, it is rendered anew, by one task
per document (single flight), from one snapshot of the rows. The bytes go into the blob store
first and then the pointer moves, only ever to a newer revision: a slower worker's older
render loses. So no GET that begins after a change was acknowledged sees an older state.
"""

import asyncio
from collections.abc import Iterator
from typing import BinaryIO

from graphrepo.blobs.digest import Digests
from graphrepo.blobs.store import BlobStore
from graphrepo.conda.compression import compress_stream
from graphrepo.conda.repodata import IndexedRecord, SubdirInfo, repodata
from graphrepo.errors import NotFoundError, StaleError
from graphrepo.model.database import Database, rows
from graphrepo.registry.documents import Pointer, load, move, store_chunks
from graphrepo.registry.subdir_state import SubdirState

_CHUNK = 256 * 1024
_COMPRESSED = ".zst"
DOCUMENTS = frozenset({"repodata.json", "repodata.json.zst"})

_Key = tuple[int, str, str]


class Renderer:
    """Gives the current documents of subdirs, rendering what is missing off the event loop."""

    def __init__(self, database: Database, store: BlobStore) -> None:
        """Keep what rendering needs."""
        self._database = database
        self._store = store
        self._newest: dict[_Key, Pointer] = {}
        self._flights: dict[_Key, asyncio.Task[Pointer]] = {}

    async def current(self, state: SubdirState, name: str) -> Pointer:
        """Return the document of at least the state's revision.

        Raises:
            NotFoundError: the subdir was deleted meanwhile.
        """
        key = (state.channel.id, state.name, name)
        while True:
            known = self._newest.get(key)
            if known is not None and known.revision >= state.revision:
                return known
            # A flight that began before this revision lands too early; then another one starts.
            await asyncio.shield(self._flights.get(key) or self._depart(key, state))

    def _depart(self, key: _Key, state: SubdirState) -> asyncio.Task[Pointer]:
        flight = asyncio.create_task(self._fly(key, state))
        self._flights[key] = flight
        flight.add_done_callback(lambda _: self._flights.pop(key))
        return flight

    async def _fly(self, key: _Key, state: SubdirState) -> Pointer:
        name = key[-1]
        pointer = await self._database.read(load, state.id, name)
        if pointer is None or pointer.revision < state.revision:
            pointer = await self._render(state, name)
        self._newest[key] = pointer
        return pointer

    async def _render(self, state: SubdirState, name: str) -> Pointer:
        if name.endswith(_COMPRESSED):
            plain = await self.current(state, name.removesuffix(_COMPRESSED))
            revision, changed_at = plain.revision, plain.changed_at
            digests = await asyncio.to_thread(self._compress, plain)
        else:
            info, records, revision, changed_at = await self._database.read(_snapshot, state)
            digests = await asyncio.to_thread(store_chunks, self._store, repodata(info, records))
        pointer = Pointer(name, revision, digests.blake3, digests.sha256, digests.size, changed_at)
        await self._point(state, pointer)
        return pointer

    async def _point(self, state: SubdirState, pointer: Pointer) -> None:
        if not state.id:
            return  # no row to point from: the empty document is rendered once per process
        try:
            await self._database.transact(move, state.id, pointer)
        except StaleError as error:
            msg = f"{state.channel.name}/{state.name} was deleted."
            raise NotFoundError(msg) from error

    def _compress(self, plain: Pointer) -> Digests:
        with self._store.open(plain.blake3) as file:
            return store_chunks(self._store, compress_stream(_chunks(file), plain.size))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _snapshot(state: SubdirState) -> tuple[SubdirInfo, list[IndexedRecord], int, int]:
    """Read everything repodata.json is made of, at one moment."""
    present = rows("SELECT revision, changed_at FROM subdir WHERE id = $id", id=state.id)
    revision, changed_at = present[0] if present else (state.revision, state.changed_at)
    records = [IndexedRecord(*row) for row in rows(_LISTED, subdir_id=state.id)]
    removed = [row[0] for row in rows(_YANKED, subdir_id=state.id)]
    return SubdirInfo(state.name, removed), records, revision, changed_at


_LISTED = """
    SELECT filename, record, is_v3 FROM artifact
    WHERE subdir_id = $subdir_id AND removed_in IS NULL AND yanked_reason IS NULL
    ORDER BY filename
"""
_YANKED = """
    SELECT filename FROM artifact
    WHERE subdir_id = $subdir_id AND removed_in IS NULL AND yanked_reason IS NOT NULL
    ORDER BY filename
"""
