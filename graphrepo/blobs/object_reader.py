"""A blob in an object store as a seekable file: a block at a time, never the whole of it."""

import io
from collections.abc import Callable
from typing import BinaryIO, Final

BLOCK: Final = 1024 * 1024
"""Bytes that one request brings at least, and that an open blob holds in memory at most twice."""

Fetch = Callable[[int, int], tuple[bytes, int]]
"""Brings ``length`` bytes from ``start`` and the blob's whole size; raises ``BlobMissingError``."""


def open_blob(fetch: Fetch) -> BinaryIO:
    """Return the blob as a buffered file; its first block is there already.

    So a blob of one block costs one request, and stays readable whatever becomes of it.

    Raises:
        BlobMissingError: The store does not hold it.
    """
    return io.BufferedReader(_Blob(fetch), BLOCK)


class _Blob(io.RawIOBase):
    """The unbuffered file; ``readinto`` is a request each, but for the first block."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._position = 0
        self._first, self._size = fetch(0, BLOCK)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, origin + offset)
        return self._position

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._position)
        if wanted <= 0:
            return 0
        data = self._first[self._position : self._position + wanted]
        if not data:
            self._first = b""
            data, _ = self._fetch(self._position, wanted)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def readall(self) -> bytes:
        blocks: list[bytes] = []
        while self._position < self._size:
            block = bytearray(min(BLOCK, self._size - self._position))
            blocks.append(bytes(block[: self.readinto(memoryview(block))]))
        return b"".join(blocks)
