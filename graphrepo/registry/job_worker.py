"""The worker of background jobs: one loop in every process, one item after the other.

Looking for work only reads. What is claimed here is renewed while it goes on, and given back
at a clean stop, or when the database or the store is away: it waits until they are there again.
After a crash it is claimed again when its time has run out.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import GraphrepoError, StaleError, UnavailableError
from graphrepo.model.database import Database
from graphrepo.registry.job_rows import claim, release, renew, settle, waiting
from graphrepo.registry.job_views import JobKind, Outcome, Turn

Work = Callable[[Turn], Awaitable[Outcome]]
"""Does one item; what it raises becomes the item's failure, unless it may pass."""

_LOOK = 1.0
_LEASE = timedelta(seconds=8)  # what a crash costs before somebody goes on
_RENEWAL = 2.0  # seconds
_MAX_ATTEMPTS = 3
_MAY_PASS = (StaleError, UnavailableError)

_log = logging.getLogger(__name__)


class JobWorker:
    """Does the jobs, beside other processes that do the same."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        works: Mapping[JobKind, Work],
        queued: asyncio.Event,
        *,
        renewal: float = _RENEWAL,
        look: float = _LOOK,
    ) -> None:
        """Do nothing until ``run``.

        Args:
            database: holds the jobs.
            clock: says when a claim runs out.
            works: how an item of each kind is done.
            queued: is set when this process queues a job.
            renewal: seconds after which a claim is renewed.
            look: seconds between looks for jobs that other processes queued.
        """
        self._database = database
        self._clock = clock
        self._works = works
        self._holder = secrets.token_hex(8)
        self._queued = queued
        self._renewal = renewal
        self._look = look

    async def run(self) -> None:
        """Work until cancelled; a failure of the database is logged and tried again."""
        while True:
            try:
                while await self.once():
                    pass
            except GraphrepoError:
                _log.exception("Background jobs failed; they go on.")
            await self._rest()

    async def once(self) -> bool:
        """Do one item if one waits; return whether one did."""
        now = milliseconds(self._clock())
        if not await self._database.read(waiting, now):
            return False
        turn = await self._database.transact_beside(claim, self._holder, now, _span())
        if turn is None:
            return False
        await self._take(turn)
        return True

    async def _take(self, turn: Turn) -> None:
        doing = asyncio.create_task(self._outcome(turn))
        try:
            outcome = await doing if await self._hold(turn, doing) else None
        except BaseException:
            await _stop(doing)
            await self._give_back(turn)
            raise
        if outcome is not None:
            now = milliseconds(self._clock())
            await self._database.transact_beside(settle, turn, self._holder, outcome, now)
        else:
            await _stop(doing)

    async def _give_back(self, turn: Turn) -> None:
        """Let others have the item; if that fails, they have it when the claim has run out."""
        with suppress(GraphrepoError):
            await self._database.transact_beside(release, turn, self._holder)

    async def _hold(self, turn: Turn, doing: asyncio.Task[Outcome]) -> bool:
        """Renew the claim until the item is done; return whether it is still ours."""
        while not (await asyncio.wait({doing}, timeout=self._renewal))[0]:
            until = milliseconds(self._clock()) + _span()
            if not await self._database.transact_beside(renew, turn, self._holder, until):
                _log.warning("Job %s was taken over by another process.", turn.job_id)
                return False
        return True

    async def _outcome(self, turn: Turn) -> Outcome:
        if turn.attempts >= _MAX_ATTEMPTS:
            message = f"The server ended {turn.attempts} times while it was at this; it gave up."
            return Outcome(code=GraphrepoError.code, message=message)
        try:
            return await self._works[turn.kind](turn)
        except _MAY_PASS:
            raise
        except GraphrepoError as error:
            return Outcome(code=error.code, message=error.message)
        except Exception:  # noqa: BLE001 - a job of many items outlives the fault of one
            ident = secrets.token_hex(6)
            _log.exception("error %s in job %s, item %s", ident, turn.job_id, turn.place)
            message = f"Something failed on the server; tell its operator the id {ident}."
            return Outcome(code=GraphrepoError.code, message=message)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._look):
                await self._queued.wait()
        except TimeoutError:
            return
        self._queued.clear()


async def _stop(doing: asyncio.Task[Outcome]) -> None:
    doing.cancel()
    await asyncio.wait({doing})


def _span() -> int:
    return int(_LEASE.total_seconds() * 1000)
