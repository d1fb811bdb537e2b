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
    columns = f"{children.wide}, parent, place" if children.wide else "numbered.*"
    numbered, on_page = _numbered(children, is_alone=len(parents) == 1)
    found = rows_of_ids(
        f"SELECT {columns} FROM ({numbered}) AS numbered {children.joins} WHERE {on_page}",
        parents,
        **given,
        **window_values(window),
    )
    found.sort(key=_PLACE)  # here, for a database would carry every column along
    items: dict[int, list[T]] = {}
    for row in found:
        items.setdefault(row[-2], []).append(view(row[:-2]))
    return {
        parent: page_of(tuple(items.get(parent, ())), window, counted.get(parent, 0))
        for parent in parents
    }


def _numbered(children: Children, *, is_alone: bool) -> tuple[str, str]:
    """Return the children with their places, and the condition of those of the page.

    The children of one parent alone are read in their order, as far as the page goes.
    """
    parent, order = children.parent, children.order
    partition, end = f"PARTITION BY {parent} ", ""
    on_page = "place > $offset AND place <= $offset + $limit"
    if is_alone:
        partition, end = "", f"ORDER BY {order} LIMIT $limit OFFSET $offset"
        on_page = "place > 0"
    numbered = f"""SELECT {children.columns}, {parent} AS parent,
        row_number() OVER ({partition}ORDER BY {order}) AS place {children.source} {end}"""
    return numbered, on_page
