"""Lists of package files; inside a session."""

from collections.abc import Sequence

import msgspec

from graphrepo.access.viewer import Viewer
from graphrepo.clock import milliseconds
from graphrepo.model.database import Row, rows
from graphrepo.model.many import rows_of_ids
from graphrepo.registry.filters import order_by, window_values
from graphrepo.registry.gate import find_channel
from graphrepo.registry.hold_rows import blocked_file
from graphrepo.registry.paging import Children
from graphrepo.registry.paging import pages_of as children_pages
from graphrepo.registry.requests import VariantQuery
from graphrepo.registry.views import (
    ArtifactInfoView,
    ArtifactView,
    Page,
    Window,
    moment,
    page_of,
)

ARTIFACT_COLUMNS = (
    "a.id, s.channel_id, a.package_id, p.name, s.name, a.filename, a.version, a.build,"
    " a.build_number, a.size, a.md5, a.sha256, a.blake3, a.record, a.uploader_id,"
    " a.uploaded_at, a.yanked_reason, a.hidden, a.installed_size"
)
_JOINS = "JOIN subdir s ON s.id = a.subdir_id JOIN package p ON p.id = a.package_id"
_FROM = f"FROM artifact a {_JOINS}"
_ORDERS = {"buildString": "a.build", "createdAt": "a.uploaded_at", "size": "a.size"}
_NEWEST = "a.version_key DESC, a.build_number DESC, s.name, a.filename"


class _Licence(msgspec.Struct):
    """What lists show of a record."""

    license: str | None = None
    license_family: str | None = None


def artifact_view(row: Row) -> ArtifactView:
    """Return the view of a row of ``ARTIFACT_COLUMNS``; licences are read from its record."""
    (*identity, record, uploader, uploaded, yanked, hidden, installed) = row
    facts = msgspec.json.decode(record, type=_Licence)
    return ArtifactView(
        *identity,
        license=facts.license,
        license_family=facts.license_family,
        uploader_id=uploader,
        uploaded_at=moment(uploaded),
        yanked_reason=yanked,
        hidden=bool(hidden),
        installed_size=installed,
    )


def live_artifact(subdir_id: int, filename: str) -> ArtifactView | None:
    """Return the live file of this name in a subdir."""
    sql = f"""SELECT {ARTIFACT_COLUMNS} {_FROM}
        WHERE a.subdir_id = $subdir_id AND a.filename = $filename AND a.removed_in IS NULL"""
    return next(map(artifact_view, rows(sql, subdir_id=subdir_id, filename=filename)), None)


def artifact_by_id(ident: int) -> ArtifactView:
    """Return a file that is known to exist."""
    return artifact_view(rows(f"SELECT {ARTIFACT_COLUMNS} {_FROM} WHERE a.id = $id", id=ident)[0])


def page_of_ids(ids: Sequence[int], window: Window) -> Page[ArtifactView]:
    """Return the page of a list of files that are known to exist, in the order of the list."""
    span = window_values(window)
    chosen = ids[span["offset"] : span["offset"] + span["limit"]]
    found = rows_of_ids(f"SELECT {ARTIFACT_COLUMNS} {_FROM} WHERE a.id IN ({{ids}})", chosen)
    views = {row[0]: artifact_view(row) for row in found}
    return page_of(tuple(views[ident] for ident in chosen), window, len(ids))


def by_ids(ids: tuple[int, ...]) -> dict[int, ArtifactView]:
    """Return those of these files that exist, deleted ones among them."""
    found = rows_of_ids(f"SELECT {ARTIFACT_COLUMNS} {_FROM} WHERE a.id IN ({{ids}})", ids)
    return {row[0]: artifact_view(row) for row in found}


def one(viewer: Viewer, channel: str, subdir: str, filename: str) -> ArtifactView | None:
    """Return a live or blocked file, if the viewer may read its channel."""
    found = find_channel(viewer, channel)
    if found is None:
        return None
    sql = "SELECT id FROM subdir WHERE channel_id = $channel_id AND name = $name"
    folder = rows(sql, channel_id=found.id, name=subdir)
    return _shown(folder[0][0], filename) if folder else None


def _shown(subdir_id: int, filename: str) -> ArtifactView | None:
    live = live_artifact(subdir_id, filename)
    blocked = None if live else blocked_file(subdir_id, filename)
    return live if blocked is None else artifact_by_id(blocked)


def pages_of(package_ids: tuple[int, ...], query: VariantQuery) -> dict[int, Page[ArtifactView]]:
    """Return a page of each package's files."""
    conditions, values = _conditions(query)
    children = Children(
        parent="a.package_id",
        columns="a.id",
        source=f"""{_FROM} WHERE a.package_id IN ({{ids}}) AND a.removed_in IS NULL{conditions}""",
        order=order_by(query.order, _ORDERS, _NEWEST),
        wide=ARTIFACT_COLUMNS,
        joins=f"JOIN artifact a ON a.id = numbered.id {_JOINS}",
    )
    return children_pages(children, package_ids, query.window, artifact_view, values)


def infos(artifact_ids: tuple[int, ...]) -> dict[int, ArtifactInfoView]:
    """Return the wide facts of files."""
    return {row[0]: ArtifactInfoView(*row) for row in rows_of_ids(_INFOS, artifact_ids)}


def _conditions(query: VariantQuery) -> tuple[str, dict[str, object]]:
    created_from, created_to = query.created_from, query.created_to
    wanted: dict[str, tuple[str, object]] = {
        "version": ("a.version = $version", query.version),
        "platform": ("s.name = $platform", query.platform),
        "build": ("a.build = $build", query.build),
        "since": ("a.uploaded_at >= $since", created_from and milliseconds(created_from)),
        "until": ("a.uploaded_at <= $until", created_to and milliseconds(created_to)),
    }
    asked = {name: pair for name, pair in wanted.items() if pair[1] is not None}
    conditions = "".join(f" AND {condition}" for condition, _ in asked.values())
    if not query.include_hidden:
        conditions += " AND NOT a.hidden"
    return conditions, {name: value for name, (_, value) in asked.items()}


_INFOS = """
    SELECT a.id, i.index_json, i.about_json, a.run_exports_json
    FROM artifact a JOIN artifact_info i ON i.artifact_id = a.id WHERE a.id IN ({ids})
"""
