"""What answers that go on and on may take up, and how they leave."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from graphrepo.access.viewer import Viewer
from graphrepo.errors import TooManySubscriptionsError

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Counts are of one process, times in seconds."""

    connections: int = 2_000
    connections_of_viewer: int = 50  # a stranger's are those of their address
    operations: int = 50  # under way at once on one connection
    init: float = 10.0  # until a WebSocket must have said who it is
    ping: float = 20.0  # between signs of life, both ways
    send: float = 30.0  # that a client may take for one message


class Quota:
    """At most so many at once, of each key."""

    def __init__(self, most: int, refusal: str) -> None:
        """Hold none; ``refusal`` tells the person what to do."""
        self._most = most
        self._refusal = refusal
        self._held: Counter[str] = Counter()

    @contextmanager
    def held(self, key: str = "") -> Generator[None]:
        """Hold one.

        Raises:
            TooManySubscriptionsError: all are held.
        """
        if self._held[key] >= self._most:
            raise TooManySubscriptionsError(self._refusal)
        self._held[key] += 1
        try:
            yield
        finally:
            self._held -= Counter({key: 1})  # forgets a key that holds none


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits with what is held of them."""

    limits: StreamLimits
    connections: Quota
    of_viewer: Quota

    @classmethod
    def of(cls, limits: StreamLimits) -> Self:
        """Return bounds of which nothing is held."""
        everybody = "This server has as many subscribers as it takes; try again later."
        somebody = "You have as many open subscriptions as you may; close some of them."
        return cls(
            limits,
            Quota(limits.connections, everybody),
            Quota(limits.connections_of_viewer, somebody),
        )


class GoneError(Exception):
    """The client takes nothing more."""


class Outlet:
    """Sends one message at a time to a client that may be slow, or gone without a word."""

    def __init__(self, send: Send, patience: float) -> None:
        """Send with ``send``, each message within ``patience`` seconds."""
        self._send = send
        self._patience = patience
        self._turn = asyncio.Lock()

    async def __call__(self, message: Message) -> None:
        """Send a message.

        Raises:
            GoneError: the client does not take it.
        """
        try:
            async with self._turn, asyncio.timeout(self._patience):
                await self._send(message)
        except (OSError, RuntimeError) as error:  # TimeoutError is an OSError
            raise GoneError from error


def key_of(viewer: Viewer, client: str) -> str:
    """Return the key under which connections are counted; no login holds a space."""
    return viewer.login or f"somebody at {client}"
