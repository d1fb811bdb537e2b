"""Orders of lists as SQL: by a field, or by how alike the names are to a text.

Likeness is a number from 0 to 1 that depends on the name alone: the whole name, its beginning,
the beginning of a word in it, any part of it, and below these what is alike but for a typo.
It orders and never filters: what is not alike at all comes last.
"""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graphrepo.errors import InvalidInputError
from graphrepo.model.search import LONGEST, Names, alike, containing
from graphrepo.registry.filters import Columns, like_part, order_by
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
    """An order as SQL: the ORDER BY list, each row's likeness, and the values of all of it.

    Attributes:
        order: the ORDER BY list.
        likeness: each row's likeness; NULL where the order is another.
        values: of the parameters.
    """

    order: str
    likeness: str = "NULL"
    values: dict[str, object] = field(default_factory=dict[str, object])


def ranking(order: Order | None, sorting: Sorting) -> Ranking:
    """Return the order of a list; inside a session.

    Raises:
        InvalidInputError: the list cannot be ordered by this field.
    """
    if order is None or order.alike_to is None:
        return Ranking(order_by(order, sorting.columns, sorting.default))
    text = sought(order)
    if not text:
        return Ranking(sorting.default)
    return _by_likeness(text, sorting, descending=order.descending)


def sought(order: Order) -> str:
    """Return the text that names are compared with, as they are written.

    Raises:
        InvalidInputError: the list cannot be ordered by this field.
    """
    if order.field != "name":
        raise InvalidInputError(f"Likeness is known of the field name, not of {order.field}.")
    return "".join(filter(str.isprintable, order.alike_to or "")).strip().lower()[:LONGEST]


def _by_likeness(text: str, sorting: Sorting, *, descending: bool) -> Ranking:
    typos, known = alike(sorting.names, text), containing(sorting.names, text)
    score = _Score(sorting.columns["name"], text, typos, known)
    first = f"{score.expression} {'DESC' if descending else 'ASC'}"
    weight = f"CASE WHEN {score.condition} THEN {sorting.weight} ELSE 0 END"
    return Ranking(
        order=f"{first}, {weight} DESC, {sorting.default}",
        likeness=score.expression,
        values=score.values,
    )


@dataclass(frozen=True, slots=True)
class Tier:
    """The rows of one degree of likeness, as SQL.

    Attributes:
        condition: true of these rows.
        ranking: their order and likeness.
        are_few: whether the condition names all of them, as an index finds them at once.
    """

    condition: str
    ranking: Ranking
    are_few: bool = False


def tiers(text: str, sorting: Sorting) -> Iterator[Tier]:
    """Yield the rows of a list by tiers, the most alike to a text first; inside a session.

    Each tier is sought when it is asked for: a page that the first ones fill needs no more, and
    looking for typos among all names takes longest.
    """
    column = sorting.columns["name"]
    beginning = _beginning(text, sorting)
    yield beginning

    known = containing(sorting.names, text)
    if known != []:
        within = _Score(column, text, {}, known)
        values = {**beginning.ranking.values, **within.values}
        ranking = _most_alike_first(within.expression, values, sorting)
        elsewhere = f"{within.condition} AND NOT {beginning.condition}"
        yield Tier(elsewhere, ranking, are_few=known is not None)

    typos = alike(sorting.names, text)
    score = _Score(column, text, typos, known)
    if typos:
        ranking = _most_alike_first(score.expression, score.values, sorting)
        yield Tier(score.mistyped, ranking, are_few=True)

    yield Tier(f"NOT {score.condition}", Ranking(sorting.default, "0.0", score.values))


def _beginning(text: str, sorting: Sorting) -> Tier:
    """Return the names that begin with the text as a range, which an index of names answers."""
    column = sorting.columns["name"]
    values: dict[str, object] = {"s_text": text, "s_beyond": text + chr(sys.maxunicode)}
    likeness = f"CASE WHEN {column} = $s_text THEN {_WHOLE} ELSE {_BEGINNING} END"
    return Tier(
        f"({column} >= $s_text AND {column} < $s_beyond)",
        _most_alike_first(likeness, values, sorting),
    )


def _most_alike_first(likeness: str, values: dict[str, object], sorting: Sorting) -> Ranking:
    order = f"{likeness} DESC, {sorting.weight} DESC, {sorting.default}"
    return Ranking(order, likeness, values)


class _Score:
    """The likeness of a column to a text: ``expression``, and the ``values`` in it.

    ``condition`` is true where the likeness is not 0, ``mistyped`` where it is for typos. Where
    all names that contain the text are known, it names them, which an index answers at once.
    """

    def __init__(
        self, column: str, text: str, typos: Mapping[str, float], known: Sequence[str] | None
    ) -> None:
        self.values: dict[str, object] = {"s_text": text, "s_beginning": like_part(text)[1:]}
        part = self._like(column, "s_part", text)
        words = " OR ".join(
            self._like(column, f"s_word{place}", before + text)
            for place, before in enumerate(_BEFORE_WORDS)
        )
        self.mistyped = listed = self._among(column, "s_name", typos)
        if known is None:
            self.condition = f"({part} OR {listed})"
        else:
            self.condition = self._among(column, "s_known", (*known, *typos))
        # The list is looked up before the long CASE is walked, which few rows come to.
        self.expression = f"""CASE WHEN {part} THEN CASE
              WHEN {column} = $s_text THEN {_WHOLE}
              WHEN {column} LIKE $s_beginning ESCAPE '!' THEN {_BEGINNING}
              WHEN {words} THEN {_WORD} ELSE {_PART} END
            WHEN {listed} THEN CASE {column} {self._scores(typos)} ELSE 0.0 END
            ELSE 0.0 END"""

    def _like(self, column: str, key: str, text: str) -> str:
        self.values[key] = like_part(text)
        return f"{column} LIKE ${key} ESCAPE '!'"

    def _among(self, column: str, key: str, names: Collection[str]) -> str:
        keys = {f"{key}{place}": name for place, name in enumerate(names)}
        self.values |= keys
        listed = ", ".join(f"${each}" for each in keys)
        return f"{column} IN ({listed})" if listed else "1 = 0"

    def _scores(self, typos: Mapping[str, float]) -> str:
        keys = {f"s_score{place}": alike * _TYPO for place, alike in enumerate(typos.values())}
        self.values |= keys
        whens = [f"WHEN $s_name{place} THEN ${key}" for place, key in enumerate(keys)]
        return " ".join(whens) or "WHEN NULL THEN 0.0"
