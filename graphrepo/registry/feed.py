"""What happens in channels, told to those who follow them.

Every change leaves a row in the audit log, within its own transaction. While anybody follows,
each process looks there from time to time, and at once after a change of its own. A look is
one snapshot: it reads the new rows and asks of the followers whether they may (still) read. So
nobody is told of what they may not read at that moment, whichever process made the change.

A follower is admitted by one look and told of what later looks find: nothing twice, nothing
left out, in the order of the log.
"""

import asyncio
import logging
import time
from typing import Final

from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import GraphrepoError, UnavailableError
from graphrepo.model.database import Database
from graphrepo.registry.feed_rows import Claim, Seen, look, start
from graphrepo.registry.follower import Follower
from graphrepo.registry.frontier import Frontier

_LOOK: Final = 0.25  # seconds between looks for what other processes changed
_CHECK: Final = 0.5  # seconds between looks at the rights of followers to whom nothing happens

_log = logging.getLogger(__name__)


class Feed:
    """The changes of this installation's channels, for the followers in this process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Do nothing until somebody follows."""
        self._database = database
        self._clock = clock
        self._followers: set[Follower] = set()
        self._looking: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._checked = 0.0
        self._is_closed = False
        database.after_commit(self._wake.set)

    async def follow(self, viewer: Viewer, channel: str) -> Follower:
        """Return an iterator over the changes of a channel from this moment on.

        It ends with the failure that is the reason, for example when the right to read ends.
        Whoever follows must ``aclose`` it.

        Raises:
            NotAuthenticatedError: nobody is signed in, and more than that is not said.
            ForbiddenError: the viewer may not read the channel, or it does not exist.
            UnavailableError: the server is being stopped, or its database does not answer.
        """
        if self._is_closed:
            raise _stopping()
        follower = Follower(Claim(viewer, viewer.credential, channel), self._followers.discard)
        self._followers.add(follower)
        self._wake.set()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._run())
        try:
            await follower.admitted
        except BaseException:
            await follower.aclose()
            raise
        return follower

    def dismiss(self) -> None:
        """Send everybody away in a moment, and let nobody in."""
        self._is_closed = True
        if self._looking is not None:
            self._looking.cancel()

    async def close(self) -> None:
        """Send everybody away and look no more."""
        self.dismiss()
        if self._looking is not None:
            await asyncio.wait([self._looking])

    async def _run(self) -> None:
        reason: GraphrepoError = _stopping()
        try:
            await self._keep_looking()
        except GraphrepoError as failure:
            reason = failure
        finally:
            for follower in tuple(self._followers):
                follower.end(reason)

    async def _keep_looking(self) -> None:
        frontier = Frontier(await self._database.read(start))
        while self._followers:
            self._wake.clear()
            if not await self._look(frontier):
                await self._pause()

    async def _pause(self) -> None:
        """Wait for a change of this process, or until it is time to look for those of others."""
        timer = asyncio.get_running_loop().call_later(_LOOK, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    async def _look(self, frontier: Frontier) -> bool:
        """Tell the followers what is new; return whether there may be more at once."""
        now = time.monotonic()
        is_due = now >= self._checked + _CHECK
        followers = tuple(self._followers)
        claims = {follower.claim: is_due for follower in followers}
        claims |= {follower.claim: True for follower in followers if not follower.is_admitted}
        try:
            seen = await self._database.read(look, frontier.low, claims, self._now())
        except GraphrepoError:
            _log.exception("Looking for changes failed; it goes on.")
            return False
        self._checked = now if is_due else self._checked
        new = frontier.unseen((change.id for change in seen.changes), now)
        for follower in followers:
            _inform(follower, seen, new)
        return seen.is_full

    def _now(self) -> int:
        return milliseconds(self._clock())


def _inform(follower: Follower, seen: Seen, new: frozenset[int]) -> None:
    """Admit, tell or end one follower, whichever the look gives reason to."""
    claim = follower.claim
    standing = seen.standings.get(claim)
    if isinstance(standing, GraphrepoError):
        follower.end(standing)
    elif standing is not None and follower.admit(standing):
        follower.tell(
            change
            for change in seen.changes
            if change.channel == claim.channel and change.id in new and standing.may_see(change)
        )


def _stopping() -> UnavailableError:
    return UnavailableError("The server is stopping; connect again in a moment.")
