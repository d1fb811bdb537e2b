"""Relations on their way: loaded already, or to be waited for."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from graphrepo.errors import StaleError

V = TypeVar("V")
W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class Ready(Generic[V]):
    """What was loaded before: awaiting it takes no turn of the event loop."""

    value: V

    def __await__(self) -> Generator[Any, None, V]:
        """Return the value at once."""
        return self.value
        yield  # makes this a generator, as awaiting needs one


def then(loading: Awaitable[V], use: Callable[[V], W]) -> Awaitable[W] | W:
    """Return what ``use`` makes of a relation: at once where it is loaded, else to be awaited.

    For fields of the items of large pages: a task for each field of each item would cost more
    than everything else.
    """
    return use(loading.value) if isinstance(loading, Ready) else _then(loading, use)


async def load_all(loading: Iterable[Awaitable[object]]) -> None:
    """Wait until all of this is loaded, or has failed: whoever uses it will find out."""
    waiting = {each for each in loading if isinstance(each, asyncio.Future)}
    if waiting:
        await asyncio.wait(waiting)


async def _then(loading: Awaitable[V], use: Callable[[V], W]) -> W:
    return use(await loading)


async def existing(loading: Awaitable[V | None]) -> V:
    """Return what must be there.

    Raises:
        StaleError: it was taken away while the answer was being put together.
    """
    return there(await loading)


def there(found: V | None) -> V:
    """Return what must have been found; raises as ``existing`` does."""
    if found is None:
        raise StaleError("The channel changed while it was being read; send the query again.")
    return found
