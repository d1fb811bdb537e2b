"""What a page asks first, as far as its address tells: so that the answers can come along with it.

The documents are those of the modules in ``static/``; here are the values that go with them. The
script takes an answer only if it would have asked the very same (``given`` in ``lib/server.js``),
so a difference costs a question, and ``tests/ui/test_first_paint.py`` finds it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphrepo.web.markup import Query

Variables = Mapping[str, Any]

PAGE_SIZE = 60  # packages; of channels there are 50
_CHANNELS_SIZE = 50
_DIGITS = 10  # enough for a page that no list has; thousands of them would be no number at all
_FIELDS = {"name": "NAME", "updated": "LAST_CREATED_DATE"}
_BY_NAME = {"byField": {"field": "NAME", "direction": "ASC"}}


@dataclass(frozen=True, slots=True)
class Question:
    """A query by the name of its operation."""

    operation: str
    variables: Variables


SESSION = Question("Session", {})
"""What every page asks: who is there, and what this server is."""


def questions_of(module: str, named: Mapping[str, str], query: Query) -> tuple[Question, ...]:
    """Return what a page asks, given the names in its path and its query."""
    ask = _ASKED.get(module)
    return (SESSION, ask(named, query)) if ask else (SESSION,)


def sort_of(query: Query) -> str:
    """Return the order in force: by name, or what is alike first while one searches."""
    return query.get("sort", "") or ("" if query.get("q") else "name")


def _home(_: Mapping[str, str], query: Query) -> Question:
    q, platform = query.get("q", ""), query.get("platform")
    channel = query.get("channel", "").lower()
    filters = {
        **(_name_like(q) or {}),
        **({"channelName": {"contains": channel}} if channel else {}),
        **({"platform": platform} if platform else {}),
    }
    return Question("Packages", {"filters": filters, **_listed(query), "mine": not q})


def _channel(named: Mapping[str, str], query: Query) -> Question:
    name, q = named["channel"], query.get("q", "")
    return Question("Channel", {"name": name, "filters": _name_like(q), **_listed(query)})


def _channels(_: Mapping[str, str], query: Query) -> Question:
    filters = _name_like(query.get("q", ""))
    limits = {"limit": _CHANNELS_SIZE, "page": page_number(query)}
    return Question("Channels", {"filters": filters, "orderBy": _BY_NAME, **limits})


def _package(named: Mapping[str, str], _: Query) -> Question:
    return Question("Package", {"channel": named["channel"], "name": named["name"]})


def _listed(query: Query) -> dict[str, Any]:
    """Return which packages of a list, and in what order."""
    sort, q = sort_of(query), query.get("q", "").lower()
    field = _FIELDS.get(sort.replace("-", "", 1))
    order = {
        "byField": {"field": field, "direction": "DESC" if sort.startswith("-") else "ASC"},
    }
    alike = {"bySimilarity": {"field": "NAME", "matches": q, "direction": "DESC"}}
    wanted = order if field else alike if q else _BY_NAME
    return {"orderBy": wanted, "limit": PAGE_SIZE, "page": page_number(query)}


def _name_like(q: str) -> dict[str, Any] | None:
    return {"name": {"contains": q.lower()}} if q else None


def page_number(query: Query) -> int:
    """Return the page of a list that an address names, from 0."""
    text = query.get("page", "")[:_DIGITS]
    return max(0, int(text) - 1) if text.isascii() and text.isdigit() else 0


_ASKED: Mapping[str, Callable[[Mapping[str, str], Query], Question]] = {
    "home": _home,
    "channel": _channel,
    "channels": _channels,
    "package": _package,
}
