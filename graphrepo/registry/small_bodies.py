"""Small documents kept in memory: by digest, so what is kept can never be outdated."""

import asyncio
from collections import OrderedDict
from typing import Final

from graphrepo.blobs.store import BlobStore

LARGEST: Final = 256 * 1024
"""Bytes of the largest document that is kept."""

_BUDGET = 64 * 1024 * 1024


class SmallBodies:
    """The bytes of the small blobs that were asked for last."""

    def __init__(self, store: BlobStore, budget: int = _BUDGET) -> None:
        """Keep nothing yet, and never more than ``budget`` bytes."""
        self._store = store
        self._left = budget
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    async def of(self, blake3: str, size: int) -> bytes | None:
        """Return a blob's bytes, or none where it is too large to keep.

        Raises:
            BlobMissingError: the store does not hold it.
        """
        if size > LARGEST:
            return None
        known = self._kept.get(blake3)
        if known is not None:
            self._kept.move_to_end(blake3)
            return known
        body = await asyncio.to_thread(self._read, blake3)
        if self._kept.setdefault(blake3, body) is body:
            self._left -= len(body)
        while self._left < 0:
            _, dropped = self._kept.popitem(last=False)
            self._left += len(dropped)
        return body

    def _read(self, blake3: str) -> bytes:
        with self._store.open(blake3) as file:
            return file.read()
