"""Lists of packages and versions; inside a session."""

import json
from collections.abc import Iterable

from graphrepo.access.viewer import Viewer
from graphrepo.model.database import Row, rows
from graphrepo.model.many import rows_of_ids
from graphrepo.model.search import Names
from graphrepo.registry.filters import Where, window_values
from graphrepo.registry.gate import find_channel, is_readable, readable_ids, viewer_values
from graphrepo.registry.paging import Children
from graphrepo.registry.paging import pages_of as children_pages
from graphrepo.registry.ranking import Ranking, Sorting, Tier, ranking, sought, tiers
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.views import PackageView, Page, VersionView, Window, moment_or_none, page_of

_COLUMNS = (
    "p.id, p.channel_id, p.name, p.summary, p.description, p.urls, p.latest_version,"
    " p.last_created_at, p.total_size"
)
_FIELDS = {
    "name": "p.name",
    "channelName": "(SELECT c.name FROM channel c WHERE c.id = p.channel_id)",
}
_ORDERS = {"name": "p.name", "lastCreatedDate": "p.last_created_at", "totalSize": "p.total_size"}
_SORTING = Sorting(_ORDERS, "p.name, p.channel_id", Names.PACKAGES, weight="p.artifact_count")
_LISTED = "a.removed_in IS NULL AND NOT a.hidden"
_HELD = {
    "platform": f"""SELECT s.name FROM artifact a JOIN subdir s ON s.id = a.subdir_id
        WHERE a.package_id = p.id AND {_LISTED}"""
}


def package_view(row: Row) -> PackageView:
    """Return the view of a row of ``_COLUMNS``; the likeness may follow them."""
    ident, channel, name, summary, description, urls, latest, created, size, *likeness = row
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
        similarity=next(iter(likeness), None),
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
    where, span = Where(_FIELDS, _HELD), window_values(query.window)
    meant = f"p.artifact_count > 0 AND {where.condition(query.where)}"
    matching = f"FROM package p WHERE p.channel_id IN ({readable_ids(viewer)}) AND {meant}"
    values = viewer_values(viewer) | where.values
    total = rows(f"SELECT count(*) {matching}", **values)[0][0]
    order = query.order
    if order is not None and order.alike_to is not None and order.descending and sought(order):
        few = f"FROM package p WHERE {is_readable(viewer, 'p.channel_id')} AND {meant}"
        found = _by_tiers(tiers(sought(order), _SORTING), few, matching, values, span)
    else:
        found = _listed(matching, ranking(order, _SORTING), values, span)
    return page_of(tuple(map(package_view, found)), query.window, total)


def _by_tiers(
    wanted: Iterable[Tier],
    few: str,
    matching: str,
    values: dict[str, object],
    span: dict[str, int],
) -> list[Row]:
    """Return a page by likeness, without looking for what is less alike than all that it shows."""
    found: list[Row] = []
    left, skipped = span["limit"], span["offset"]
    for tier in wanted:
        within = f"{few if tier.are_few else matching} AND {tier.condition}"
        found += _listed(within, tier.ranking, values, {"limit": left, "offset": skipped})
        left = span["limit"] - len(found)
        if left <= 0:
            break
        if found:
            skipped = 0
        elif skipped:
            counted = rows(f"SELECT count(*) {within}", **values, **tier.ranking.values)
            skipped -= counted[0][0]
    return found


def _listed(
    matching: str, ranked: Ranking, values: dict[str, object], span: dict[str, int]
) -> list[Row]:
    # The inner list is read from an index alone; only the page's own rows are read in full.
    sql = f"""SELECT {_COLUMNS}, {ranked.likeness} FROM package p
        WHERE p.id IN (SELECT p.id {matching} ORDER BY {ranked.order} LIMIT $limit OFFSET $offset)
        ORDER BY {ranked.order}"""
    return rows(sql, **values, **ranked.values, **span)


def pages_of(channel_ids: tuple[int, ...], query: ListQuery) -> dict[int, Page[PackageView]]:
    """Return the same page of each channel's packages."""
    where = Where(_FIELDS, _HELD)
    ranked = ranking(query.order, _SORTING)
    children = Children(
        parent="p.channel_id",
        columns="p.id",
        source=f"""FROM package p WHERE p.channel_id IN ({{ids}}) AND p.artifact_count > 0
            AND {where.condition(query.where)}""",
        order=ranked.order,
        wide=f"{_COLUMNS}, {ranked.likeness}",
        joins="JOIN package p ON p.id = numbered.id",
    )
    values = {**where.values, **ranked.values}
    return children_pages(children, channel_ids, query.window, package_view, values)


def dependents_of(package_ids: tuple[int, ...], window: Window) -> dict[int, Page[PackageView]]:
    """Return a page of the packages of its channel that depend on each package, by name."""
    children = Children(
        parent="n.id",
        columns="d.package_id",
        source="""FROM package n
            JOIN dependency d ON d.channel_id = n.channel_id AND d.name = n.name
            WHERE n.id IN ({ids})""",
        order="d.dependent",
        wide=_COLUMNS,
        joins="JOIN package p ON p.id = numbered.package_id",
    )
    return children_pages(children, package_ids, window, package_view)


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
            WHERE a.package_id IN ({{ids}}) AND {_LISTED}
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
    WHERE a.package_id IN ({{ids}}) AND {_LISTED} ORDER BY a.package_id, s.name
"""
_VERSION_PLATFORMS = f"""
    SELECT DISTINCT a.package_id, a.version, s.name
    FROM artifact a JOIN subdir s ON s.id = a.subdir_id
    WHERE a.package_id IN ({{ids}}) AND {_LISTED} ORDER BY a.package_id, a.version, s.name
"""
