"""Lists over many channels, each a fixed number of statements; inside a session."""

from graphrepo.access.policy import Role
from graphrepo.access.viewer import Viewer
from graphrepo.model.database import rows
from graphrepo.model.many import rows_of_ids
from graphrepo.model.search import Names
from graphrepo.registry.channel_rows import CHANNEL_COLUMNS, channel_view, channel_views
from graphrepo.registry.filters import Where, window_values
from graphrepo.registry.gate import readable, viewer_values
from graphrepo.registry.paging import Children, pages_of
from graphrepo.registry.ranking import Sorting, ranking
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.views import ChannelView, Page, SubdirView, moment, page_of

_SIZE = """(SELECT coalesce(sum(p.total_size), 0) FROM package p WHERE p.channel_id = c.id)"""
_PACKAGES = """(SELECT count(*) FROM package p
    WHERE p.channel_id = c.id AND p.artifact_count > 0)"""
_OWNER = """(SELECT u.login FROM member o JOIN account u ON u.id = o.user_id
    WHERE o.channel_id = c.id AND o.role = 'owner' ORDER BY o.created_at, u.login LIMIT 1)"""
_FIELDS = {
    "name": "c.name",
    "isPublic": "c.is_public",
    "owner": _OWNER,
    "hasOwner": f"({_OWNER} IS NOT NULL)",
    "hasMirror": "(1 = 0)",  # no channel of this server is a mirror
}
_BY_OWNER = f"coalesce({_OWNER}, '')"  # databases differ in where they put what is missing
_ORDERS = {
    "name": "c.name",
    "size": _SIZE,
    "createdAt": "c.created_at",
    "packageCount": _PACKAGES,
    "owner": _BY_OWNER,
    "namespace": _BY_OWNER,
}
_SORTING = Sorting(_ORDERS, "c.name", Names.CHANNELS, weight=_PACKAGES)
_FROM = "FROM channel c LEFT JOIN member m ON m.channel_id = c.id AND m.user_id = $user_id"


def list_channels(viewer: Viewer, query: ListQuery) -> Page[ChannelView]:
    """Return a page of readable channels."""
    where = Where(_FIELDS)
    condition = f"{readable(viewer)} AND {where.condition(query.where)}"
    values = viewer_values(viewer) | where.values
    total = rows(f"SELECT count(*) {_FROM} WHERE {condition}", **values)[0][0]
    ranked = ranking(query.order, _SORTING)
    found = rows(
        f"""SELECT {CHANNEL_COLUMNS} {_FROM} WHERE {condition}
            ORDER BY {ranked.order} LIMIT $limit OFFSET $offset""",
        **values,
        **ranked.values,
        **window_values(query.window),
    )
    return page_of(channel_views(found), query.window, total)


def memberships(
    viewer: Viewer, user_ids: tuple[int, ...], roles: tuple[Role, ...], query: ListQuery
) -> dict[int, Page[ChannelView]]:
    """Return a page of the readable channels of each user; no roles stand for all."""
    where = Where(_FIELDS)
    names = ", ".join(f"'{role.value}'" for role in roles or tuple(Role))
    ranked = ranking(query.order, _SORTING)
    children = Children(
        parent="x.user_id",
        columns=CHANNEL_COLUMNS,
        source=f"""{_FROM} JOIN member x ON x.channel_id = c.id
            WHERE x.user_id IN ({{ids}}) AND x.role IN ({names})
            AND {readable(viewer)} AND {where.condition(query.where)}""",
        order=ranked.order,
    )
    values = viewer_values(viewer) | where.values | ranked.values
    return pages_of(children, user_ids, query.window, channel_view, values)


def by_id(viewer: Viewer, ids: tuple[int, ...]) -> dict[int, ChannelView]:
    """Return those of these channels that the viewer may read."""
    sql = f"SELECT {CHANNEL_COLUMNS} {_FROM} WHERE {readable(viewer)} AND c.id IN ({{ids}})"
    return {row[0]: channel_view(row) for row in rows_of_ids(sql, ids, **viewer_values(viewer))}


def sizes(ids: tuple[int, ...]) -> dict[int, int]:
    """Return the bytes of each channel's live files."""
    return dict(rows_of_ids(f"SELECT c.id, {_SIZE} FROM channel c WHERE c.id IN ({{ids}})", ids))


def owner_logins(ids: tuple[int, ...]) -> dict[int, str]:
    """Return the login of each channel's first owner."""
    return dict(rows_of_ids(f"SELECT c.id, {_OWNER} FROM channel c WHERE c.id IN ({{ids}})", ids))


def first_owners(viewer: Viewer) -> str:
    """Return a SELECT of the logins of the first owners of all readable channels."""
    return f"SELECT {_OWNER} {_FROM} WHERE {readable(viewer)}"


def subdirs(ids: tuple[int, ...]) -> dict[int, tuple[SubdirView, ...]]:
    """Return each channel's subdirs by name; ``noarch`` is always there."""
    found: dict[int, dict[str, SubdirView]] = {}
    for ident, created in rows_of_ids(
        "SELECT id, created_at FROM channel WHERE id IN ({ids})", ids
    ):
        found[ident] = {"noarch": SubdirView("noarch", 0, 0, 0, moment(created))}
    for ident, name, revision, changed, count, size in rows_of_ids(_SUBDIRS, ids):
        found[ident][name] = SubdirView(name, count, size, revision, moment(changed))
    return {ident: tuple(views[name] for name in sorted(views)) for ident, views in found.items()}


_SUBDIRS = """
    SELECT s.channel_id, s.name, s.revision, s.changed_at, count(a.id), coalesce(sum(a.size), 0)
    FROM subdir s LEFT JOIN artifact a ON a.subdir_id = s.id AND a.removed_in IS NULL
    WHERE s.channel_id IN ({ids})
    GROUP BY s.id, s.channel_id, s.name, s.revision, s.changed_at
"""
