"""Download counts as they are looked at; in batches, each a fixed number of statements.

The batch forms trust their ids: whoever asks got them from a query that checked the viewer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from graphrepo.model.database import Database
from graphrepo.model.many import rows_of_ids

_FIRST_DAY = date(1970, 1, 1).toordinal()
_TOP = 10  # packages of a channel


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which downloads of a package are counted, and how they are told apart.

    No versions stand for all; the days are included; a count that is not told apart by version
    or platform has none.
    """

    by_version: bool = False
    by_platform: bool = False
    versions: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class GroupCount:
    """The downloads of one group."""

    version: str | None
    platform: str | None
    count: int


@dataclass(frozen=True, slots=True)
class MonthCount:
    """The downloads of a month, which its first day names."""

    month: date
    count: int


@dataclass(frozen=True, slots=True)
class GroupMonths:
    """The downloads of one group by month, oldest first; months without any are left out."""

    version: str | None
    platform: str | None
    counts: tuple[MonthCount, ...]


@dataclass(frozen=True, slots=True)
class PackageCount:
    """The downloads of a package."""

    package_name: str
    count: int


class DownloadCounts:
    """What was downloaded how often."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def of_files(self, ids: Iterable[int]) -> dict[int, int]:
        """Return the downloads of each file."""
        return await self._sums(_OF_FILES, ids)

    async def of_packages(self, ids: Iterable[int]) -> dict[int, int]:
        """Return the downloads of each package."""
        return await self._sums(_OF_PACKAGES, ids)

    async def of_versions(self, pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """Return the downloads of each version, given as package id and version."""
        wanted = tuple(pairs)
        found = await self._database.read(rows_of_ids, _OF_VERSIONS, {pair[0] for pair in wanted})
        counted = {(ident, version): int(count) for ident, version, count in found}
        return {pair: counted.get(pair, 0) for pair in wanted}

    async def grouped(
        self, ids: Iterable[int], grouping: Grouping
    ) -> dict[int, tuple[GroupCount, ...]]:
        """Return the downloads of each package by group, most first; groups without any: none."""
        return await self._database.read(_grouped, tuple(ids), grouping)

    async def monthly(
        self, ids: Iterable[int], grouping: Grouping
    ) -> dict[int, tuple[GroupMonths, ...]]:
        """Return the downloads of each package by group and month."""
        return await self._database.read(_monthly, tuple(ids), grouping)

    async def top_packages(self, channel_ids: Iterable[int]) -> dict[int, tuple[PackageCount, ...]]:
        """Return the ten packages of each channel that are downloaded most."""
        found = await self._database.read(rows_of_ids, _TOP_PACKAGES, tuple(channel_ids), most=_TOP)
        tops: dict[int, tuple[PackageCount, ...]] = {}
        for ident, name, count in found:
            tops[ident] = (*tops.get(ident, ()), PackageCount(name, count))
        return tops

    async def channel_months(self, channel_ids: Iterable[int]) -> dict[int, tuple[MonthCount, ...]]:
        """Return the downloads of each channel by month."""
        days: dict[int, dict[date, int]] = {}
        for ident, day, count in await self._database.read(
            rows_of_ids, _CHANNEL_DAYS, tuple(channel_ids)
        ):
            _add(days.setdefault(ident, {}), day, count)
        return {ident: _months(counts) for ident, counts in days.items()}

    async def _sums(self, sql: str, ids: Iterable[int]) -> dict[int, int]:
        wanted = tuple(ids)
        counted: dict[int, int] = dict(await self._database.read(rows_of_ids, sql, wanted))
        return {ident: counted.get(ident, 0) for ident in wanted}


def _grouped(ids: tuple[int, ...], grouping: Grouping) -> dict[int, tuple[GroupCount, ...]]:
    columns, chosen, values = _group(grouping)
    sql = f"""SELECT a.package_id, {columns}, sum(t.count) AS total
        FROM artifact_downloads t JOIN artifact a ON a.id = t.artifact_id
        JOIN subdir s ON s.id = a.subdir_id
        WHERE a.package_id IN ({{ids}}){chosen}
        GROUP BY 1, 2, 3 ORDER BY total DESC, 2, 3"""
    found: dict[int, tuple[GroupCount, ...]] = {}
    for ident, version, platform, count in rows_of_ids(sql, ids, **values):
        found[ident] = (*found.get(ident, ()), GroupCount(version, platform, int(count)))
    return found


def _monthly(ids: tuple[int, ...], grouping: Grouping) -> dict[int, tuple[GroupMonths, ...]]:
    columns, chosen, values = _group(grouping)
    sql = f"""SELECT a.package_id, {columns}, d.day, sum(d.count)
        FROM download d JOIN artifact a ON a.id = d.artifact_id
        JOIN subdir s ON s.id = a.subdir_id
        WHERE a.package_id IN ({{ids}}){chosen}
          AND d.day >= $first AND d.day <= $last
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""
    days: dict[int, dict[tuple[str | None, str | None], dict[date, int]]] = {}
    for ident, version, platform, day, count in rows_of_ids(sql, ids, **values, **_span(grouping)):
        group = days.setdefault(ident, {}).setdefault((version, platform), {})
        _add(group, day, count)
    return {
        ident: tuple(GroupMonths(*names, _months(counts)) for names, counts in groups.items())
        for ident, groups in days.items()
    }


def _group(grouping: Grouping) -> tuple[str, str, dict[str, object]]:
    """Return the two columns that tell groups apart, the condition on versions, its values."""
    version = "a.version" if grouping.by_version else "NULL"
    platform = "s.name" if grouping.by_platform else "NULL"
    values: dict[str, object] = {f"v{i}": name for i, name in enumerate(grouping.versions)}
    listed = ", ".join(f"${name}" for name in values)
    return f"{version}, {platform}", f" AND a.version IN ({listed})" if listed else "", values


def _span(grouping: Grouping) -> Mapping[str, int]:
    first, last = grouping.first or date.min, grouping.last or date.max
    return {"first": first.toordinal() - _FIRST_DAY, "last": last.toordinal() - _FIRST_DAY}


def _add(counts: dict[date, int], day: int, count: int) -> None:
    month = date.fromordinal(_FIRST_DAY + day).replace(day=1)
    counts[month] = counts.get(month, 0) + int(count)


def _months(counts: Mapping[date, int]) -> tuple[MonthCount, ...]:
    return tuple(MonthCount(month, counts[month]) for month in sorted(counts))


_OF_FILES = "SELECT artifact_id, count FROM artifact_downloads WHERE artifact_id IN ({ids})"
_OF_PACKAGES = "SELECT package_id, count FROM package_downloads WHERE package_id IN ({ids})"
_OF_VERSIONS = """
    SELECT a.package_id, a.version, sum(t.count)
    FROM artifact_downloads t JOIN artifact a ON a.id = t.artifact_id
    WHERE a.package_id IN ({ids}) GROUP BY a.package_id, a.version
"""
_TOP_PACKAGES = """
    SELECT channel_id, name, count FROM (
      SELECT p.channel_id, p.name, t.count, row_number() OVER
        (PARTITION BY p.channel_id ORDER BY t.count DESC, p.name) AS place
      FROM package_downloads t JOIN package p ON p.id = t.package_id
      WHERE p.channel_id IN ({ids})
    ) AS ranked WHERE place <= $most ORDER BY channel_id, place
"""
_CHANNEL_DAYS = """
    SELECT channel_id, day, count FROM channel_download WHERE channel_id IN ({ids})
    ORDER BY channel_id, day
"""
