"""The lists of packages that the server draws: what ``ui/lists.js`` renders of the same answer."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from graphrepo.web.markup import Query, mark, path, platforms, several, time, with_query

Row = Mapping[str, Any]
_UNFINISHED = re.compile(r"\d(?:a|b|c|rc)\d+|(?:^|[\d._])(?:alpha|beta|dev|pre|rc)", re.IGNORECASE)
"""A version that names itself unfinished, as ``isPrerelease`` in ``lib/facts.js``."""
_LONG = 20  # letters of a name, from which on it may be broken


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    kind: str
    cell: Callable[[Row, datetime], str]
    sort: str = ""


def package_table(packages: Sequence[Row], sort: str, now: datetime, *, with_channel: bool) -> str:
    """Return the table of packages, in the order that ``sort`` names."""
    columns = [column for column in _COLUMNS if with_channel or column.kind != "place"]
    titles = "".join(_title(column, sort) for column in columns)
    rows = "".join(f"<tr>{_cells(columns, row, now)}</tr>" for row in packages)
    return (
        f'<table class="list" aria-label="Packages"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def pages(place: str, query: Query, found: Row, size: int, noun: str) -> str:
    """Return "1–60 of 10,000 packages", and the way on; nothing where all is shown."""
    number, total = found["current"], found["totalCount"]
    if found["pages"] <= 1:
        return ""

    def link(page: int, word: str) -> str:
        if not 0 <= page < found["pages"]:
            return f'<span class="off">{word}</span>'
        address = with_query(place, query, page=str(page + 1) if page else "")
        return f'<a href="{address}">{word}</a>'

    first, last = number * size + 1, min((number + 1) * size, total)
    return (
        f'<nav class="pages" aria-label="Pages">{link(number - 1, "Previous")}<span class="muted">'
        f"{first}–{last} of {several(total, noun)}</span>{link(number + 1, 'Next')}</nav>"
    )


def _title(column: _Column, sort: str) -> str:
    if not column.sort:
        return f'<th scope="col" class="{column.kind}">{column.title}</th>'
    arrow = {column.sort: ("ascending", "↑"), f"-{column.sort}": ("descending", "↓")}.get(sort)
    order = f' aria-sort="{arrow[0]}"' if arrow else ""
    sign = f'<span aria-hidden="true">{arrow[1]}</span>' if arrow else ""
    return (
        f'<th scope="col" class="sortable {column.kind}"{order}>'
        f'<button type="button">{column.title}{sign}</button></th>'
    )


def _cells(columns: Sequence[_Column], row: Row, now: datetime) -> str:
    return "".join(f'<td class="{column.kind}">{column.cell(row, now)}</td>' for column in columns)


def _name(row: Row, _: datetime) -> str:
    name, summary = row["name"], row["summary"]
    note = f'<span class="note">{escape(summary)}</span>' if summary else ""
    address = path("channels", row["channel"]["name"], "packages", name)
    return f'<a href="{address}">{breakable(name)}</a>{note}'


def breakable(name: str) -> str:
    """Return a long name with places where it may be broken, as ``Name`` in ``lib/facts.js``."""
    if len(name) < _LONG:
        return escape(name)
    parts = name.replace("_", "_\n").split("\n")
    return "".join(f"{escape(part)}<wbr>" for part in parts if part)


def _place(row: Row, _: datetime) -> str:
    name = row["channel"]["name"]
    return f'<span title="{escape(name)}">{mark(name)}{escape(name)}</span>'


def _latest(row: Row, _: datetime) -> str:
    version = row["latestVersion"]["version"]
    note = '<span class="note">pre-release</span>' if _UNFINISHED.search(version) else ""
    return escape(version) + note


_COLUMNS = (
    _Column("Name", "main", _name, "name"),
    _Column("Channel", "place", _place),
    _Column("Latest", "mono", _latest),
    _Column("Platforms", "", lambda row, _: platforms(row["platforms"])),
    _Column("Downloads", "number roomy", lambda row, _: f"{row['totalCount'] or 0:,}"),
    _Column("Updated", "faint", lambda row, now: time(row["lastCreatedDate"], now), "updated"),
)
