"""Lists of quarantines and of their files; inside a session."""

from graphrepo.model.database import rows
from graphrepo.registry.filters import Where, order_by, window_values
from graphrepo.registry.paging import Children, pages_of
from graphrepo.registry.quarantine_views import (
    QUARANTINE_COLUMNS,
    QuarantineView,
    quarantine_view,
)
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.variant_lists import by_ids
from graphrepo.registry.views import ArtifactView, Page, Window, page_of


def find(ident: int) -> QuarantineView | None:
    """Return a quarantine, if there is one of this id."""
    found = rows(f"SELECT {QUARANTINE_COLUMNS} FROM quarantine q WHERE q.id = $id", id=ident)
    return quarantine_view(found[0]) if found else None


def existing(ident: int) -> QuarantineView:
    """Return a quarantine that is known to be there."""
    sql = f"SELECT {QUARANTINE_COLUMNS} FROM quarantine q WHERE q.id = $id"
    return quarantine_view(rows(sql, id=ident)[0])


def page(query: ListQuery) -> Page[QuarantineView]:
    """Return quarantines, newest first."""
    where = Where(_FIELDS)
    condition = where.condition(query.where)
    total = rows(f"SELECT count(*) FROM quarantine q WHERE {condition}", **where.values)[0][0]
    found = rows(
        f"""SELECT {QUARANTINE_COLUMNS} FROM quarantine q WHERE {condition}
            ORDER BY {order_by(query.order, {}, "q.id DESC")} LIMIT $limit OFFSET $offset""",
        **where.values,
        **window_values(query.window),
    )
    return page_of(tuple(map(quarantine_view, found)), query.window, total)


def files_of(quarantine_ids: tuple[int, ...], window: Window) -> dict[int, Page[ArtifactView]]:
    """Return the same page of each quarantine's files."""
    children = Children(
        parent="f.quarantine_id",
        columns="f.artifact_id",
        source="FROM quarantined_file f WHERE f.quarantine_id IN ({ids})",
        order="f.artifact_id",
    )
    pages = pages_of(children, quarantine_ids, window, lambda row: int(row[0]))
    views = by_ids(tuple(ident for page in pages.values() for ident in page.items))
    return {
        ident: Page(tuple(views[file] for file in page.items), page.current, page.pages, page.total)
        for ident, page in pages.items()
    }


def files(file_ids: tuple[int, ...], window: Window) -> Page[ArtifactView]:
    """Return a page of files; those that are gone meanwhile are left out."""
    window_values(window)  # refuses one that is too large
    start = window.page * window.limit
    shown = file_ids[start : start + window.limit]
    views = by_ids(shown)
    return page_of(tuple(views[ident] for ident in shown if ident in views), window, len(file_ids))


_FIELDS = {
    "action": "q.action",
    "reason": "q.reason",
    "createdBy": "q.created_by",
    "isActive": "(q.revoked_at IS NULL)",
}
