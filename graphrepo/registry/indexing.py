"""Doors out: the documents and files of a subdir, for those who may read them."""

from pathlib import Path
from typing import BinaryIO

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.blobs.store import BlobStore
from graphrepo.model.database import Database
from graphrepo.registry.rendering import DOCUMENTS, Renderer
from graphrepo.registry.subdir_state import SubdirState, artifact_file, subdir_state
from graphrepo.registry.views import StoredFile, moment


class Indexing:
    """Finds what a conda client asks for, and keeps the documents in step with the rows."""

    def __init__(self, database: Database, store: BlobStore) -> None:
        """Keep the database and the store."""
        self._database = database
        self._store = store
        self._renderer = Renderer(database, store)

    async def file(self, viewer: Viewer, channel: str, subdir: str, filename: str) -> StoredFile:
        """Return the current document, or the artifact, of this name.

        Raises:
            NotAuthenticatedError: nobody is signed in; private and missing channels alike.
            ForbiddenError: the viewer may not read the channel, or it does not exist.
            NotFoundError: the channel is readable and holds no such file.
        """
        if filename not in DOCUMENTS:
            return await self._database.read(_artifact, viewer, channel, subdir, filename)
        state = await self._database.read(subdir_state, viewer, Action.READ, channel, subdir)
        return await self._document(state, filename)

    async def reindex(self, viewer: Viewer, channel: str, subdir: str) -> int:
        """Bring a subdir's documents up to date now and return its revision.

        Nothing needs this: documents follow every change by themselves. Upload tools ask for it.
        """
        state = await self._database.read(subdir_state, viewer, Action.UPLOAD, channel, subdir)
        for name in sorted(DOCUMENTS):
            await self._renderer.current(state, name)
        return state.revision

    def path(self, blake3: str) -> Path | None:
        """Return a blob's file, where the store is on a disk; blocks."""
        return self._store.path(blake3)

    def open(self, blake3: str) -> BinaryIO:
        """Return a blob's bytes; blocks."""
        return self._store.open(blake3)

    async def _document(self, state: SubdirState, name: str) -> StoredFile:
        found = await self._renderer.current(state, name)
        return StoredFile(
            name,
            found.blake3,
            found.sha256,
            found.size,
            moment(found.changed_at),
            found.revision,
            state.channel,
        )


def _artifact(viewer: Viewer, channel: str, subdir: str, filename: str) -> StoredFile:
    return artifact_file(subdir_state(viewer, Action.READ, channel, subdir), filename)
