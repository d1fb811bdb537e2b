"""A file on its way from the network into staging.

Chunks are gathered into batches; a worker thread writes and hashes one batch while the event
loop gathers the next. So two batches are in memory, whatever the size of the file, and
neither the disk nor the hashes hold up other requests. A small file stays in memory until
somebody has looked into it.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from graphrepo.blobs.digest import Digests
from graphrepo.blobs.held import MOST, HeldFile
from graphrepo.blobs.staging import StagedFile
from graphrepo.intake.body import limited

T = TypeVar("T")

_BATCH = 1024 * 1024
"""Bytes for a trip to the worker thread, which costs about 0.1 ms."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file that arrived whole; ``staged`` is the caller's to discard."""

    staged: StagedFile
    digests: Digests


Fetch = Callable[[str], Awaitable[Received]]
"""Streams the file of an address into staging: ``fetching.Fetcher.fetch``."""


async def receive_file(
    stage: Callable[[], StagedFile], chunks: AsyncIterable[bytes], limit: int
) -> Received:
    """Stream the chunks into a new staged file, or hold them if they are few.

    Whatever goes wrong, and when the task is cancelled as well, the staged file is discarded.

    Raises:
        TooLargeError: There are more than ``limit`` bytes.
        UploadInterruptedError: The client left before the end.
        StorageFullError: There is no room.
        UnavailableError: The disk does not take it.
    """
    batches = _batches(limited(chunks, limit))
    first = await anext(batches, b"")
    if len(first) <= MOST:  # that was all of it
        held = HeldFile(first)
        return Received(held, held.finish())
    lane = _Lane(await _opened(stage))
    try:
        await lane.write(first)
        async for batch in batches:
            await lane.write(batch)
        return Received(lane.staged, await lane.finish())
    except BaseException:
        await lane.discard()
        raise


async def _opened(stage: Callable[[], StagedFile]) -> StagedFile:
    return await _on_thread(stage, StagedFile.discard)


async def _on_thread(work: Callable[[], T], discard: Callable[[T], None]) -> T:
    working = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        # The thread does it all the same, and nobody else would know of the result.
        discard(await working)
        raise


class _Lane:
    """One staged file and the one write in flight to it."""

    def __init__(self, staged: StagedFile) -> None:
        self.staged = staged
        self._writing: asyncio.Future[None] | None = None

    async def write(self, batch: bytes) -> None:
        """Wait for the batch before, then start on this one."""
        await self._written()
        loop = asyncio.get_running_loop()
        self._writing = loop.run_in_executor(None, self.staged.write, batch)

    async def finish(self) -> Digests:
        await self._written()
        return await asyncio.to_thread(self.staged.finish)

    async def discard(self) -> None:
        # The thread goes on when its waiter is cancelled: let go of the file only after it.
        if self._writing is not None:
            await asyncio.gather(asyncio.shield(self._writing), return_exceptions=True)
        await asyncio.to_thread(self.staged.discard)

    async def _written(self) -> None:
        if self._writing is not None:
            # Shielded, so that a cancelled waiter leaves the future to tell when the thread ends.
            await asyncio.shield(self._writing)


async def _batches(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    async for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= _BATCH:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield b"".join(waiting)
