"""Pieces of HTML that the server draws and the script takes over, as ``lib/facts.js`` has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from math import floor
from urllib.parse import quote, urlencode

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """Which address is looked at, when, and by whom.

    ``tool`` is the package manager whose commands the reader chose to see, "" for none.
    """

    path: str
    query: Query
    now: datetime
    tool: str = ""
    is_admin: bool = False


WAITING = '<div class="waiting" aria-busy="true" hidden></div>'
COUNT = '<span class="count end"></span>'

_HUES = ("accent", "plum", "ok", "warn")
_PLAIN = "!'()*~"  # what encodeURIComponent leaves as it is, and quote does not
_COMMON = ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64")
PLATFORMS = (*_COMMON, "noarch")

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_NEXT_UNIT = Decimal("999.5")
_NO_TENTHS = 100
_TENTH, _WHOLE = Decimal("0.1"), Decimal(1)

_AGES = (
    (31_557_600.0, 31_557_600.0, "year", "last year"),
    (2_629_800 * 1.5, 2_629_800.0, "month", "last month"),
    (86_400.0, 86_400.0, "day", "yesterday"),
    (3_600.0, 3_600.0, "hour", "1 hour ago"),
    (60.0, 60.0, "minute", "1 minute ago"),
)
"""Smallest age in seconds for which a unit is used, the seconds in it, what one of it is called."""


def region(content: str) -> str:
    """Return the part of a page that an answer fills."""
    return f'<div class="region " aria-busy="false">{content}</div>'


def path(*parts: str) -> str:
    """Return the address of a page, as an attribute holds it: each part is escaped."""
    return escape("".join(f"/{quote(part, safe=_PLAIN)}" for part in parts))


def with_query(place: str, query: Query, **changes: str) -> str:
    """Return an address with its query changed, as an attribute holds it; "" removes a name."""
    pairs = {name: value for name, value in {**query, **changes}.items() if value}
    return escape(f"{place}?{urlencode(pairs, safe='*')}" if pairs else place)


def mark(name: str) -> str:
    """Return a channel's own dot or ring."""
    number = 0
    for letter in name:
        number = (number * 31 + ord(letter)) % 2**32
    form = "dot" if (number >> 2) % 2 else "ring"
    return f'<span class="mark {_HUES[number % 4]} {form}" aria-hidden="true"></span>'


def several(number: int, noun: str) -> str:
    """Return "1 package", "2,000 packages"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def time(moment: str, now: datetime) -> str:
    """Return how long ago that was; the exact time depends on where the reader is."""
    age = (now - datetime.fromisoformat(moment)).total_seconds()
    return f'<time datetime="{escape(moment)}">{_ago(age)}</time>'


def _ago(age: float) -> str:
    for least, size, unit, one in _AGES:
        if age >= least:
            number = floor(age / size + 0.5)
            return one if number == 1 else f"{number:,} {unit}s ago"
    return "just now"


def platforms(names: list[str]) -> str:
    """Return a strip of the common platforms, then the others in words."""
    others = "".join(
        f'<span class="other">{escape(name)}</span>' for name in names if name not in _COMMON
    )
    return f'<span class="platforms">{_strip(names)}{others}</span>'


def _strip(names: list[str]) -> str:
    has = [name for name in _COMMON if name in names]
    if not has:
        return ""
    boxes = "".join(
        f'<span class="has" title="{name}"></span>'
        if name in has
        else f'<span class="" title="not for {name}"></span>'
        for name in _COMMON
    )
    return f'<span class="strip" role="img" aria-label="{", ".join(has)}">{boxes}</span>'


def toggles(label: str, choices: list[tuple[str, str, bool]], more: str = "") -> str:
    """Return links of which one is chosen: each its address, its word, whether it is the one."""
    links = "".join(
        f'<a class="toggle button" href="{address}"{_CHOSEN if is_chosen else ""}>{word}</a>'
        for address, word, is_chosen in choices
    )
    return f'<nav class="toggles" aria-label="{label}">{links}{more}</nav>'


_CHOSEN = ' aria-current="true"'


def search_box(query: Query, label: str, placeholder: str, *, takes_focus: bool = False) -> str:
    """Return the form that searches; the script later finds in it what was typed meanwhile."""
    marks = 'data-early data-focus="true"' if takes_focus else "data-early"
    typed = escape(query.get("q", ""))
    return (
        f'<form role="search" class="search"><input type="search" name="q" aria-label="{label}"'
        f' placeholder="{placeholder}" value="{typed}" autocomplete="off" autocapitalize="none"'
        f' spellcheck="false" {marks}><kbd aria-hidden="true">/</kbd></form>'
    )


def size(number: int) -> str:
    """Return "15.0 MB": steps of 1000, halves away from zero, as ``bytes`` in ``lib/facts.js``."""
    amount, unit = Decimal(number), 0
    while amount >= _NEXT_UNIT and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    places = _TENTH if unit and amount < _NO_TENTHS else _WHOLE
    exact, rounded = f"{number:,} bytes", amount.quantize(places, ROUND_HALF_UP)
    return f'<span class="number" title="{exact}">{rounded} {_UNITS[unit]}</span>'
