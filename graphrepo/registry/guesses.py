"""Wrong guesses at passwords, as lines of the audit log.

Whoever guesses must not be able to fill the disk. So there is one line for each account and
address in the span in which guesses are counted (``attempts``), and a budget of lines for all of
them together. What was typed is never kept: people type passwords where the login belongs.
"""

from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

from graphrepo.access.attempts import Budget, origin
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import (
    GraphrepoError,
    SetupClosedError,
    StorageFullError,
    TooManyAttemptsError,
    UnavailableError,
    WrongCredentialsError,
)
from graphrepo.model.database import Database, rows
from graphrepo.registry.changes import record_event

MOST: Final = 500
"""Lines in a span, in one process."""

_Line = tuple[str, str, str, str]  # action, login, place, code


class Guesses:
    """Tells the audit log of guesses; on the event loop alone."""

    def __init__(self, database: Database, clock: Clock, seconds: int) -> None:
        """Remember lines for so many seconds."""
        self._database = database
        self._clock = clock
        self._budget = Budget(MOST, seconds * 1000)
        self._full_at = 0
        self._told: OrderedDict[_Line, int] = OrderedDict()  # when (ms), the oldest first

    @asynccontextmanager
    async def told(self, viewer: Viewer, action: str, login: str = "") -> AsyncGenerator[None]:
        """Write a line if what is done within fails for a wrong secret, or for too many of them.

        Args:
            viewer: who guesses, and from where.
            action: what they failed to do.
            login: the account that they named; kept if it exists.
        """
        try:
            yield
        except (WrongCredentialsError, SetupClosedError, TooManyAttemptsError) as refusal:
            await self._tell(viewer, action, login, refusal)
            raise

    async def _tell(self, viewer: Viewer, action: str, login: str, refusal: GraphrepoError) -> None:
        now = milliseconds(self._clock())
        if not self._is_news((action, login, origin(viewer.address), refusal.code), now):
            return
        # The answer is the refusal in any case.
        with suppress(StorageFullError, UnavailableError):
            await self._database.transact(_record, viewer, action, login, refusal.code, now)

    def _is_news(self, line: _Line, now: int) -> bool:
        while self._told and next(iter(self._told.values())) <= now - self._budget.span:
            self._told.popitem(last=False)
        if line in self._told:
            return False
        self._full_at, wait = self._budget.spend(self._full_at, now)
        if wait:
            return False
        self._told[line] = now
        return True


def _record(viewer: Viewer, action: str, login: str, code: str, now: int) -> None:
    known = rows("SELECT login FROM account WHERE login = $login", login=login)
    record_event(viewer, action, now, login=known[0][0] if known else None, reason=code)
