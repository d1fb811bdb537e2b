"""Attestations come in: with an upload, or later; proven first, stored second, listed third.

Two additions to one file may come at once. Each reads how many bundles there are, stores the
sidecar that would follow, and writes it down only if there are still as many: the slower one
begins anew, so none is lost and no sidecar is ever changed.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from graphrepo.access.policy import Action
from graphrepo.access.publishers import Provider, Publisher
from graphrepo.access.signers import may_sign
from graphrepo.access.viewer import Viewer
from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock, milliseconds
from graphrepo.conda.attestations import Subject, check_statement, read_bundles, sidecar
from graphrepo.errors import (
    AttestationsOffError,
    InvalidAttestationError,
    NotFoundError,
    StaleError,
)
from graphrepo.model.database import Database
from graphrepo.model.entities import Artifact, Channel
from graphrepo.registry.artifact_rows import live_artifacts
from graphrepo.registry.attestation_lists import AttestationView, latest_verified, pages_of
from graphrepo.registry.attestation_rows import (
    Accepted,
    Addition,
    attach,
    bundles_of,
    count_bundles,
    fresh_of,
)
from graphrepo.registry.changes import bump, record_event
from graphrepo.registry.gate import admit
from graphrepo.registry.publishers import publishers_of
from graphrepo.registry.record_rows import refresh_records
from graphrepo.registry.requests import Attest, Batch, Upload
from graphrepo.registry.signatures import Signed, Verify
from graphrepo.registry.variant_lists import artifact_by_id
from graphrepo.registry.views import ArtifactView, AttestationPolicy, ChannelView, Page, Window


@dataclass(frozen=True, slots=True)
class Signers:
    """How services name their jobs' addresses, and how this server's channels are addressed.

    ``base_url`` is empty where the address that a request came to is as good.
    """

    issuers: Mapping[Provider, str]
    base_url: str = ""


class Attesting:
    """Takes attestations in."""

    def __init__(
        self, database: Database, store: BlobStore, clock: Clock, verify: Verify, signers: Signers
    ) -> None:
        """Keep what the use case needs; ``verify`` proves signatures."""
        self._database = database
        self._store = store
        self._clock = clock
        self._verify = verify
        self._signers = signers

    async def accepted(self, viewer: Viewer, upload: Upload) -> tuple[Accepted, ...]:
        """Prove what came with an upload; nothing where the channel keeps none.

        Raises:
            InvalidAttestationError: it is not good, or about something else, or somebody else's.
            AttestationsUnavailableError: the server cannot prove anything.
        """
        if not upload.attestation:
            return ()
        channel = await self._database.read(admit, viewer, Action.UPLOAD, upload.channel)
        if channel.settings.attestations == AttestationPolicy.OFF:
            return ()
        urls = self._urls(upload.channel, upload.address)
        subject = Subject(upload.filename, upload.digests.sha256, urls)
        return await self._prove(channel, upload.attestation, subject)

    async def addition(self, accepted: Sequence[Accepted]) -> Addition | None:
        """Store the sidecar of a new file; none where there is nothing to list."""
        return await self._stored(fresh_of(accepted, ()), ()) if accepted else None

    async def append(
        self, viewer: Viewer, artifact: ArtifactView, accepted: Sequence[Accepted]
    ) -> None:
        """Add bundles to a file that is there; those that it has already change nothing.

        Each try that fails means that another bundle came, so there are MAX_BUNDLES at most.
        """
        is_done = False
        while not is_done:
            is_done = await self._has_appended(viewer, artifact.id, accepted)

    async def _has_appended(
        self, viewer: Viewer, artifact_id: int, accepted: Sequence[Accepted]
    ) -> bool:
        """Add bundles unless somebody else does at the same moment; return whether all are in."""
        present = await self._database.read(bundles_of, artifact_id)
        fresh = fresh_of(accepted, present)
        if not fresh:
            return True
        addition = await self._stored(fresh, present)
        now = milliseconds(self._clock())
        with suppress(StaleError):
            await self._database.transact(_append, viewer, artifact_id, addition, now)
            return True
        return False

    async def attest(self, viewer: Viewer, asked: Attest) -> ArtifactView:
        """Add attestations to a file that was published before.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not upload there.
            NotFoundError: there is no such file.
            AttestationsOffError: the channel keeps none.
            InvalidAttestationError: it is not good, or about something else, or somebody else's.
            AttestationsUnavailableError: the server cannot prove anything.
        """
        channel, artifact = await self._database.read(_target, viewer, asked)
        if channel.settings.attestations == AttestationPolicy.OFF:
            raise AttestationsOffError(
                f"{channel.name} keeps no attestations; an owner can change that in its settings."
            )
        urls = self._urls(asked.channel, asked.address)
        subject = Subject(artifact.filename, artifact.sha256, urls)
        accepted = await self._prove(channel, asked.attestation, subject)
        await self.append(viewer, artifact, accepted)
        return artifact

    async def pages(
        self, artifact_ids: Iterable[int], window: Window
    ) -> dict[int, Page[AttestationView]]:
        """Return the same page of each file's attestations; for callers that may see the files."""
        return await self._database.read(pages_of, tuple(artifact_ids), window)

    async def latest_verified(self, package_ids: Iterable[int]) -> dict[int, bool]:
        """Return whether all files of each package's latest version have one."""
        return await self._database.read(latest_verified, tuple(package_ids))

    async def _prove(
        self, channel: ChannelView, text: bytes, subject: Subject
    ) -> tuple[Accepted, ...]:
        trusted = await self._database.read(publishers_of, channel.id)
        accepted: list[Accepted] = []
        for bundle in read_bundles(text):
            signed = await self._verify(bundle)
            target = check_statement(signed.payload_type, signed.payload, subject)
            self._check_signer(trusted, signed)
            accepted.append(Accepted(bundle, signed.identity, signed.issuer, target))
        return tuple(accepted)

    def _check_signer(self, trusted: Sequence[Publisher], signed: Signed) -> None:
        told = {
            "identity": signed.identity,
            "issuer": signed.issuer,
            "repository": signed.repository,
        }
        signers = (may_sign(publisher, self._signers.issuers, told) for publisher in trusted)
        if trusted and not any(signers):
            raise InvalidAttestationError(
                f"The attestation was signed by {signed.identity[:200]} (known to"
                f" {signed.issuer[:100]}), which is no trusted publisher of the channel."
            )

    def _urls(self, channel: str, address: str) -> tuple[str, ...]:
        return (f"{self._signers.base_url or address}/{channel}",)

    async def _stored(self, accepted: Sequence[Accepted], present: Sequence[bytes]) -> Addition:
        listed = sidecar([*present, *(each.bundle for each in accepted)])
        digests = await asyncio.to_thread(self._store.put, listed)
        return Addition(tuple(accepted), len(present), digests)


def _target(viewer: Viewer, asked: Attest) -> tuple[ChannelView, ArtifactView]:
    channel = admit(viewer, Action.UPLOAD, asked.channel)
    (artifact,) = live_artifacts(Channel[channel.id], Batch(channel.name, (asked.file,)))
    return channel, artifact_by_id(artifact.id)


def _append(viewer: Viewer, artifact_id: int, addition: Addition, now: int) -> None:
    artifact = Artifact[artifact_id]
    subdir = artifact.subdir
    channel: Channel = subdir.channel
    admit(viewer, Action.UPLOAD, channel.name)
    if artifact.removed_in is not None:
        raise NotFoundError(f"{artifact.filename} was deleted.")
    if count_bundles(artifact_id) != addition.since:
        raise StaleError(f"Others attest {artifact.filename} at this moment; try again.")
    bump(channel, subdir, now)
    attach(viewer, artifact, addition, now)
    refresh_records(subdir, artifact.filename)
    record_event(
        viewer,
        "attest",
        now,
        channel,
        subdir=subdir.name,
        filename=artifact.filename,
        attestations_sha256=addition.digests.sha256,
    )
