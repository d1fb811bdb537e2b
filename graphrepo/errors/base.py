"""What all failures have in common."""

from typing import ClassVar


class GraphrepoError(Exception):
    """Base of all failures; ``str(error)`` is the sentence shown to the person."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str) -> None:
        """Keep the sentence."""
        super().__init__(message)
        self.message = message


class LaterError(GraphrepoError):
    """A failure of too much at once: the same may succeed after so many seconds."""

    def __init__(self, message: str, seconds: int) -> None:
        """Keep the sentence, and for how long to wait."""
        super().__init__(message)
        self.seconds = seconds
