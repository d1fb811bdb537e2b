"""Quarantine: administrators withdraw files of any channel, and release them as they were."""

from collections.abc import Iterable, Sequence

from graphrepo.access.policy import may_administer_server
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.conda.matching import FileMatcher
from graphrepo.errors import InvalidInputError, NotFoundError
from graphrepo.model.database import Database, rows
from graphrepo.model.many import rows_of_ids
from graphrepo.model.quarantine_entities import Quarantine
from graphrepo.registry import quarantine_lists as lists
from graphrepo.registry.changes import record_event
from graphrepo.registry.gate import admit_administrator
from graphrepo.registry.hold_rows import blocked_among
from graphrepo.registry.holds import settle
from graphrepo.registry.quarantine_views import (
    NewQuarantine,
    QuarantineChange,
    QuarantineView,
    Selection,
)
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.selecting import matcher_of, selected
from graphrepo.registry.views import ArtifactView, Page, Window
from graphrepo.registry.yanking import checked_reason


class Quarantines:
    """The quarantines of this server; administrators alone see and make them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep what the use cases need."""
        self._database = database
        self._clock = clock

    async def select(self, viewer: Viewer, selection: Selection) -> tuple[int, ...]:
        """Return the ids of the files that a selection means; nothing changes.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer is no administrator, or uses a limited key.
            InvalidInputError: the selection says nothing, or means too many files.
            InvalidMatchSpecError: its spec cannot select files.
            NotFoundError: a file or a channel that it names does not exist.
        """
        admit_administrator(viewer)
        matcher = matcher_of(selection)
        return await self._database.survey(selected, selection, matcher)

    async def apply(
        self, viewer: Viewer, new: NewQuarantine
    ) -> tuple[QuarantineView, tuple[int, ...]]:
        """Withdraw files; return the quarantine and the ids of its files.

        Raises:
            NotAuthenticatedError, ForbiddenError, InvalidInputError, InvalidMatchSpecError,
                NotFoundError: as ``select``; also if no file is meant or the reason is no
                sentence.
        """
        admit_administrator(viewer)
        reason = checked_reason(new.reason)
        matcher = matcher_of(new.selection)
        return await self._database.transact(_apply, viewer, new, reason, matcher, self._now())

    async def update(
        self, viewer: Viewer, quarantine_id: int, change: QuarantineChange
    ) -> QuarantineView:
        """Change what a quarantine does to its files, or why.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer is no administrator, or uses a limited key.
            NotFoundError: there is no such quarantine.
            InvalidInputError: it is revoked, or the reason is empty or too long.
        """
        admit_administrator(viewer)
        reason = None if change.reason is None else checked_reason(change.reason)
        asked = (viewer, quarantine_id, change, reason)
        return await self._database.transact(_update, *asked, self._now())

    async def revoke(self, viewer: Viewer, quarantine_id: int) -> QuarantineView:
        """Release the files, each as it was but for quarantines still in force.

        A quarantine that was revoked before stays as it is.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer is no administrator, or uses a limited key.
            NotFoundError: there is no such quarantine.
        """
        admit_administrator(viewer)
        return await self._database.transact(_revoke, viewer, quarantine_id, self._now())

    async def get(self, viewer: Viewer, quarantine_id: int) -> QuarantineView | None:
        """Return a quarantine; none where there is none, or the viewer is no administrator."""
        if not may_administer_server(viewer):
            return None
        return await self._database.read(lists.find, quarantine_id)

    async def page(self, viewer: Viewer, query: ListQuery) -> Page[QuarantineView]:
        """Return quarantines, newest first.

        Fields: ``action``, ``reason``, ``createdBy``, ``isActive``.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer is no administrator, or uses a limited key.
        """
        admit_administrator(viewer)
        return await self._database.read(lists.page, query)

    async def files_of(
        self, quarantine_ids: Iterable[int], window: Window
    ) -> dict[int, Page[ArtifactView]]:
        """Return the same page of each quarantine's files; for callers that may see them."""
        return await self._database.read(lists.files_of, tuple(quarantine_ids), window)

    async def files(self, file_ids: Sequence[int], window: Window) -> Page[ArtifactView]:
        """Return a page of files that ``select`` or ``apply`` gave."""
        return await self._database.read(lists.files, tuple(file_ids), window)

    async def blocked(self, artifact_ids: Iterable[int]) -> dict[int, bool]:
        """Return whether each of these files is blocked: out of its channel, its bytes kept."""
        return await self._database.read(blocked_among, tuple(artifact_ids))

    def _now(self) -> int:
        return milliseconds(self._clock())


def _apply(
    viewer: Viewer, new: NewQuarantine, reason: str, matcher: FileMatcher | None, now: int
) -> tuple[QuarantineView, tuple[int, ...]]:
    idents = selected(new.selection, matcher)
    if not idents:
        raise NotFoundError("The selection holds no file; see what it means with dryRun first.")
    quarantine = Quarantine(
        action=new.action.value,
        reason=reason,
        selection=new.selection.to_json(),
        created_by=viewer.login,
        created_at=now,
        updated_at=now,
    )
    quarantine.flush()
    rows_of_ids(_ADD_FILES, idents, quarantine_id=quarantine.id)
    record_event(viewer, "apply_quarantine", now, quarantine=quarantine.id, files=len(idents))
    settle(viewer, idents, quarantine.id, now)
    return lists.existing(quarantine.id), idents


def _update(
    viewer: Viewer, ident: int, change: QuarantineChange, reason: str | None, now: int
) -> QuarantineView:
    quarantine = _entity(ident)
    if quarantine.revoked_at is not None:
        raise InvalidInputError("This quarantine is revoked; apply a new one.")
    quarantine.set(
        action=(change.action or quarantine.action),
        reason=reason or quarantine.reason,
        updated_at=now,
    )
    quarantine.flush()
    record_event(viewer, "update_quarantine", now, quarantine=ident)
    settle(viewer, _file_ids(ident), ident, now)
    return lists.existing(ident)


def _revoke(viewer: Viewer, ident: int, now: int) -> QuarantineView:
    quarantine = _entity(ident)
    if quarantine.revoked_at is None:
        quarantine.set(revoked_at=now, revoked_by=viewer.login, updated_at=now)
        quarantine.flush()
        record_event(viewer, "revoke_quarantine", now, quarantine=ident)
        settle(viewer, _file_ids(ident), ident, now)
    return lists.existing(ident)


def _entity(ident: int) -> Quarantine:
    quarantine = Quarantine.get(id=ident)
    if quarantine is None:
        raise NotFoundError(f"There is no quarantine {ident}.")
    return quarantine


def _file_ids(ident: int) -> list[int]:
    sql = "SELECT artifact_id FROM quarantined_file WHERE quarantine_id = $id"
    return [artifact_id for (artifact_id,) in rows(sql, id=ident)]


_ADD_FILES = """
    INSERT INTO quarantined_file (quarantine_id, artifact_id)
    SELECT $quarantine_id, id FROM artifact WHERE id IN ({ids})
"""
