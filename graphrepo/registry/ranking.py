"""Orders of lists as SQL: by a field, or by how alike the names are to a text.

Likeness is a number from 0 to 1 that depends on the name alone: the whole name, its beginning,
the beginning of a word in it, any part of it, and below these what is alike but for a typo.
It orders and never filters: what is not alike at all comes last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphrepo.errors import InvalidInputError
from graphrepo.model.search import LONGEST, Names, alike
from graphrepo.registry.filters import Columns, contains, order_by
from graphrepo.registry.requests import Order

_WHOLE, _BEGINNING, _WORD, _PART, _TYPO = 1.0, 0.9, 0.8, 0.7, 0.6
_BEFORE_WORDS = "-_."


@dataclass(frozen=True, slots=True)
class Sorting:
    """How a list may be ordered.

    Attributes:
        columns: SQL expressions by the name of the field.
        default: the order without one asked for; breaks ties, so it must be total.
        names: whose names the field ``name`` holds.
        weight: an SQL expression; among the equally alike, the greatest comes first.
    """

    columns: Columns
    default: str
    names: Names
    weight: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """An order as SQL: the ORDER BY list, each row's likeness, the values of both.

    ``alike`` is a condition, true of what has a likeness at all; none where the order is not
    one by likeness, or begins with the least alike.
    """

    order: str
    likeness: str = "NULL"
    alike: str | None = None
    values: dict[str, object] = field(default_factory=dict[str, object])


def ranking(order: Order | None, sorting: Sorting) -> Ranking:
    """Return the order of a list; inside a session.

    Raises:
        InvalidInputError: the list cannot be ordered by this field.
    """
    if order is None or order.alike_to is None:
        return Ranking(order_by(order, sorting.columns, sorting.default))
    if order.field != "name":
        raise InvalidInputError(f"Likeness is known of the field name, not of {order.field}.")
    text = "".join(filter(str.isprintable, order.alike_to)).strip().lower()[:LONGEST]
    if not text:
        return Ranking(sorting.default)
    score = _Score(sorting.columns["name"], text, alike(sorting.names, text))
    direction = "DESC" if order.descending else "ASC"
    weight = f"CASE WHEN {score.condition} THEN {sorting.weight} ELSE 0 END"
    ranked = f"{score.expression} {direction}, {weight} DESC, {sorting.default}"
    alike_first = score.condition if order.descending else None
    return Ranking(ranked, score.expression, alike_first, score.values)


class _Score:
    """The likeness of a column to a text: ``expression``, and the ``values`` in it.

    ``condition`` is true where the likeness is not 0.
    """

    def __init__(self, column: str, text: str, typos: Mapping[str, float]) -> None:
        self.values: dict[str, object] = {"s_text": text, "s_beginning": contains(text)[1:]}
        part = self._like(column, "s_part", text)
        words = " OR ".join(
            self._like(column, f"s_word{place}", before + text)
            for place, before in enumerate(_BEFORE_WORDS)
        )
        listed = f"{column} IN ({self._names(typos)})" if typos else "1 = 0"
        self.condition = f"({part} OR {listed})"
        # The list is looked up before the long CASE is walked, which few rows come to.
        self.expression = f"""CASE WHEN {part} THEN CASE
              WHEN {column} = $s_text THEN {_WHOLE}
              WHEN {column} LIKE $s_beginning ESCAPE '!' THEN {_BEGINNING}
              WHEN {words} THEN {_WORD} ELSE {_PART} END
            WHEN {listed} THEN CASE {column} {self._scores(typos)} ELSE 0.0 END
            ELSE 0.0 END"""

    def _like(self, column: str, key: str, text: str) -> str:
        self.values[key] = contains(text)
        return f"{column} LIKE ${key} ESCAPE '!'"

    def _names(self, typos: Mapping[str, float]) -> str:
        keys = {f"s_name{place}": name for place, name in enumerate(typos)}
        self.values |= keys
        return ", ".join(f"${key}" for key in keys)

    def _scores(self, typos: Mapping[str, float]) -> str:
        keys = {f"s_score{place}": alike * _TYPO for place, alike in enumerate(typos.values())}
        self.values |= keys
        whens = [f"WHEN $s_name{place} THEN ${key}" for place, key in enumerate(keys)]
        return " ".join(whens) or "WHEN NULL THEN 0.0"
