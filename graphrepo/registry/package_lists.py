"""Lists of packages and versions; inside a session."""

import json
from collections.abc import Iterable

from graphrepo.access.viewer import Viewer
from graphrepo.model.database import Row, rows
from graphrepo.model.many import rows_of_ids
from graphrepo.registry.filters import Where, order_by, window_values
from graphrepo.registry.gate import find_channel, readable, viewer_values
from graphrepo.registry.paging import Children
from graphrepo.registry.paging import pages_of as children_pages
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.views import PackageView, Page, VersionView, Window, moment_or_none, page_of

_COLUMNS = (
    "p.id, p.channel_id, p.name, p.summary, p.description, p.urls, p.latest_version,"
    " p.last_created_at, p.total_size"
)
_FIELDS = {"name": "p.name"}
_ORDERS = {"name": "p.name", "lastCreatedDate": "p.last_created_at", "totalSize": "p.total_size"}
_FROM_READABLE = """FROM package p JOIN channel c ON c.id = p.channel_id
    LEFT JOIN member m ON m.channel_id = c.id AND m.user_id = $user_id"""
_LIVE = "a.removed_in IS NULL"


def package_view(row: Row) -> PackageView:
    """Return the view of a row of ``_COLUMNS``."""
    ident, channel, name, summary, description, urls, latest, created, size = row
    kinds = {kind: tuple(addresses) for kind, addresses in json.loads(urls).items()}
    return PackageView(
        id=ident,
        channel_id=channel,
        name=name,
        summary=summary,
        description=description,
        urls=kinds,
        latest_version=latest,
        last_created_at=moment_or_none(created),
        total_size=size,
    )


def one(viewer: Viewer, channel: str, name: str) -> PackageView | None:
    """Return a package that has files, if the viewer may read its channel."""
    found = find_channel(viewer, channel)
    if found is None:
        return None
    sql = f"""SELECT {_COLUMNS} FROM package p
        WHERE p.channel_id = $channel_id AND p.name = $name AND p.artifact_count > 0"""
    return next(map(package_view, rows(sql, channel_id=found.id, name=name.lower())), None)


def readable_page(viewer: Viewer, query: ListQuery) -> Page[PackageView]:
    """Return a page over all channels that the viewer may read."""
    where = Where(_FIELDS)
    condition = f"{readable(viewer)} AND p.artifact_count > 0 AND {where.condition(query.where)}"
    values = viewer_values(viewer) | where.values
    total = rows(f"SELECT count(*) {_FROM_READABLE} WHERE {condition}", **values)[0][0]
    found = rows(
        f"""SELECT {_COLUMNS} {_FROM_READABLE} WHERE {condition}
            ORDER BY {order_by(query.order, _ORDERS, "p.name, c.name")}
            LIMIT $limit OFFSET $offset""",
        **values,
        **window_values(query.window),
    )
    return page_of(tuple(map(package_view, found)), query.window, total)


def pages_of(channel_ids: tuple[int, ...], query: ListQuery) -> dict[int, Page[PackageView]]:
    """Return the same page of each channel's packages."""
    where = Where(_FIELDS)
    children = Children(
        parent="p.channel_id",
        columns=_COLUMNS,
        source=f"""FROM package p WHERE p.channel_id IN ({{ids}}) AND p.artifact_count > 0
            AND {where.condition(query.where)}""",
        order=order_by(query.order, _ORDERS, "p.name"),
    )
    return children_pages(children, channel_ids, query.window, package_view, where.values)


def by_id(ids: tuple[int, ...]) -> dict[int, PackageView]:
    """Return the packages of these ids."""
    found = rows_of_ids(f"SELECT {_COLUMNS} FROM package p WHERE p.id IN ({{ids}})", ids)
    return {row[0]: package_view(row) for row in found}


def by_name(pairs: tuple[tuple[int, str], ...]) -> dict[tuple[int, str], PackageView]:
    """Return the packages of these pairs of channel id and name that have files."""
    named = {f"n{place}": name for place, name in enumerate({name for _, name in pairs})}
    sql = f"""SELECT {_COLUMNS} FROM package p
        WHERE p.channel_id IN ({{ids}}) AND p.artifact_count > 0
        AND p.name IN ({", ".join(f"${key}" for key in named) or "NULL"})"""
    found = map(package_view, rows_of_ids(sql, {ident for ident, _ in pairs}, **named))
    present = {(view.channel_id, view.name): view for view in found}
    return {pair: present[pair] for pair in pairs if pair in present}


def platforms_of(package_ids: tuple[int, ...]) -> dict[int, tuple[str, ...]]:
    """Return the subdirs of each package."""
    return _grouped(rows_of_ids(_PLATFORMS, package_ids))


def versions_of(package_ids: tuple[int, ...], window: Window) -> dict[int, Page[VersionView]]:
    """Return a page of each package's versions, highest first."""
    children = Children(
        parent="v.package_id",
        columns="v.package_id, v.version",
        source=f"""FROM (SELECT a.package_id, a.version, a.version_key FROM artifact a
            WHERE a.package_id IN ({{ids}}) AND {_LIVE}
            GROUP BY a.package_id, a.version, a.version_key) AS v""",
        order="v.version_key DESC, v.version",
    )
    pages = children_pages(children, package_ids, window, _pair)
    wanted = {pair for page in pages.values() for pair in page.items}
    platforms = _version_platforms(wanted)
    return {
        ident: Page(
            tuple(VersionView(*pair, platforms[pair]) for pair in page.items),
            page.current,
            page.pages,
            page.total,
        )
        for ident, page in pages.items()
    }


def latest_of(package_ids: tuple[int, ...]) -> dict[int, VersionView]:
    """Return each package's latest version, as its row remembers it."""
    sql = """SELECT p.id, p.latest_version FROM package p
        WHERE p.id IN ({ids}) AND p.latest_version IS NOT NULL"""
    pairs = set(map(_pair, rows_of_ids(sql, package_ids)))
    platforms = _version_platforms(pairs)
    return {pair[0]: VersionView(*pair, platforms[pair]) for pair in pairs}


def _pair(row: Row) -> tuple[int, str]:
    ident, version = row
    return ident, version


def _version_platforms(pairs: set[tuple[int, str]]) -> dict[tuple[int, str], tuple[str, ...]]:
    found: dict[tuple[int, str], list[str]] = {pair: [] for pair in pairs}
    for ident, version, subdir in rows_of_ids(_VERSION_PLATFORMS, {pair[0] for pair in pairs}):
        if (ident, version) in found:
            found[ident, version].append(subdir)
    return {pair: tuple(names) for pair, names in found.items()}


def _grouped(pairs: Iterable[Row]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for ident, name in pairs:
        found[ident] = (*found.get(ident, ()), name)
    return found


_PLATFORMS = f"""
    SELECT DISTINCT a.package_id, s.name FROM artifact a JOIN subdir s ON s.id = a.subdir_id
    WHERE a.package_id IN ({{ids}}) AND {_LIVE} ORDER BY a.package_id, s.name
"""
_VERSION_PLATFORMS = f"""
    SELECT DISTINCT a.package_id, a.version, s.name
    FROM artifact a JOIN subdir s ON s.id = a.subdir_id
    WHERE a.package_id IN ({{ids}}) AND {_LIVE} ORDER BY a.package_id, a.version, s.name
"""
