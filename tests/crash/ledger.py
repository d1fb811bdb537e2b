"""What clients were told, and so what must be there after a crash."""

from dataclasses import dataclass, field
from threading import Lock

from tests.builders import Built


@dataclass(frozen=True)
class Kept:
    """How a file is: its package, none where there is none, and whether it is yanked."""

    built: Built | None = None
    is_yanked: bool = False


ABSENT = Kept()


@dataclass
class Ledger:
    """The state of each file that was acknowledged, and the one that a request asks for.

    Each file belongs to one client, which sends one request at a time.
    """

    known: dict[str, Kept] = field(default_factory=dict[str, Kept])
    asked: dict[str, Kept] = field(default_factory=dict[str, Kept])
    acknowledged: int = 0
    _lock: Lock = field(default_factory=Lock)

    def state(self, filename: str) -> Kept:
        """Return how the file is, as far as anybody was told."""
        return self.known.get(filename, ABSENT)

    def ask(self, filename: str, wanted: Kept) -> None:
        """Note what a request is about to ask for."""
        with self._lock:
            self.asked[filename] = wanted

    def acknowledge(self, filename: str) -> None:
        """Note that the request was answered with success."""
        with self._lock:
            self.known[filename] = self.asked.pop(filename)
            self.acknowledged += 1

    def settle(self, found: dict[str, Kept]) -> None:
        """Compare with what is there after a crash.

        What was acknowledged is there; what was asked for and not acknowledged is there whole,
        or not at all.
        """
        names = self.known.keys() | self.asked.keys()
        assert found.keys() <= names
        for filename in names:
            is_now = found.get(filename, ABSENT)
            allowed = [self.state(filename)]
            if filename in self.asked:
                allowed.append(self.asked[filename])
            assert is_now in allowed, f"{filename} is {is_now}, and may be {allowed}"
        self.known = {name: kept for name, kept in found.items() if kept != ABSENT}
        self.asked = {}
