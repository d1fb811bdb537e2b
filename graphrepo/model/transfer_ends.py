"""Where rows are carried from and to: a SQLite file or a PostgreSQL, without the mapping.

Both are open in one transaction from the first to the last statement. Values are None,
integers, texts and bytes on either side; truth values are 0 and 1.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from graphrepo.errors import UnavailableError
from graphrepo.model.migrate import migrate_postgres, migrate_sqlite
from graphrepo.model.paths import folded, unpacked
from graphrepo.model.transfer_tables import Row, Table

_LEASE = "SELECT value FROM setting WHERE name = 'lease.upkeep'"
_PATHS = "artifact_paths"


class End(Protocol):
    """One of the two databases."""

    def count(self, table: Table) -> int:
        """Return how many rows it has."""
        ...

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield its rows in the order of the key."""
        ...

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows, and what is searched for in them."""
        ...

    def counters(self, tables: Iterable[Table]) -> Mapping[str, int]:
        """Return the last number that each counted table has given away."""
        ...

    def set_counters(self, counters: Mapping[str, int]) -> None:
        """Go on to count from there."""
        ...

    def lease_until(self) -> int:
        """Return until when (ms) some server has said that it is at work."""
        ...

    def commit(self) -> None:
        """Keep what was added."""
        ...

    def close(self) -> None:
        """Undo what was not committed, and disconnect."""
        ...


def open_end(address: Path | str) -> End:
    """Return a database whose tables are up to date.

    Raises:
        UnavailableError: it cannot be used.
    """
    if isinstance(address, Path):
        return _Sqlite(address)
    import psycopg2  # noqa: PLC0415 - an extra, which an installation on SQLite need not have

    from graphrepo.model.transfer_postgres import PostgresEnd  # noqa: PLC0415 - the same

    try:
        migrate_postgres(address)
        return PostgresEnd(address)
    except psycopg2.Error as error:
        reason = str(error).partition("\n")[0]
        raise UnavailableError(f"The PostgreSQL cannot be used: {reason}.") from error


class _Sqlite:
    def __init__(self, path: Path) -> None:
        migrate_sqlite(path)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA busy_timeout = 30000")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("BEGIN")

    def count(self, table: Table) -> int:
        sql = f'SELECT count(*) FROM "{table.name}"'  # noqa: S608 - own names
        return self._connection.execute(sql).fetchone()[0]

    def rows(self, table: Table) -> Iterator[Row]:
        return self._connection.execute(table.select)

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        places = ", ".join("?" for _ in table.columns)
        self._connection.executemany(f"{table.insert} ({places})", rows)
        if table.name == _PATHS:
            searched = ((ident, folded(unpacked(paths))) for ident, paths in rows)
            self._connection.executemany(
                "INSERT INTO search_path (rowid, paths) VALUES (?, ?)", searched
            )

    def counters(self, tables: Iterable[Table]) -> Mapping[str, int]:
        names = {table.name for table in tables if table.is_counted}
        found = self._connection.execute("SELECT name, seq FROM sqlite_sequence")
        return {name: last for name, last in found if name in names}

    def set_counters(self, counters: Mapping[str, int]) -> None:
        pairs = [(name, last) for name, last in counters.items()]
        self._connection.executemany(
            "DELETE FROM sqlite_sequence WHERE name = ?", [pair[:1] for pair in pairs]
        )
        self._connection.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", pairs)

    def lease_until(self) -> int:
        found = self._connection.execute(_LEASE).fetchone()
        return int(found[0].split()[1]) if found else 0

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()
