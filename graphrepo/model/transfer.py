"""All rows carried from one database to another, of whichever kinds, in one transaction.

Both sides are read in the order of their keys and hashed value by value; only if the hashes
are the same is the copy committed. So a copy is whole or absent, and one that was made before
is recognised. Tables that serve the search are filled anew, for each kind has its own.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from graphrepo.errors import ConflictError
from graphrepo.model.transfer_ends import End, open_end
from graphrepo.model.transfer_tables import Row, Table, read_tables

_BATCH = 1000

Tell = Callable[[int], None]
"""Is told of how many rows were copied since it was told last."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What was copied; ``is_new`` unless all of it was there already."""

    tables: int
    rows: int
    is_new: bool


def carry_rows(source: Path | str, target: Path | str, now: int, tell: Tell) -> Carried:
    """Copy every row of an installation that stands still into an empty database.

    Args:
        source: a SQLite file, or the URL of a PostgreSQL.
        target: the same; it is created or migrated, as far as that needs to be done.
        now: milliseconds since 1970.
        tell: is told of the progress.

    Raises:
        ConflictError: a server is using the source, or the target holds something else.
        UnavailableError: one of the two cannot be used.
    """
    tables = read_tables()
    with closing(open_end(source)) as old, closing(open_end(target)) as new:
        _check_still(old, now)
        if any(new.count(table) for table in tables):
            return _compared(old, new, tables)
        total = sum(_copied(old, new, table, tell) for table in tables)
        new.set_counters(old.counters(tables))
        if any(_digest(old.rows(each)) != _digest(new.rows(each)) for each in tables):
            raise ConflictError("The copy is not what it was made of; nothing was kept.")
        new.commit()
    return Carried(len(tables), total, is_new=True)


def count_rows(address: Path | str) -> int:
    """Return how many rows ``carry_rows`` would have to copy."""
    with closing(open_end(address)) as end:
        return sum(map(end.count, read_tables()))


def _check_still(end: End, now: int) -> None:
    until = end.lease_until()
    if until > now:
        raise ConflictError(
            "A server is using this installation; stop all of its servers, or wait for"
            f" {(until - now) // 1000 + 1} seconds if one has crashed."
        )


def _copied(old: End, new: End, table: Table, tell: Tell) -> int:
    batch: list[Row] = []
    total = 0
    for row in old.rows(table):
        batch.append(row)
        if len(batch) == _BATCH:
            total += _put(new, table, batch, tell)
            batch = []
    return total + _put(new, table, batch, tell)


def _put(new: End, table: Table, batch: list[Row], tell: Tell) -> int:
    if batch:
        new.insert(table, batch)
        tell(len(batch))
    return len(batch)


def _compared(old: End, new: End, tables: list[Table]) -> Carried:
    if any(_digest(old.rows(table)) != _digest(new.rows(table)) for table in tables):
        raise ConflictError("The database to move to holds other data; name an empty one.")
    return Carried(len(tables), sum(map(new.count, tables)), is_new=False)


def _digest(rows: Iterable[Row]) -> str:
    hashed = blake3()
    for row in rows:
        hashed.update(repr(row).encode())
    return hashed.hexdigest()
