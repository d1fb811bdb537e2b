"""A PostgreSQL as one end of a move; see ``transfer_ends``."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import psycopg2
from psycopg2 import extensions
from psycopg2.extras import execute_values  # pyright: ignore[reportUnknownVariableType]

from graphrepo.model.paths import folded, terms_of, unpacked
from graphrepo.model.transfer_tables import Row, Table

_BATCH = 1000


class PostgresEnd:
    """One database, in one transaction with one snapshot."""

    def __init__(self, url: str) -> None:
        """Connect."""
        self._connection = psycopg2.connect(url, application_name="graphrepo")
        self._connection.set_session(isolation_level=extensions.ISOLATION_LEVEL_REPEATABLE_READ)
        self._names = itertools.count()

    def count(self, table: Table) -> int:
        """Return how many rows it has."""
        return self._number(f'SELECT count(*) FROM "{table.name}"')  # noqa: S608 - own names

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield its rows, which the server keeps meanwhile."""
        with self._connection.cursor(f"rows_{next(self._names)}") as cursor:
            cursor.itersize = _BATCH
            cursor.execute(table.select)
            for row in cursor:
                yield tuple(map(_plain, row))

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows."""
        typed = [
            tuple(
                bool(value) if is_truth and value is not None else value
                for value, is_truth in zip(row, table.truths, strict=True)
            )
            for row in rows
        ]
        with self._connection.cursor() as cursor:
            execute_values(cursor, f"{table.insert} %s", typed, page_size=_BATCH)
            if table.name == "artifact_paths":
                terms = [(ident, terms_of(folded(unpacked(paths)))) for ident, paths in rows]
                execute_values(cursor, "INSERT INTO search_path VALUES %s", terms)

    def counters(self, tables: Iterable[Table]) -> Mapping[str, int]:
        """Return the last number of each table that has given one away."""
        sql = 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "{}_id_seq"'
        lasts = {
            each.name: self._number(sql.format(each.name)) for each in tables if each.is_counted
        }
        return {name: last for name, last in lasts.items() if last}

    def set_counters(self, counters: Mapping[str, int]) -> None:
        """Go on to count from there."""
        for name, last in counters.items():
            self._number(f"SELECT setval('{name}_id_seq', {last})")

    def lease_until(self) -> int:
        """Return until when a server has said that it is at work."""
        return self._number(
            "SELECT coalesce(max(split_part(value, ' ', 2)::bigint), 0) FROM setting"
            " WHERE name = 'lease.upkeep'"
        )

    def commit(self) -> None:
        """Keep what was added, and tell the planner how much it is."""
        self._connection.commit()
        self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()

    def _number(self, sql: str) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            found = cursor.fetchone()
        return int(found[0]) if found else 0


def _plain(value: object) -> object:
    if isinstance(value, memoryview):
        return value.tobytes()
    return int(value) if isinstance(value, bool) else value
