"""Statements over a list of ids or texts, without a parameter for each."""

import json
from collections.abc import Iterable

from graphrepo.model.database import Row, is_postgres, rows


def id_list(ids: Iterable[int]) -> str:
    """Return ids as the inside of an ``IN (…)``; integers only, so nothing can be injected."""
    return ",".join(str(int(ident)) for ident in ids) or "NULL"


def rows_of_ids(sql: str, ids: Iterable[int], **values: object) -> list[Row]:
    """Run a statement whose ``{ids}`` stands for the list; one statement for any number."""
    return rows(sql, id_list(ids), **values)


def each_text(parameter: str) -> str:
    """Return what stands in FROM for the texts of a parameter (``$names``): rows of a ``value``.

    The parameter is what ``text_list`` makes of them.
    """
    if is_postgres():
        return f"json_array_elements_text(CAST({parameter} AS json)) AS each_text (value)"
    return f"json_each({parameter})"


def text_list(texts: Iterable[str]) -> str:
    """Return texts as one parameter."""
    return json.dumps(list(texts))
