"""How the files that a channel holds have come together over the months.

Only what is there now counts: what was deleted takes up no space.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from graphrepo.model.database import Database
from graphrepo.model.many import rows_of_ids

_DAY = 86_400_000  # milliseconds


@dataclass(frozen=True, slots=True)
class MonthStorage:
    """What a channel held at the end of a month (UTC), which its first day names."""

    month: date
    size: int  # bytes
    files: int


class StorageGrowth:
    """What is stored since when."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def of_channels(self, ids: Iterable[int]) -> dict[int, tuple[MonthStorage, ...]]:
        """Return the months of each channel in which files came, oldest first.

        The ids are trusted: whoever asks got them from a query that checked the viewer.
        """
        found = await self._database.read(rows_of_ids, _BY_DAY, tuple(ids), day=_DAY)
        months: dict[int, dict[date, MonthStorage]] = {}
        for ident, day, size, files in found:
            month = datetime.fromtimestamp(day * _DAY / 1000, UTC).date().replace(day=1)
            grown = months.setdefault(ident, {})
            last = next(reversed(grown.values()), _NOTHING)
            grown[month] = MonthStorage(month, last.size + int(size), last.files + files)
        return {ident: tuple(grown.values()) for ident, grown in months.items()}


_NOTHING = MonthStorage(date.min, 0, 0)
_BY_DAY = """
SELECT s.channel_id, a.uploaded_at / $day, sum(a.size), count(*)
FROM artifact a JOIN subdir s ON s.id = a.subdir_id
WHERE s.channel_id IN ({ids}) AND a.removed_in IS NULL GROUP BY 1, 2 ORDER BY 1, 2
"""
