"""Attestations as they are shown; inside a session."""

from dataclasses import dataclass
from datetime import datetime

from graphrepo.model.database import Row
from graphrepo.model.many import rows_of_ids
from graphrepo.registry.paging import Children
from graphrepo.registry.paging import pages_of as children_pages
from graphrepo.registry.views import Page, Window, moment


@dataclass(frozen=True, slots=True)
class AttestationView:
    """A proven bundle: who signed, who vouched for that, which channel it was meant for."""

    bundle: str
    identity: str
    issuer: str
    target_channel: str | None
    added_by: str
    added_at: datetime


def pages_of(artifact_ids: tuple[int, ...], window: Window) -> dict[int, Page[AttestationView]]:
    """Return a page of each file's attestations, in order of acceptance."""
    return children_pages(_OF_FILES, artifact_ids, window, _view)


def latest_verified(package_ids: tuple[int, ...]) -> dict[int, bool]:
    """Return of each package whether all files of its latest version that are listed have one."""
    return {ident: bool(is_verified) for ident, is_verified in rows_of_ids(_LATEST, package_ids)}


def _view(row: Row) -> AttestationView:
    bundle, *facts, added_at = row
    return AttestationView(bytes(bundle).decode(), *facts, added_at=moment(added_at))


_OF_FILES = Children(
    parent="t.artifact_id",
    columns="t.bundle, t.identity, t.issuer, t.target_channel, t.added_by, t.added_at",
    source="FROM attestation t WHERE t.artifact_id IN ({ids})",
    order="t.position",
)
_LATEST = """
    SELECT p.id, sum(CASE WHEN EXISTS (SELECT 1 FROM sidecar s WHERE s.artifact_id = a.id)
      THEN 0 ELSE 1 END) = 0
    FROM package p JOIN artifact a ON a.package_id = p.id AND a.version = p.latest_version
      AND a.removed_in IS NULL AND a.yanked_reason IS NULL AND NOT a.hidden
    WHERE p.id IN ({ids}) GROUP BY p.id
"""
