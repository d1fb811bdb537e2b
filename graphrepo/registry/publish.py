"""The one door in: every upload, from every route, becomes an artifact here.

The order is bytes before rows. A crash after the bytes leaves a blob that nothing refers to,
which the collector takes; a row never names bytes that are not durable.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.blobs.staging import StagedFile
from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock, milliseconds
from graphrepo.conda.limits import Limits
from graphrepo.errors import ForbiddenError, HashMismatchError, NotAuthenticatedError
from graphrepo.model.database import Database
from graphrepo.registry.attestation_rows import Accepted
from graphrepo.registry.attesting import Attesting
from graphrepo.registry.gate import admit, may_upload_somewhere
from graphrepo.registry.listing import Parcel, list_file, opened, preview
from graphrepo.registry.requests import Upload
from graphrepo.registry.small_uploads import Arrival, NotBriefError, SmallUploads
from graphrepo.registry.views import Published


class Publisher:
    """Turns received files into artifacts of a channel."""

    def __init__(
        self,
        database: Database,
        store: BlobStore,
        clock: Clock,
        limits: Limits,
        attesting: Attesting,
        *,
        keep_paths: bool = True,
    ) -> None:
        """Keep what the use case needs; ``limits`` bound the reading of archives.

        With ``keep_paths`` the paths that packages install are kept and can be searched.
        """
        self._database = database
        self._store = store
        self._clock = clock
        self._limits = limits
        self._attesting = attesting
        self._keep_paths = keep_paths
        self._small = SmallUploads(database, store, limits, keep_paths=keep_paths)

    def stage(self) -> StagedFile:
        """Return a new file to receive an upload into; its methods block."""
        return self._store.staging.open()

    async def authorise(self, viewer: Viewer, channel: str) -> None:
        """Refuse an upload before its body is read.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not upload there.
        """
        await self._database.glance(admit, viewer, Action.UPLOAD, channel)

    async def authorise_anywhere(self, viewer: Viewer) -> None:
        """Refuse a body with files from somebody who may upload to no channel at all.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may upload nowhere.
        """
        if viewer.is_anonymous:
            raise NotAuthenticatedError("Sign in, or send a valid API key, to upload files.")
        if not await self._database.read(may_upload_somewhere, viewer):
            raise ForbiddenError(f"{viewer.login} may upload to no channel of this server.")

    async def publish(self, viewer: Viewer, upload: Upload) -> Published:
        """Validate and store a received file; when this returns, it is durable and indexed.

        The same bytes under the same name again succeed without a change, and bring back bytes
        that the store has lost.

        Raises:
            InvalidPackageError: the file is not fit for a channel; the message says why.
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not upload, or not replace.
            UnsupportedSchemaError: the channel takes no v3 packages.
            AttestationRequiredError: the channel takes no file without an attestation.
            InvalidAttestationError: the attestation is not good for this file and channel.
            AttestationsUnavailableError: there is one, and this server cannot verify it.
            FileExistsWithOtherContentError: the name is taken by other bytes.
            QuarantinedError: an administrator has withdrawn the name or the bytes.
            StorageFullError: there is no room; nothing was stored.
        """
        _check_hash(upload)
        now = milliseconds(self._clock())
        if self._small.suits(upload):
            with suppress(NotBriefError):
                return await self._small.publish(Arrival(viewer, upload, now))
        package = await asyncio.to_thread(opened, upload, now, self._limits)
        parcel = Parcel(viewer, upload, package, now)
        known = await self._database.glance(preview, parcel)
        accepted = await self._attesting.accepted(viewer, upload)
        if known is not None and await asyncio.to_thread(self._store.exists, known.blake3):
            published = Published(known, created=False, warnings=package.warnings)
        else:
            published = await self._take_in(parcel, accepted)
        if not published.created:
            await self._attesting.append(viewer, published.artifact, accepted)
        return _noted(published, upload) if upload.attestation and not accepted else published

    async def _take_in(self, parcel: Parcel, accepted: Sequence[Accepted]) -> Published:
        """Make the bytes durable, then list them."""
        upload = parcel.upload
        await asyncio.to_thread(self._store.commit, upload.staged, upload.digests)
        parcel = replace(parcel, addition=await self._attesting.addition(accepted))
        return await self._database.transact_in(
            upload.channel, list_file, parcel, keep=self._keep_paths
        )


def _check_hash(upload: Upload) -> None:
    if upload.sha256 is not None and upload.sha256.lower() != upload.digests.sha256:
        raise HashMismatchError(
            f"The bytes received have SHA-256 {upload.digests.sha256}, not the announced"
            f" {upload.sha256[:64]}; send the file again."
        )


def _noted(published: Published, upload: Upload) -> Published:
    note = f"The attestation was not kept: {upload.channel} keeps none."
    return replace(published, warnings=(*published.warnings, note))
