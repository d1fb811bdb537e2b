"""The same page of many parents' lists, in two statements."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, TypeVar

from graphrepo.model.database import Row
from graphrepo.model.many import rows_of_ids
from graphrepo.registry.filters import window_values
from graphrepo.registry.views import Page, Window, page_of

T = TypeVar("T")
_PLACE: Final = itemgetter(-1)


@dataclass(frozen=True, slots=True)
class Children:
    """A list below each of many parents.

    ``source`` is FROM and WHERE with ``{ids}`` for the parents; ``parent`` the column that
    names the parent; ``columns`` what a child's view is made of. Where that is much, ``columns``
    is what tells the children apart, and ``wide`` is read of those of the page alone, by
    ``joins`` with ``numbered``: sorting carries every column along.
    """

    parent: str
    columns: str
    source: str
    order: str
    wide: str = ""
    joins: str = ""


def pages_of(
    children: Children,
    ids: Iterable[int],
    window: Window,
    view: Callable[[Row], T],
    values: Mapping[str, object] | None = None,
) -> dict[int, Page[T]]:
    """Return the page of each parent; one without children gets an empty page."""
    parents = tuple(ids)
    given = dict(values or {})
    counted: dict[int, int] = dict(
        rows_of_ids(
            f"SELECT {children.parent}, count(*) {children.source} GROUP BY {children.parent}",
            parents,
            **given,
        )
    )
    span = window_values(window)
    numbered = f"""SELECT {children.columns}, {children.parent} AS parent,
        row_number() OVER (PARTITION BY {children.parent} ORDER BY {children.order}) AS place
        {children.source}"""
    columns = f"{children.wide}, parent, place" if children.wide else "numbered.*"
    found = rows_of_ids(
        f"""SELECT {columns} FROM ({numbered}) AS numbered {children.joins}
            WHERE place > $offset AND place <= $offset + $limit""",
        parents,
        **given,
        **span,
    )
    found.sort(key=_PLACE)  # here, for a database would carry every column along
    items: dict[int, list[T]] = {}
    for row in found:
        items.setdefault(row[-2], []).append(view(row[:-2]))
    return {
        parent: page_of(tuple(items.get(parent, ())), window, counted.get(parent, 0))
        for parent in parents
    }
