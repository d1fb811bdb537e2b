"""What a kind of database does in its own way, behind ``model/database.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pony import orm

from graphrepo.errors import GraphrepoError, StaleError

Connection = Any
"""A connection of the database's own driver."""

REFUSALS: Final = (
    orm.DatabaseError,
    orm.UnexpectedError,
    orm.TransactionIntegrityError,
    orm.CommitException,
)
"""Pony wraps what fails at once, at a flush and at a commit in different ways."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The threads of one process that use the database; each has a connection of its own.

    Attributes:
        readers: for what requests read.
        surveyors: for reads that take long, so that they do not hold up requests.
        writers: for transactions; SQLite has one, whatever stands here.
        timeout: seconds that one statement may take; SQLite takes the time it needs.
        patience: seconds that a server may be away before those who ask are told so.
    """

    readers: int = 4
    surveyors: int = 2
    writers: int = 2
    timeout: float = 120
    patience: float = 5

    @classmethod
    def of(cls, connections: int, timeout: float = 120) -> "Pool":
        """Return a pool of that many connections, four at least."""
        few = max(1, connections // 4)
        return cls(max(1, connections - 2 * few), few, few, timeout)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a transaction has to itself, while it lasts, of what transactions read and write.

    Where there are several writers, ``ALONE`` waits until no other one is under way.
    One with a channel waits for those of the same channel, and ``BESIDE`` for nobody.
    """

    channel: str | None = None
    is_beside: bool = False


ALONE: Final = Scope()
BESIDE: Final = Scope(is_beside=True)


class Engine(Protocol):
    """SQLite, or PostgreSQL."""

    @property
    def writers(self) -> int:
        """How many transactions of this process may be under way."""
        ...

    @property
    def is_near(self) -> bool:
        """Whether a row is read in microseconds, so that the event loop may wait for it."""
        ...

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """The exceptions by which the database fails."""
        ...

    def open(self) -> None:
        """Bring the tables up to date and bind the entities.

        Raises:
            UnavailableError: the database cannot be used.
        """
        ...

    def close(self) -> None:
        """Let go of everything but the connections of threads, which end with these."""
        ...

    def listen(self, notice: Callable[[], None]) -> None:
        """Have ``notice`` called on the event loop when another process has changed something.

        Where the database cannot tell, nothing is called.
        """
        ...

    async def version(self) -> object:
        """See ``Database.version``."""
        ...

    def begin_read(self, connection: Connection) -> None:
        """Begin one snapshot on a connection; what runs there must not write."""
        ...

    def begin_write(self, connection: Connection, scope: Scope) -> None:
        """Begin a transaction, and wait for what the scope must have to itself."""
        ...

    def may_repeat(self, error: Exception, attempt: int) -> bool:
        """Return whether work that failed so, and left nothing behind, should begin anew.

        It may wait for a moment first. ``attempt`` counts from 1.
        """
        ...

    def succeeded(self) -> None:
        """Take note that the database answers."""
        ...

    def failure(self, error: Exception) -> GraphrepoError:
        """Return what an exception of ``refusals`` means."""
        ...


def stale(error: Exception) -> StaleError | None:
    """Return the failure of one who was overtaken, if the error says so."""
    if isinstance(error, orm.TransactionIntegrityError | orm.IntegrityError):
        return StaleError("Somebody else changed the same thing at the same moment; try again.")
    return None
