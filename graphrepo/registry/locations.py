"""Signed addresses of blobs in an object store, each used for a while before another is made."""

import asyncio
from collections import OrderedDict
from datetime import datetime
from typing import Final, Literal

from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock

Method = Literal["GET", "HEAD"]

_MOST: Final = 10_000  # addresses kept; half a kilobyte each
_SHARE: Final = 3  # an address is given out for this part of its time, so that most of it is left


_Known = tuple[str | None, datetime]  # the address, and until when it is given out


class Locations:
    """Where clients may fetch a blob themselves. Whoever gets an address needs no other right."""

    def __init__(self, store: BlobStore, clock: Clock, most: int = _MOST) -> None:
        """Know no address yet, and never more than ``most``."""
        self._most = most
        self._store = store
        self._clock = clock
        self._known: OrderedDict[tuple[str, Method], _Known] = OrderedDict()

    async def of(self, blake3: str, method: Method) -> str | None:
        """Return an address, or none where all bytes pass through this server."""
        lending = self._store.lending
        if lending is None:
            return None
        now = self._clock()
        url, until = self._known.get((blake3, method), (None, now))
        if now < until:
            return url
        # Signing is arithmetic, unless the credentials must be fetched anew from somewhere.
        made = await asyncio.to_thread(self._store.location, blake3, method)
        self._known[blake3, method] = (made, now + lending / _SHARE)
        self._known.move_to_end((blake3, method))
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return made
