"""How each document of a subdir is read from the rows; inside one snapshot.

Each recipe returns chunks and holds no second copy of the records: their JSON was written at
publish, and the document is joined from it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from graphrepo.conda.current_repodata import current
from graphrepo.conda.patches import PatchInstructions, instructions_json
from graphrepo.conda.repodata import IndexedRecord, SubdirInfo, repodata
from graphrepo.conda.revisions import RevisionFacts, RevisionsJson, repodata_revisions
from graphrepo.conda.run_exports import run_exports
from graphrepo.model.database import rows, stream
from graphrepo.registry.channel_rows import settings_from_json
from graphrepo.registry.patch_rows import instructions_of_subdir
from graphrepo.registry.subdir_state import SubdirState
from graphrepo.registry.views import ChannelSettings

Recipe = Callable[[SubdirState], Iterable[bytes]]


def refreshed(state: SubdirState) -> SubdirState:
    """Return the subdir as this snapshot shows it; one that is gone stays as it was.

    The settings as well: documents show them, and each change of them is a revision.
    """
    found = rows(_PRESENT, id=state.id)
    if not found:
        return state
    revision, changed_at, settings = found[0]
    channel = replace(state.channel, settings=settings_from_json(settings))
    return replace(state, channel=channel, revision=revision, changed_at=changed_at)


def relations(settings: ChannelSettings) -> Mapping[str, str] | None:
    """Return ``info.channel_relations`` (CEP 42): paths from this channel to its relatives."""
    names = {"base": settings.relation_base, "overrides": settings.relation_overrides}
    return {kind: f"../{name}" for kind, name in names.items() if name} or None


def revisions(state: SubdirState) -> RevisionsJson | None:
    """Return ``info.repodata_revisions`` (CEP 48), counted by the database."""
    count, oldest, newest = rows(_V3, subdir_id=state.id)[0]
    return repodata_revisions(RevisionFacts(count, oldest or 0, newest or 0))


def subdir_info(state: SubdirState) -> SubdirInfo:
    """Return what repodata.json says beside its records."""
    removed = [filename for (filename,) in rows(_YANKED, subdir_id=state.id)]
    return SubdirInfo(state.name, removed, relations(state.channel.settings), revisions(state))


def _repodata(state: SubdirState) -> Iterator[bytes]:
    return repodata(subdir_info(state), _listed(state, "record"))


def _repodata_from_packages(state: SubdirState) -> Iterator[bytes]:
    return repodata(subdir_info(state), _listed(state, "coalesce(unpatched, record)"))


def _current_repodata(state: SubdirState) -> Iterator[bytes]:
    listed = [record for record in _listed(state, "record") if not record.is_v3]
    kept = current((record.filename, json.loads(record.record)) for record in listed)
    return repodata(subdir_info(state), (record for record in listed if record.filename in kept))


def _run_exports(state: SubdirState) -> Iterator[bytes]:
    # v3 files appear in shards only (channel readers know no v3 key here).
    return run_exports(state.name, stream(_RUN_EXPORTS, subdir_id=state.id))


def _patch_instructions(state: SubdirState) -> Iterator[bytes]:
    instructions: PatchInstructions = instructions_of_subdir(state.id)
    yield instructions_json(instructions)


RECIPES: Mapping[str, Recipe] = {
    "repodata.json": _repodata,
    "repodata_from_packages.json": _repodata_from_packages,
    "current_repodata.json": _current_repodata,
    "run_exports.json": _run_exports,
    "patch_instructions.json": _patch_instructions,
}


def _listed(state: SubdirState, column: str) -> Iterator[IndexedRecord]:
    sql = f"""SELECT filename, {column}, is_v3 FROM artifact
        WHERE subdir_id = $subdir_id AND removed_in IS NULL AND yanked_reason IS NULL
        ORDER BY filename"""
    return map(IndexedRecord._make, stream(sql, subdir_id=state.id))


_PRESENT = """
    SELECT s.revision, s.changed_at, c.settings
    FROM subdir s JOIN channel c ON c.id = s.channel_id WHERE s.id = $id
"""
_YANKED = """
    SELECT filename FROM artifact
    WHERE subdir_id = $subdir_id AND removed_in IS NULL AND yanked_reason IS NOT NULL
    ORDER BY filename
"""
_RUN_EXPORTS = """
    SELECT filename, run_exports_json FROM artifact
    WHERE subdir_id = $subdir_id AND removed_in IS NULL AND yanked_reason IS NULL AND NOT is_v3
"""
_V3 = """
    SELECT count(*), min(indexed_timestamp), max(indexed_timestamp) FROM artifact
    WHERE subdir_id = $subdir_id AND removed_in IS NULL AND is_v3 AND yanked_reason IS NULL
"""
