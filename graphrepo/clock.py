"""Time as a value: whoever needs the time is given a clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the present moment, aware, in UTC."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def system_clock() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one clock that others are handed


def milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since 1970, the unit of conda's timestamps; never of the future."""
    return (moment - _EPOCH) // _MILLISECOND
