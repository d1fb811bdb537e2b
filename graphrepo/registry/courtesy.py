"""How much one client may ask of everybody's server: searches of strangers, uploads of one key.

Both are counted in the memory of one process. A budget of searches is refilled with time, for each
address; uploads are counted while they are under way, for each key or session. Downloads, and
tokens that are no good, are never counted: installers send many of both.
"""

import math
from collections import Counter, OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from graphrepo.access.attempts import Budget, origin
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import TooManySearchesError, TooManyUploadsError

MOST: Final = 20_000
"""Addresses whose searches are remembered; what was not used for longest goes first."""


@dataclass(frozen=True, slots=True)
class CourtesyLimits:
    """What is let through."""

    searches_per_minute: int = 300  # of one address that nobody is known to be behind
    uploads_per_key: int = 32  # at once


class Courtesy:
    """Counts; on the event loop alone."""

    def __init__(
        self, clock: Clock, limits: CourtesyLimits | None = None, most: int = MOST
    ) -> None:
        """Begin with nothing on anybody."""
        chosen = limits or CourtesyLimits()
        self._clock = clock
        self._most = most
        self._searches = Budget(chosen.searches_per_minute, 60_000)
        self._full_at: OrderedDict[str, int] = OrderedDict()
        self._uploads_per_key = chosen.uploads_per_key
        self._uploads: Counter[object] = Counter()

    def admit_search(self, viewer: Viewer) -> None:
        """Count a search, if it comes over the network and nobody is known to ask.

        Raises:
            TooManySearchesError: there were too many from this address.
        """
        if not viewer.is_anonymous or not viewer.address:
            return
        place, now = origin(viewer.address), milliseconds(self._clock())
        full_at, wait = self._searches.spend(self._full_at.get(place, now), now)
        if wait:
            raise TooManySearchesError(math.ceil(wait / 1000))
        self._full_at[place] = full_at
        self._full_at.move_to_end(place)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)

    @contextmanager
    def upload(self, viewer: Viewer) -> Generator[None]:
        """Count an upload while it is under way; those of nobody are refused elsewhere.

        Raises:
            TooManyUploadsError: there are as many of this key as there may be.
        """
        if viewer.is_anonymous:
            yield
            return
        who = viewer.credential.digest if viewer.credential else viewer.login
        if self._uploads[who] >= self._uploads_per_key:
            raise TooManyUploadsError(self._uploads_per_key)
        self._uploads[who] += 1
        try:
            yield
        finally:
            self._uploads -= Counter({who: 1})  # forgets who has none
