"""Statements over a list of ids, without a parameter for each."""

from collections.abc import Iterable

from graphrepo.model.database import Row, rows


def id_list(ids: Iterable[int]) -> str:
    """Return ids as the inside of an ``IN (…)``; integers only, so nothing can be injected."""
    return ",".join(str(int(ident)) for ident in ids) or "NULL"


def rows_of_ids(sql: str, ids: Iterable[int], **values: object) -> list[Row]:
    """Run a statement whose ``{ids}`` stands for the list; one statement for any number."""
    return rows(sql, id_list(ids), **values)
