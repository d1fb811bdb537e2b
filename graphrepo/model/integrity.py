"""Is the database itself sound? It is asked to look through its own pages and references."""

from graphrepo.model.database import is_postgres, rows

_MOST = 20  # sentences: a damaged file has thousands to tell


def damage() -> list[str]:
    """Return what is wrong, in the database's own words; inside a session."""
    if is_postgres():
        return []  # it looks after its own pages and references
    found = [text for (text,) in rows(f"PRAGMA integrity_check({_MOST})")]
    broken = rows("PRAGMA foreign_key_check")[:_MOST]
    dangling = [
        f"row {row} of {table} refers to a missing {target}" for table, row, target, _ in broken
    ]
    return ([] if found == ["ok"] else found) + dangling
