"""Doors out: the documents and files of a channel, for those who may read them."""

from dataclasses import replace
from typing import BinaryIO

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock
from graphrepo.errors import NotFoundError, StorageFullError
from graphrepo.model.database import Database
from graphrepo.registry import channel_documents, subdir_documents
from graphrepo.registry.channel_documents import ChannelDocuments
from graphrepo.registry.documents import Pointer
from graphrepo.registry.gate import admit
from graphrepo.registry.locations import Locations, Method
from graphrepo.registry.recollection import Recollection
from graphrepo.registry.small_bodies import SmallBodies
from graphrepo.registry.subdir_documents import SubdirDocuments
from graphrepo.registry.subdir_state import (
    SubdirState,
    artifact_file,
    offers,
    shard_file,
    sidecar_file,
    subdir_state,
)
from graphrepo.registry.views import ChannelView, StoredFile, moment

_SHARDS = "shards/"


class Indexing:
    """Finds what a conda client asks for, and keeps the documents in step with the rows."""

    def __init__(
        self, database: Database, store: BlobStore, clock: Clock, base_url: str = ""
    ) -> None:
        """Keep the database and the store."""
        self._database = database
        self._store = store
        self._of_subdir = SubdirDocuments(database, store, clock)
        self._of_channel = ChannelDocuments(database, store, clock, base_url)
        self._found: Recollection[StoredFile] = Recollection(database)
        self._bodies = SmallBodies(store)
        self._locations = Locations(store, clock)

    async def file(
        self, viewer: Viewer, channel: str, subdir: str, filename: str, asked: object = None
    ) -> StoredFile:
        """Return the current document, the shard (``shards/…``) or the artifact of this name.

        ``asked``: see ``Recollection.of``.

        Raises:
            NotAuthenticatedError: nobody is signed in; private and missing channels alike.
            ForbiddenError: the viewer may not read the channel, or it does not exist.
            NotFoundError: the channel is readable and holds no such file.
            GoneError: it held the file, and an administrator has withdrawn it.
            StorageFullError: the document was never rendered, and there is no room for it.
        """
        try:
            return await self._found.of(
                (viewer, channel, subdir, filename),
                lambda: self._find(viewer, channel, subdir, filename),
                asked,
            )
        except StorageFullError as refusal:
            # Better an index of yesterday than none, until the operator has made room.
            state = await self._database.read(_offering, viewer, channel, subdir, filename)
            former = await self._of_subdir.former(state, filename)
            return _former(former, state.channel, refusal)

    async def channel_file(
        self, viewer: Viewer, channel: str, filename: str, asked: object = None
    ) -> StoredFile:
        """Return the current document of a whole channel.

        ``asked``: see ``Recollection.of``.

        Raises:
            NotAuthenticatedError: nobody is signed in; private and missing channels alike.
            ForbiddenError: the viewer may not read the channel, or it does not exist.
            NotFoundError: channels have no such document.
            StorageFullError: it was never rendered, and there is no room for it.
        """
        try:
            return await self._found.of(
                (viewer, channel, filename),
                lambda: self._find_of_channel(viewer, channel, filename),
                asked,
            )
        except StorageFullError as refusal:
            found = await self._database.read(admit, viewer, Action.READ, channel)
            former = await self._of_channel.former(found, filename)
            return _former(former, found, refusal)

    async def reindex(self, viewer: Viewer, channel: str, subdir: str) -> int:
        """Bring a subdir's documents up to date now and return its revision.

        Nothing needs this: documents follow every change by themselves. Upload tools ask for it.
        """
        state = await self._database.read(subdir_state, viewer, Action.UPLOAD, channel, subdir)
        for name in ("repodata.json", "repodata.json.zst", "repodata_shards.msgpack.zst"):
            await self._of_subdir.current(state, name)
        return state.revision

    async def version(self) -> object:
        """Return what equals an earlier answer only if nothing was committed in between."""
        return await self._database.version()

    async def body(self, file: StoredFile) -> bytes | None:
        """Return the bytes of a small document, from memory if they were asked for lately.

        Raises:
            BlobMissingError: the store has lost them.
        """
        return await self._bodies.of(file.blake3, file.size)

    async def location(self, blake3: str, method: Method) -> str | None:
        """Return where a client may fetch a blob itself, or none; the caller checks its rights."""
        return await self._locations.of(blake3, method)

    def path(self, blake3: str) -> str | None:
        """Return a blob's file, where the store is on a disk; blocks."""
        return self._store.path(blake3)

    def open(self, blake3: str) -> BinaryIO:
        """Return a blob's bytes; blocks."""
        return self._store.open(blake3)

    async def _find(self, viewer: Viewer, channel: str, subdir: str, filename: str) -> StoredFile:
        if filename not in subdir_documents.NAMES:
            return await self._database.read(_stored, viewer, channel, subdir, filename)
        state = await self._database.read(_offering, viewer, channel, subdir, filename)
        return _file(await self._of_subdir.current(state, filename), state.channel)

    async def _find_of_channel(self, viewer: Viewer, channel: str, filename: str) -> StoredFile:
        found = await self._database.read(admit, viewer, Action.READ, channel)
        if filename not in channel_documents.NAMES:
            raise NotFoundError(f"There is no {filename} in {channel}.")
        return _file(await self._of_channel.current(found, filename), found)


def _file(found: Pointer, channel: ChannelView) -> StoredFile:
    return StoredFile(
        found.name,
        found.blake3,
        found.sha256,
        found.size,
        moment(found.changed_at),
        found.revision,
        channel,
    )


def _former(found: Pointer | None, channel: ChannelView, refusal: StorageFullError) -> StoredFile:
    if found is None:
        raise refusal
    return replace(_file(found, channel), is_current=False)


def _stored(viewer: Viewer, channel: str, subdir: str, filename: str) -> StoredFile:
    state = subdir_state(viewer, Action.READ, channel, subdir)
    if filename.startswith(_SHARDS):
        return shard_file(state, filename.removeprefix(_SHARDS))
    return sidecar_file(state, filename) or artifact_file(state, filename)


def _offering(viewer: Viewer, channel: str, subdir: str, name: str) -> SubdirState:
    state = subdir_state(viewer, Action.READ, channel, subdir)
    if not offers(state, name):
        raise NotFoundError(f"There is no {name} in {channel}/{subdir}.")
    return state
