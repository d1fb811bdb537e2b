"""Names that are alike, found by their trigrams.

All of it hides behind two functions. SQLite keeps the trigrams in indexes of its own,
PostgreSQL in tables that the migrations fill by triggers and give the same shape.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from graphrepo.model.database import Row, is_postgres, rows
from graphrepo.model.likeness import likeness, trigrams_of_typos

LONGEST = 64
"""Letters of a text that are looked at; no package has a longer name."""

_SHORTEST = 3
_MOST = 50
_FEW = 300
_SPECIAL = re.compile(r"[*?\[]")
_ROWS = 10_000  # of the index that one search may read: about 3 ms
_LETTERS = 8_000  # pairs of letters that one search may compare: about 2 ms
_TYPICAL = 16  # letters in a name


class Names(StrEnum):
    """Whose names; the value is that of the table."""

    PACKAGES = "package"
    CHANNELS = "channel"


def alike(names: Names, text: str) -> dict[str, float]:
    """Return names that do not contain a text and are alike to it, with how much (0 to 1).

    Typos are looked for in texts of three letters or more. At most 50 names come back, those
    most alike. Inside a session; the names are those of all channels, the private ones too.
    """
    if not _SHORTEST <= len(text) <= LONGEST:
        return {}
    found = {name: likeness(text, name) for name in _sharing(names, text)}
    best = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return {name: alike for name, alike in best[:_MOST] if alike}


def containing(names: Names, text: str) -> list[str] | None:
    """Return the names that contain a text; none where there are over 300.

    Nor where the text has under three letters: then all names are as quickly looked through as
    any index. Inside a session.
    """
    if not _SHORTEST <= len(text) <= LONGEST:
        return None
    found = (_all_terms if is_postgres() else _glob)(names, text)
    return [name for (name,) in found] if len(found) <= _FEW else None


def _glob(names: Names, text: str) -> list[Row]:
    sql = f"SELECT trim(name) FROM search_{names} WHERE name GLOB $pattern LIMIT $most"  # noqa: S608 - own words
    literal = _SPECIAL.sub(r"[\g<0>]", text)
    return rows(sql, pattern=f"*{literal}*", most=_FEW + 1)


def _all_terms(names: Names, text: str) -> list[Row]:
    """Look among the names that have the rarest trigram of the text."""
    terms = [text[place : place + _SHORTEST] for place in range(len(text) - _SHORTEST + 1)]
    rarest = _telling(names, terms)[:1]
    sql = f"""SELECT trim(n.name) FROM search_{names}_place p
        JOIN search_{names} n ON n.rowid = p.doc
        WHERE p.term = $term AND strpos(n.name, $text) > 0 LIMIT $most"""  # noqa: S608 - own words
    return rows(sql, term=rarest[0], text=text, most=_FEW + 1) if rarest else []


def _sharing(names: Names, text: str) -> list[str]:
    """Return the names that share the most of the text's trigrams."""
    terms = _telling(names, trigrams_of_typos(text))
    keys = {f"t{place}": term for place, term in enumerate(terms)}
    sql = f"""SELECT trim(n.name) FROM (
          SELECT doc, count(*) AS shared FROM search_{names}_place
          WHERE term IN ({_listed(keys)}) GROUP BY doc ORDER BY shared DESC, doc LIMIT 4 * $most
        ) AS best JOIN search_{names} n ON n.rowid = best.doc
        WHERE replace(n.name, $text, '') = n.name
        ORDER BY best.shared DESC, length(n.name), n.name LIMIT $most"""  # noqa: S608 - own words
    most = _LETTERS // (len(text) * _TYPICAL)
    return [name for (name,) in rows(sql, text=text, most=most, **keys)]


def _telling(names: Names, terms: Iterable[str]) -> list[str]:
    """Return the rarest of the trigrams, as many as may be read: they tell names apart best."""
    keys = {f"t{place}": term for place, term in enumerate(sorted(terms))}
    sql = f"""SELECT term, doc FROM search_{names}_term
        WHERE term IN ({_listed(keys)}) ORDER BY doc, term"""  # noqa: S608 - own constants
    left, chosen = _ROWS, list[str]()
    for term, count in rows(sql, **keys):
        left -= count
        if left < 0 and chosen:
            break
        chosen.append(term)
    return chosen


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(f"${key}" for key in keys) or "NULL"
