"""The tables of an installation, as a new SQLite file has them: the same in every database."""

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from graphrepo.model.migrate import migrate_sqlite

Row = tuple[Any, ...]

_NAMES = """
    SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search!_%' ESCAPE '!'
      AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '%yoyo%' ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns, which of them are truth values, its key, and what it refers to."""

    name: str
    columns: tuple[str, ...]
    truths: tuple[bool, ...]
    key: tuple[str, ...]
    refers_to: frozenset[str]
    is_counted: bool  # the database numbers its rows

    @property
    def select(self) -> str:
        """The statement that reads all rows in the order of their key."""
        columns, key = (", ".join(f'"{name}"' for name in names) for names in self._lists)
        return f'SELECT {columns} FROM "{self.name}" ORDER BY {key}'  # noqa: S608 - own names

    @property
    def insert(self) -> str:
        """The beginning of the statement that adds rows."""
        return f'INSERT INTO "{self.name}" ({", ".join(self.columns)}) VALUES'

    @property
    def _lists(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.columns, self.key


def read_tables() -> list[Table]:
    """Return the tables, each behind those that it refers to."""
    with tempfile.TemporaryDirectory(prefix="graphrepo-") as folder:
        path = Path(folder) / "empty.sqlite"
        migrate_sqlite(path)
        with closing(sqlite3.connect(path)) as connection:
            names = [name for (name,) in connection.execute(_NAMES)]
            found = {name: _table(connection, name) for name in names}
    order = TopologicalSorter({name: table.refers_to for name, table in found.items()})
    return [found[name] for name in order.static_order()]


def _table(connection: sqlite3.Connection, name: str) -> Table:
    columns = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
    references = connection.execute(f'PRAGMA foreign_key_list("{name}")').fetchall()
    key = sorted((place, column) for _, column, *_, place in columns if place)
    return Table(
        name,
        tuple(column for _, column, *_ in columns),
        tuple(kind == "BOOLEAN" for _, _, kind, *_ in columns),
        tuple(column for _, column in key),
        frozenset(target for _, _, target, *_ in references),
        [column for _, column in key] == ["id"],
    )
