"""One who follows a channel: an iterator over its changes."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Self

from graphrepo.errors import GraphrepoError, StaleError, TooSlowError
from graphrepo.registry.feed_rows import Change, Claim, Standing

_BACKLOG: Final = 5_000
"""Changes that may wait for a slow follower. They are shared, so this costs little."""


class Follower:
    """Yields the changes until ``end``, then fails with the reason that was given there."""

    def __init__(self, claim: Claim, leave: "Callable[[Follower], None]") -> None:
        """Wait to be admitted; ``leave`` is called at the end."""
        self.claim = claim
        self.admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._leave = leave
        self._channel_id: int | None = None
        self._waiting: deque[Change] = deque()
        self._stirred = asyncio.Event()
        self._reason: GraphrepoError | None = None

    @property
    def is_admitted(self) -> bool:
        """Whether changes are for them already."""
        return self._channel_id is not None

    def admit(self, standing: Standing) -> bool:
        """Take note of the right to read; return whether they had it before.

        A channel that was deleted and made anew is another one, and ends this.
        """
        if self._channel_id is None:
            self._channel_id = standing.channel_id
            if not self.admitted.done():  # it is, if the one who waits has gone
                self.admitted.set_result(None)
            return False
        if self._channel_id != standing.channel_id:
            self.end(StaleError(f"{self.claim.channel} was deleted and made anew; subscribe anew."))
            return False
        return True

    def tell(self, changes: Iterable[Change]) -> None:
        """Let the changes wait for them; too many at a time end this."""
        self._waiting.extend(changes)
        self._stirred.set()
        if len(self._waiting) > _BACKLOG:
            self.end(TooSlowError(f"Over {_BACKLOG} changes wait for you; read on and subscribe."))

    def end(self, reason: GraphrepoError) -> None:
        """Let no more changes out, not even those that wait, and fail with the reason."""
        self._reason = reason
        self._waiting.clear()
        self._stirred.set()
        self._leave(self)
        if not self.admitted.done():
            self.admitted.set_exception(reason)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        while not self._waiting:
            if self._reason is not None:
                raise self._reason
            self._stirred.clear()
            await self._stirred.wait()
        return self._waiting.popleft()

    async def aclose(self) -> None:
        """Follow no more."""
        self._leave(self)
