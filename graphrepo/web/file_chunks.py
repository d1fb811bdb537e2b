"""A stored file's bytes in chunks, without holding up the event loop.

Most files that are asked for are in the page cache, where reading 64 KiB takes less than the
way to a thread and back. So a chunk is read at once if the kernel has it (``RWF_NOWAIT``),
and on a thread if it would have to wait for the disk.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from typing import BinaryIO, Final

from graphrepo.errors import BlobCorruptError
from graphrepo.web.conditional import Span

CHUNK: Final = 64 * 1024
"""Bytes; the most that one download holds in memory, beside what the server buffers."""

_NOWAIT: int | None = getattr(os, "RWF_NOWAIT", None)  # Linux alone has it


async def file_chunks(file: BinaryIO, span: Span) -> AsyncGenerator[bytes]:
    """Yield the span of the file.

    Raises:
        BlobCorruptError: The file ends before the span does.
    """
    position, end = span.start, span.start + span.length
    while position < end:
        chunk = await _read(file, position, min(CHUNK, end - position))
        if not chunk:
            raise BlobCorruptError("A stored file is shorter than it was when it was stored.")
        position += len(chunk)
        yield chunk


async def _read(file: BinaryIO, position: int, length: int) -> bytes:
    try:
        descriptor = file.fileno()
    except OSError:  # a store without files of its own
        return await asyncio.to_thread(_seek_and_read, file, position, length)
    if _NOWAIT is not None:
        buffer = bytearray(length)
        try:
            read = os.preadv(descriptor, [buffer], position, _NOWAIT)
        except OSError:  # not in the cache, or a file system that cannot tell
            read = 0
        if read:
            return bytes(buffer if read == length else buffer[:read])
    return await asyncio.to_thread(os.pread, descriptor, length, position)


def _seek_and_read(file: BinaryIO, position: int, length: int) -> bytes:
    file.seek(position)
    return file.read(length)
