"""A checked package file takes its place in a channel: what settles it, and the rows it leaves.

All checks are made twice. Before the bytes are kept, so that a refused file leaves nothing; and
in the transaction that lists the file, because only there is the answer final.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.conda.limits import Limits
from graphrepo.conda.package import CheckedPackage, read_package
from graphrepo.errors import (
    AttestationRequiredError,
    FileExistsWithOtherContentError,
    GraphrepoError,
    UnsupportedSchemaError,
)
from graphrepo.model.entities import Artifact, Subdir
from graphrepo.model.paths import keep_paths
from graphrepo.registry.artifact_rows import count_in, folder_of, insert_artifact, retire
from graphrepo.registry.attestation_rows import Addition, attach
from graphrepo.registry.changes import raise_revisions, record_event
from graphrepo.registry.gate import admit
from graphrepo.registry.hold_rows import check_not_held, withdrawn
from graphrepo.registry.record_rows import refresh_records
from graphrepo.registry.requests import Upload
from graphrepo.registry.slots import Slot, slot_of
from graphrepo.registry.standing import viewer_by_now
from graphrepo.registry.twin_requests import queue_twin, wants_twin
from graphrepo.registry.variant_lists import artifact_by_id
from graphrepo.registry.views import ArtifactView, AttestationPolicy, ChannelView, Published


@dataclass(frozen=True, slots=True)
class Parcel:
    """An upload, what it holds, when it came (ms), and the attestations to be listed with it."""

    viewer: Viewer
    upload: Upload
    package: CheckedPackage
    now: int
    addition: Addition | None = None


class _Place(NamedTuple):
    viewer: Viewer
    channel: ChannelView
    slot: Slot


def opened(upload: Upload, now: int, limits: Limits) -> CheckedPackage:
    """Return what a received file holds; it may take long.

    Raises:
        InvalidPackageError: it is not fit for a channel; the message says why.
    """
    upload.staged.file.seek(0)
    return read_package(
        upload.staged.file,
        upload.filename,
        target_subdir=upload.subdir,
        now_ms=now,
        limits=limits,
    )


def preview(parcel: Parcel) -> ArtifactView | None:
    """Settle what needs no bytes: refusals, and a repeat of what is there (which is returned)."""
    return _place_of(parcel.viewer, parcel).slot.holding(parcel.upload.digests.sha256)


def list_file(parcel: Parcel, *, keep: bool) -> Published:
    """List a file whose bytes are durable; with ``keep`` its paths, too. Inside ``transact``.

    Raises:
        GraphrepoError: it is refused after all, and nothing was written.
    """
    # Rights and rows may have changed since the preview. A key that was revoked on the way is
    # none now.
    viewer = viewer_by_now(parcel.viewer, parcel.now)
    return _filled(_place_of(viewer, parcel), parcel, keep=keep)


def list_files(parcels: Sequence[Parcel], *, keep: bool) -> list[Published | GraphrepoError]:
    """Do as ``list_file`` does, one after the other; a refusal stands in the place of its file.

    Who is refused has written nothing, so the others go on. Whatever else fails ends all.
    """
    return [_listed(parcel, keep=keep) for parcel in parcels]


def _listed(parcel: Parcel, *, keep: bool) -> Published | GraphrepoError:
    try:
        place = _place_of(viewer_by_now(parcel.viewer, parcel.now), parcel)
    except GraphrepoError as refusal:
        return refusal
    return _filled(place, parcel, keep=keep)


def _filled(place: _Place, parcel: Parcel, *, keep: bool) -> Published:
    package = parcel.package
    known = place.slot.holding(parcel.upload.digests.sha256)
    if known is not None:
        return Published(known, created=False, warnings=package.warnings)
    ident = _fill(place, parcel)
    if keep:
        keep_paths(ident, package.paths)
    return Published(artifact_by_id(ident), created=True, warnings=package.warnings)


def _place_of(viewer: Viewer, parcel: Parcel) -> _Place:
    """Return where a file may go, or holds these bytes already; else refuse it."""
    upload, package = parcel.upload, parcel.package
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
    return _Place(viewer, channel, slot)


def _check_attested(upload: Upload, channel: ChannelView) -> None:
    if channel.settings.attestations == AttestationPolicy.REQUIRE and not upload.attestation:
        raise AttestationRequiredError(
            f"{channel.name} requires an attestation of each file; send the Sigstore bundle of"
            f" {upload.filename} in the part named attestation."
        )


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


def _fill(place: _Place, parcel: Parcel) -> int:
    """Put a file into its slot and return its id; whoever is there makes room."""
    viewer, channel, slot = place
    upload, package, now = parcel.upload, parcel.package, parcel.now
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
