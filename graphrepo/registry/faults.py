"""What a verification may find, and how it tells of its way."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class FaultKind(StrEnum):
    """What is wrong; the word is the one that people read."""

    DATABASE = "the database is damaged"
    ROW = "the rows disagree"
    MISSING = "its bytes are missing"
    UNREADABLE = "its bytes cannot be read"
    CORRUPT = "its bytes are not those that were stored"
    DIGEST = "its row names other digests or another size than its bytes have"
    DOCUMENT = "the document is not what the rows say"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be, and where: ``channel/subdir/file`` and the like."""

    kind: FaultKind
    place: str
    details: str = ""
    is_repaired: bool = False

    def __str__(self) -> str:
        """Return the line that a person reads."""
        told = f"{self.place}: {self.kind}{f' ({self.details})' if self.details else ''}"
        return f"{told}; repaired" if self.is_repaired else told


class Listener(Protocol):
    """Who follows a verification; the methods are called on any thread."""

    def expects(self, blobs: int, size: int) -> None:
        """Hear how much there is to read, once."""
        ...

    def has_read(self, size: int) -> None:
        """Hear of bytes that were read since the last call."""
        ...
