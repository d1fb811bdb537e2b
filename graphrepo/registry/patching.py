"""Corrections to records whose files never change: instructions for a subdir, edits of a file."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.conda.names import check_subdir, parse_filename
from graphrepo.conda.patches import PatchInstructions, parse_instructions
from graphrepo.model.database import Database, rows
from graphrepo.model.entities import Artifact, Channel, Subdir
from graphrepo.registry.artifact_rows import live_artifacts, recount, subdir_of
from graphrepo.registry.changes import bump, record_event
from graphrepo.registry.gate import admit
from graphrepo.registry.patch_rows import (
    changes_of_files,
    merge_instructions,
    replace_instructions,
)
from graphrepo.registry.record_rows import refresh_records
from graphrepo.registry.requests import Batch, FileName
from graphrepo.registry.variant_lists import artifact_by_id
from graphrepo.registry.views import ArtifactView


class Patching:
    """Patches what the index says of files."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep what the use cases need."""
        self._database = database
        self._clock = clock

    async def authorise(self, viewer: Viewer, channel: str) -> None:
        """Refuse instructions before their text is read.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not yank in the channel.
        """
        await self._database.read(admit, viewer, Action.YANK, channel)

    async def changes_of(self, artifact_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Return the keys that patches write in the records of those files that have any."""
        return await self._database.read(changes_of_files, tuple(artifact_ids))

    async def set_instructions(
        self, viewer: Viewer, channel: str, subdir: str, content: bytes
    ) -> int:
        """Put ``patch_instructions.json`` in place of a subdir's instructions.

        They may name files that are not there (yet), as patch packages do. An object without
        entries ends all patches. Returns how many names are patched otherwise than before.

        Raises:
            InvalidInputError: the content is no patch instructions; the sentence says why.
            InvalidSubdirError: the subdir breaks its grammar.
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not yank in the channel.
        """
        check_subdir(subdir)
        # Those of a large channel take seconds to check.
        instructions = await asyncio.to_thread(parse_instructions, content)
        now = milliseconds(self._clock())
        return await self._database.transact_in(
            channel, _set_instructions, viewer, channel, subdir, instructions, now
        )

    async def patch(
        self, viewer: Viewer, channel: str, file: FileName, changes: Mapping[str, Any]
    ) -> ArtifactView:
        """Patch one file's record; the changes replace all that patched it before.

        Raises:
            InvalidInputError: a key may not be patched, or its value has the wrong form.
            NotFoundError: there is no such file.
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not yank in the channel.
        """
        now = milliseconds(self._clock())
        asked = (viewer, channel, file, dict(changes), now)
        return await self._database.transact_in(channel, _patch, *asked)


def _set_instructions(
    viewer: Viewer, name: str, folder: str, instructions: PatchInstructions, now: int
) -> int:
    channel = Channel[admit(viewer, Action.YANK, name).id]
    subdir = subdir_of(channel, folder, now)
    subdir.flush()
    touched = replace_instructions(subdir, instructions)
    _refresh(viewer, subdir, touched, now)
    return len(touched)


def _patch(
    viewer: Viewer, name: str, file: FileName, changes: dict[str, Any], now: int
) -> ArtifactView:
    channel = Channel[admit(viewer, Action.YANK, name).id]
    (artifact,) = live_artifacts(channel, Batch(name, (file,)))
    edit = parse_instructions(_edit(artifact, changes))
    _refresh(viewer, artifact.subdir, merge_instructions(artifact.subdir, edit), now)
    return artifact_by_id(artifact.id)


def _edit(artifact: Artifact, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the changes of one file as instructions, under the map that lists it."""
    name = parse_filename(artifact.filename)
    section = {name.stem if artifact.is_v3 else str(name): changes}
    if artifact.is_v3:
        return {"patch_instructions_version": 2, "v3": {name.extension: section}}
    listing = "packages.conda" if name.extension == "conda" else "packages"
    return {"patch_instructions_version": 2, listing: section}


def _refresh(viewer: Viewer, subdir: Subdir, touched: Collection[str], now: int) -> None:
    """Let the records follow the instructions that changed."""
    if not touched:
        return
    bump(subdir.channel, subdir, now)
    record_event(viewer, "patch", now, subdir.channel, subdir=subdir.name, files=len(touched))
    for filename in sorted(touched):
        refresh_records(subdir, filename)
    for (ident,) in rows(_CHANGED, subdir_id=subdir.id, revision=subdir.revision):
        recount(ident)


_CHANGED = """
    SELECT DISTINCT package_id FROM artifact
    WHERE subdir_id = $subdir_id AND changed_in = $revision
"""
