"""What is made when somebody first asks for it, because its libraries take long to load."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T", bound=object)


class Deferred(Generic[T]):
    """A value made once, on a thread, while the event loop goes on."""

    def __init__(self, make: Callable[[], T]) -> None:
        """Make nothing yet."""
        self._make = make
        self._made: T | None = None
        self._making = asyncio.Lock()

    @property
    def made(self) -> T | None:
        """The value, if it is there already."""
        return self._made

    async def get(self) -> T:
        """Return the value; whoever asks while it is being made waits for it.

        Raises what making it raises, and then whoever asks next tries again.
        """
        if self._made is None:
            async with self._making:
                if self._made is None:
                    self._made = await asyncio.to_thread(self._make)
        return self._made
