"""The documents of a subdir, each a pure function of its records at one revision.

A request reads the subdir's revision after it began; a document that shows an older one is
rendered anew from one snapshot of the rows. So no GET that begins after a change was
acknowledged sees an older state, in any worker, and no render happens on the event loop.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock, milliseconds
from graphrepo.conda.compression import compress_stream
from graphrepo.errors import NotFoundError, StaleError
from graphrepo.model.database import Database
from graphrepo.registry.documents import OF_CHANNEL, OF_SUBDIR, Pointer, pointer_to, store_chunks
from graphrepo.registry.flights import Flights
from graphrepo.registry.recipes import RECIPES, refreshed
from graphrepo.registry.shard_rows import apply_plan
from graphrepo.registry.sharding import SHARD_INDEX, plan_shards
from graphrepo.registry.splicing import spliced
from graphrepo.registry.subdir_state import SubdirState

COMPRESSED = ".zst"
NAMES = frozenset({*RECIPES, *(name + COMPRESSED for name in RECIPES), SHARD_INDEX}) - {
    "patch_instructions.json.zst"
}
_CHUNK = 256 * 1024


class SubdirDocuments:
    """Gives the current documents of subdirs."""

    def __init__(self, database: Database, store: BlobStore, clock: Clock) -> None:
        """Keep what rendering needs."""
        self._database = database
        self._store = store
        self._clock = clock
        self._flights = Flights()

    async def current(self, state: SubdirState, name: str) -> Pointer:
        """Return the document of at least the state's revision.

        Raises:
            NotFoundError: the subdir was deleted meanwhile.
        """
        key = (state.channel.id, state.id, state.name, name)
        return await self._flights.at_least(
            key, state.revision, lambda: self._find_or_render(state, name)
        )

    async def former(self, state: SubdirState, name: str) -> Pointer | None:
        """Return the document as it was rendered last, whatever revision it shows."""
        return await self._database.read(_load, state, name)

    async def _find_or_render(self, state: SubdirState, name: str) -> Pointer:
        stored = await self.former(state, name)
        if stored is not None and stored.revision >= state.revision:
            return stored
        if name == SHARD_INDEX:
            return await self._render_shards(state)
        if name.endswith(COMPRESSED):
            return await self._compress(state, name)
        pointer = await self._database.survey(_render, self._store, state, name)
        return await self._point(state, pointer)

    async def _compress(self, state: SubdirState, name: str) -> Pointer:
        plain = await self.current(state, name.removesuffix(COMPRESSED))
        return await self._point(state, await asyncio.to_thread(self._packed, plain, name))

    def _packed(self, plain: Pointer, name: str) -> Pointer:
        with self._store.open(plain.blake3) as file:
            chunks = compress_stream(_chunks(file), plain.size)
            digests = store_chunks(self._store, chunks)
        return pointer_to(name, plain.revision, plain.changed_at, digests)

    async def _render_shards(self, state: SubdirState) -> Pointer:
        plan = await self._database.survey(plan_shards, self._store, state)
        if not state.id:
            return await self._point(state, plan.index)
        try:
            channel = state.channel.name
            return await self._database.transact_in(channel, apply_plan, plan, self._now())
        except StaleError as error:
            raise _deleted(state) from error

    async def _point(self, state: SubdirState, pointer: Pointer) -> Pointer:
        try:
            channel = state.channel.name
            await self._database.transact_in(channel, _move, state, pointer, self._now())
        except StaleError as error:
            raise _deleted(state) from error
        return pointer

    def _now(self) -> int:
        return milliseconds(self._clock())


# A subdir that never held a file has no row to point from, so its channel does: without any
# pointer the sweep would take bytes that empty subdirs of several channels share.


def _load(state: SubdirState, name: str) -> Pointer | None:
    if state.id:
        return OF_SUBDIR.load(state.id, name)
    found = OF_CHANNEL.load(state.channel.id, f"{state.name}/{name}")
    return replace(found, name=name) if found else None


def _move(state: SubdirState, pointer: Pointer, now: int) -> None:
    if state.id:
        OF_SUBDIR.move(state.id, pointer, now)
    else:
        name = f"{state.name}/{pointer.name}"
        OF_CHANNEL.move(state.channel.id, replace(pointer, name=name), now)


def _render(store: BlobStore, state: SubdirState, name: str) -> Pointer:
    """Render a document inside a snapshot, and say which revision that was."""
    present = refreshed(state)
    digests = spliced(store, present, name) or store_chunks(store, RECIPES[name](present))
    return pointer_to(name, present.revision, present.changed_at, digests)


def _deleted(state: SubdirState) -> NotFoundError:
    return NotFoundError(f"{state.channel.name}/{state.name} was deleted.")


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
