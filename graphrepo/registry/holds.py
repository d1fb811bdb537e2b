"""What quarantines in force make of files; inside a session.

A file may be in several quarantines. While one of them is in force there is a hold on it, which
remembers what its owners had made of it. The file's state follows from all of them: blocked if
one says so, else yanked; and what it was before when the last has ended. A blocked file is out
of the channel by the same column as a deleted one, so that no list and no document needs to
know of quarantine; the hold keeps its name taken, its bytes in the store and its way back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pony.orm import flush

from graphrepo.access.viewer import Viewer
from graphrepo.model.entities import Artifact
from graphrepo.model.many import id_list, rows_of_ids
from graphrepo.model.quarantine_entities import Hold
from graphrepo.registry.artifact_rows import recount
from graphrepo.registry.changes import bump, record_event
from graphrepo.registry.quarantine_views import QuarantineAction
from graphrepo.registry.record_rows import REMOVED_BY_PATCH, refresh_records


@dataclass(frozen=True, slots=True)
class _State:
    """How a file is to be, or is; ``is_held`` while a quarantine is in force."""

    is_held: bool
    is_blocked: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class _Case:
    """A file, the hold on it, and how it is to be."""

    artifact: Artifact
    hold: Hold | None
    wanted: _State

    @property
    def present(self) -> _State:
        """How it is."""
        artifact = self.artifact
        is_blocked = artifact.removed_in is not None
        return _State(self.hold is not None, is_blocked, artifact.yanked_reason)


def settle(viewer: Viewer, artifact_ids: Sequence[int], quarantine_id: int, now: int) -> None:
    """Bring files into the state that quarantines now ask for: one revision for each subdir.

    Call it after each change of the quarantine, with all files that are in it.
    """
    cases = [case for case in _cases(artifact_ids) if case.wanted != case.present]
    for subdir in {case.artifact.subdir for case in cases}:
        bump(subdir.channel, subdir, now)
    for case in cases:
        _apply(case)
    flush()
    # After all of them: a record names its twin, which may have come or gone as well.
    for ident in _with_others(artifact_ids):
        refresh_records(Artifact[ident].subdir, Artifact[ident].filename)
    for case in cases:
        _record(viewer, case, quarantine_id, now)
    for package_id in {case.artifact.package.id for case in cases}:
        recount(package_id)


def _cases(artifact_ids: Sequence[int]) -> list[_Case]:
    idents = id_list(artifact_ids)
    holds = {hold.artifact.id: hold for hold in Hold.select_by_sql(_HOLDS.format(ids=idents))}
    orders: dict[int, _State] = {}
    # Blocking outdoes yanking, and among equals the newest has the word.
    for ident, is_blocked, reason in rows_of_ids(_IN_FORCE, artifact_ids):
        orders[ident] = _State(is_held=True, is_blocked=bool(is_blocked), reason=reason)
    return [
        _Case(artifact, hold, orders.get(artifact.id) or _free(artifact, hold))
        for artifact in Artifact.select_by_sql(_ARTIFACTS.format(ids=idents))
        for hold in (holds.get(artifact.id),)
    ]


def _with_others(artifact_ids: Sequence[int]) -> list[int]:
    """Return those files whose record depends on more than themselves: a twin, or patches."""
    found = rows_of_ids(_WITH_OTHERS, artifact_ids, removed_by_patch=REMOVED_BY_PATCH)
    return [ident for (ident,) in found]


def _free(artifact: Artifact, hold: Hold | None) -> _State:
    """Return how a file is without any quarantine: as its owners had it."""
    own_reason = hold.yanked_reason if hold else artifact.yanked_reason
    return _State(is_held=False, is_blocked=False, reason=own_reason)


def _apply(case: _Case) -> None:
    artifact, wanted = case.artifact, case.wanted
    if wanted.is_held:
        # Before the file itself leaves: what is searched for in it stays while a hold says so.
        _hold(case, is_blocked=wanted.is_blocked).flush()
    revision = artifact.subdir.revision
    artifact.yanked_reason = wanted.reason
    artifact.removed_in = (artifact.removed_in or revision) if wanted.is_blocked else None
    artifact.changed_in = revision
    if case.hold and not wanted.is_held:
        case.hold.delete()


def _hold(case: _Case, *, is_blocked: bool) -> Hold:
    if case.hold is not None:
        case.hold.is_blocked = is_blocked
        return case.hold
    artifact = case.artifact
    return Hold(
        artifact=artifact,
        subdir=artifact.subdir,
        filename=artifact.filename,
        blake3=artifact.blake3,
        yanked_reason=artifact.yanked_reason,
        is_blocked=is_blocked,
    )


def _record(viewer: Viewer, case: _Case, quarantine_id: int, now: int) -> None:
    wanted = case.wanted
    subdir = case.artifact.subdir
    effect = QuarantineAction.DELETE if wanted.is_blocked else QuarantineAction.YANK
    record_event(
        viewer,
        "quarantine" if wanted.is_held else "release",
        now,
        subdir.channel,
        subdir=subdir.name,
        filename=case.artifact.filename,
        quarantine=quarantine_id,
        effect=effect.value if wanted.is_held else None,
        reason=wanted.reason if wanted.is_held else None,
    )


_TWIN = """CASE WHEN a.filename LIKE '%.conda'
    THEN substr(a.filename, 1, length(a.filename) - length('.conda')) || '.tar.bz2'
    ELSE substr(a.filename, 1, length(a.filename) - length('.tar.bz2')) || '.conda' END"""
_WITH_OTHERS = f"""
    SELECT a.id FROM artifact a WHERE a.id IN ({{ids}}) AND (
      a.yanked_reason = $removed_by_patch
      OR EXISTS (SELECT 1 FROM artifact t WHERE t.subdir_id = a.subdir_id AND t.filename = {_TWIN}
        AND t.removed_in IS NULL)
      OR EXISTS (SELECT 1 FROM patch p WHERE p.subdir_id = a.subdir_id
        AND p.filename IN (a.filename, {_TWIN})))
"""
_HOLDS = "SELECT * FROM hold WHERE artifact_id IN ({ids})"
_ARTIFACTS = "SELECT * FROM artifact WHERE id IN ({ids}) ORDER BY id"
_IN_FORCE = f"""
    SELECT f.artifact_id, q.action = '{QuarantineAction.DELETE.value}' AS is_blocked, q.reason
    FROM quarantined_file f JOIN quarantine q ON q.id = f.quarantine_id
    WHERE q.revoked_at IS NULL AND f.artifact_id IN ({{ids}}) ORDER BY is_blocked, q.id
"""
