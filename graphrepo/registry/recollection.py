"""Answers to reads, remembered until anything is committed.

Most requests ask what was asked a moment ago, and most moments pass without a change. The
database tells for next to nothing whether somebody committed since (``Database.version``), so
a remembered answer is as good as a fresh read: what a change made wrong is never given after
the change was acknowledged, whichever process made it.
"""

from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from graphrepo.model.database import Database

T = TypeVar("T")

_KEPT = 20_000


class Recollection(Generic[T]):
    """What reads of one kind returned since the last commit; failures are not remembered."""

    def __init__(self, database: Database) -> None:
        """Remember nothing yet."""
        self._database = database
        self._version: object = None
        self._kept: dict[Hashable, T] = {}

    async def of(self, key: Hashable, read: Callable[[], Awaitable[T]], asked: object = None) -> T:
        """Return what ``read`` returns, or returned for this key since the last commit.

        ``asked`` is the database's version, if the request has asked for it since it came.
        """
        version = await self._database.version() if asked is None else asked
        if version != self._version or len(self._kept) >= _KEPT:
            self._version = version
            self._kept.clear()
        elif (known := self._kept.get(key)) is not None:
            return known
        answer = await read()
        # The read may have seen less than this version, never more than the present one.
        if await self._database.version() == version == self._version:
            self._kept[key] = answer
        return answer
