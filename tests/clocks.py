"""A clock that moves only when a test says so."""

from datetime import UTC, datetime, timedelta


class HandClock:
    """A ``Clock`` moved by hand."""

    def __init__(self, start: datetime = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)) -> None:
        """Begin at a moment with microseconds, so that rounding shows."""
        self.now = start

    def __call__(self) -> datetime:
        """Return the moment the hands show."""
        return self.now

    def advance(self, step: timedelta) -> datetime:
        """Move on and return the new moment."""
        self.now += step
        return self.now
