"""Which migrations this code wants, known without yoyo: it takes a tenth of a second to load.

All processes but the first find that there is nothing to apply, and then need it for nothing. A
migration and the row that says so are of one transaction: who sees the row sees its tables.
"""

from importlib.resources import files
from typing import Final

DONE: Final = "SELECT migration_id FROM _yoyo_migration"
"""Yoyo's own table of what was applied."""


def wanted(dialect: str) -> frozenset[str]:
    """Return the names of all migrations for a kind of database."""
    folder = files("graphrepo.model") / "migrations" / dialect
    return frozenset(file.name.removesuffix(".sql") for file in folder.iterdir())
