"""Relations on their way: loaded already, or to be waited for."""

from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Generic, TypeVar

from strawberry.dataloader import DataLoader

from graphrepo.errors import StaleError

K = TypeVar("K")
V = TypeVar("V")
W = TypeVar("W")
NOT_YET: Final[Any] = object()
"""In the place of what was not loaded yet; null is a relation's value, too."""

Fetch = Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]


@dataclass(frozen=True, slots=True)
class Ready(Generic[V]):
    """What was loaded before: awaiting it takes no turn of the event loop."""

    value: V

    def __await__(self) -> Generator[Any, None, V]:
        """Return the value at once."""
        return self.value
        yield  # makes this a generator, as awaiting needs one


class Relation(Generic[K, V]):
    """What belongs to each key, read once in a request and for many keys at once."""

    __slots__ = ("_alone", "_at_once", "_fetch", "_together", "found")

    def __init__(self, fetch: Fetch[K, V], at_once: int | None = None) -> None:
        """Read with a batch form of the registry, at most for so many keys ``at_once``."""
        self._fetch = fetch
        self._at_once = at_once
        self.forget()

    def forget(self) -> None:
        """Read everything anew from here on."""
        self.found: dict[K, V | None] = {}
        self._alone: DataLoader[K, V | None] | None = None  # made where needed: most are not
        self._together: DataLoader[tuple[K, ...], None] | None = None

    def __call__(self, key: K) -> Awaitable[V | None]:
        """Return what belongs to a key, read together with what others ask for meanwhile."""
        if key in self.found:
            return Ready(self.found[key])
        if self._alone is None:
            self._alone = DataLoader(self._each, max_batch_size=self._at_once)
        return self._alone.load(key)

    async def load(self, keys: Iterable[K]) -> Mapping[K, V | None]:
        """Read what belongs to all these keys, so that it is there at once from then on.

        For large pages: to wait for each key by itself would cost more than to read them.
        """
        missing = tuple(key for key in keys if key not in self.found)
        if missing:
            if self._together is None:
                self._together = DataLoader(self._groups)
            await self._together.load(missing)
        return self.found

    async def _each(self, keys: list[K]) -> list[V | None]:
        found = await self._fetch(keys)
        values = [found.get(key) for key in keys]
        self.found.update(zip(keys, values, strict=True))
        return values

    async def _groups(self, groups: list[tuple[K, ...]]) -> list[None]:
        await self._each(list(dict.fromkeys(chain(*groups))))
        return [None for _ in groups]


def then(relation: Relation[K, V], key: K, use: Callable[[V | None], W]) -> Awaitable[W] | W:
    """Return what ``use`` makes of a relation: at once where it is loaded, else to be awaited.

    For fields of the items of large pages: a task for each field of each item would cost more
    than everything else.
    """
    found = relation.found.get(key, NOT_YET)
    return _then(relation(key), use) if found is NOT_YET else use(found)


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
