"""The one door in: every upload, from every route, becomes an artifact here.

The order is bytes before rows. A crash after the bytes leaves a blob that nothing refers to,
which the collector takes; a row never names bytes that are not durable.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.blobs.staging import StagedFile
from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock, milliseconds
from graphrepo.conda.limits import Limits
from graphrepo.conda.package import CheckedPackage, read_package
from graphrepo.errors import (
    AttestationRequiredError,
    FileExistsWithOtherContentError,
    ForbiddenError,
    HashMismatchError,
    NotAuthenticatedError,
    UnsupportedSchemaError,
)
from graphrepo.model.database import Database
from graphrepo.model.entities import Artifact, Subdir
from graphrepo.model.paths import keep_paths
from graphrepo.registry.artifact_rows import count_in, folder_of, insert_artifact, retire
from graphrepo.registry.attestation_rows import Accepted, Addition, attach
from graphrepo.registry.attesting import Attesting
from graphrepo.registry.changes import raise_revisions, record_event
from graphrepo.registry.gate import admit, may_upload_somewhere
from graphrepo.registry.hold_rows import check_not_held, withdrawn
from graphrepo.registry.record_rows import refresh_records
from graphrepo.registry.requests import Upload
from graphrepo.registry.slots import Slot, slot_of
from graphrepo.registry.standing import viewer_by_now
from graphrepo.registry.twin_requests import queue_twin, wants_twin
from graphrepo.registry.variant_lists import artifact_by_id
from graphrepo.registry.views import ArtifactView, AttestationPolicy, ChannelView, Published


@dataclass(frozen=True, slots=True)
class _Parcel:
    """An upload whose bytes are durable, what they hold, and the attestations that came along."""

    upload: Upload
    package: CheckedPackage
    addition: Addition | None


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
        package = await asyncio.to_thread(self._read, upload, now)
        known = await self._database.glance(_preview, viewer, upload, package)
        accepted = await self._attesting.accepted(viewer, upload)
        if known is not None and await asyncio.to_thread(self._store.exists, known.blake3):
            published = Published(known, created=False, warnings=package.warnings)
        else:
            published = await self._take_in(viewer, upload, package, accepted, now)
        if not published.created:
            await self._attesting.append(viewer, published.artifact, accepted)
        return _noted(published, upload) if upload.attestation and not accepted else published

    async def _take_in(
        self,
        viewer: Viewer,
        upload: Upload,
        package: CheckedPackage,
        accepted: Sequence[Accepted],
        now: int,
    ) -> Published:
        """Make the bytes durable, then list them."""
        await asyncio.to_thread(self._store.commit, upload.staged, upload.digests)
        parcel = _Parcel(upload, package, await self._attesting.addition(accepted))
        return await self._database.transact_in(
            upload.channel, _publish, viewer, parcel, now, keep=self._keep_paths
        )

    def _read(self, upload: Upload, now: int) -> CheckedPackage:
        upload.staged.file.seek(0)
        return read_package(
            upload.staged.file,
            upload.filename,
            target_subdir=upload.subdir,
            now_ms=now,
            limits=self._limits,
        )


def _check_hash(upload: Upload) -> None:
    if upload.sha256 is not None and upload.sha256.lower() != upload.digests.sha256:
        raise HashMismatchError(
            f"The bytes received have SHA-256 {upload.digests.sha256}, not the announced"
            f" {upload.sha256[:64]}; send the file again."
        )


def _preview(viewer: Viewer, upload: Upload, package: CheckedPackage) -> ArtifactView | None:
    """Settle what needs no bytes: refusals, and a repeat of what is there (which is returned)."""
    _, slot = _admitted(viewer, upload, package)
    return slot.holding(upload.digests.sha256)


def _admitted(viewer: Viewer, upload: Upload, package: CheckedPackage) -> tuple[ChannelView, Slot]:
    """Return where a file may go, or holds these bytes already; else refuse it."""
    channel = admit(viewer, Action.UPLOAD, upload.channel)
    if package.is_v3 and not channel.settings.allow_v3:
        raise UnsupportedSchemaError(
            f"{channel.name} does not take packages of schema v3 (CEP 43);"
            " an owner can allow them in its settings."
        )
    slot = slot_of(channel.id, package, upload.digests.blake3)
    if slot.holding(upload.digests.sha256) is None:
        _check_attested(upload, channel)
        if slot.is_blocked:
            raise withdrawn(package.filename)
        if slot.present is not None:
            _check_replaceable(viewer, upload, channel)
            check_not_held({slot.present.id: slot.present.filename})
    return channel, slot


def _check_attested(upload: Upload, channel: ChannelView) -> None:
    if channel.settings.attestations == AttestationPolicy.REQUIRE and not upload.attestation:
        raise AttestationRequiredError(
            f"{channel.name} requires an attestation of each file; send the Sigstore bundle of"
            f" {upload.filename} in the part named attestation."
        )


def _noted(published: Published, upload: Upload) -> Published:
    note = f"The attestation was not kept: {upload.channel} keeps none."
    return replace(published, warnings=(*published.warnings, note))


def _check_replaceable(viewer: Viewer, upload: Upload, channel: ChannelView) -> None:
    if not upload.force:
        raise FileExistsWithOtherContentError(
            f"{upload.filename} is already in {channel.name} with different contents;"
            " raise the build number and upload again."
        )
    if not channel.settings.allow_overwrite:
        raise FileExistsWithOtherContentError(
            f"{channel.name} does not allow files to be replaced;"
            " raise the build number and upload again."
        )
    # Replacing destroys what was published, so it takes the right to delete.
    admit(viewer, Action.DELETE, channel.name)


def _publish(viewer: Viewer, parcel: _Parcel, now: int, *, keep: bool) -> Published:
    upload, package = parcel.upload, parcel.package
    # All checks again: rights and rows may have changed since the preview, and only inside
    # the write transaction is the answer final. A key that was revoked on the way is none now.
    viewer = viewer_by_now(viewer, now)
    channel, slot = _admitted(viewer, upload, package)
    known = slot.holding(upload.digests.sha256)
    if known is not None:
        return Published(known, created=False, warnings=package.warnings)
    ident = _list(viewer, channel, slot, parcel, now)
    if keep:
        keep_paths(ident, package.paths)
    return Published(artifact_by_id(ident), created=True, warnings=package.warnings)


def _list(viewer: Viewer, channel: ChannelView, slot: Slot, parcel: _Parcel, now: int) -> int:
    """Put a file into its slot and return its id; whoever is there makes room."""
    upload, package = parcel.upload, parcel.package
    folder = folder_of(channel.id, slot, package, now)
    channel = raise_revisions(channel, folder.subdir_id, now)
    if slot.present is not None:
        retire(Artifact[slot.present.id], now)
    ident = insert_artifact(viewer, folder, upload, package, now)
    if parcel.addition is not None:
        attach(viewer, Artifact[ident], parcel.addition, now)
    if slot.is_shaped or parcel.addition is not None:
        refresh_records(Subdir[folder.subdir_id], package.filename)
    count_in(folder.package_id, slot, package)
    if wants_twin(channel, package.filename):
        queue_twin(viewer, channel, Artifact[ident], now, replaced=slot.present is not None)
    record_event(
        viewer,
        "replace" if slot.present else "upload",
        now,
        channel,
        subdir=package.subdir,
        filename=package.filename,
        sha256=upload.digests.sha256,
    )
    return ident
