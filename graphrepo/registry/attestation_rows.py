"""Rows of attestations and of the sidecars that list them; inside a session."""

from collections.abc import Sequence
from dataclasses import dataclass

from graphrepo.access.viewer import Viewer
from graphrepo.blobs.digest import Digests
from graphrepo.conda.attestations import MAX_BUNDLES
from graphrepo.errors import InvalidAttestationError
from graphrepo.model.attestation_entities import Attestation, Sidecar
from graphrepo.model.database import rows
from graphrepo.model.entities import Artifact


@dataclass(frozen=True, slots=True)
class Accepted:
    """A bundle that was verified and fits its file."""

    bundle: bytes
    identity: str
    issuer: str
    target_channel: str | None


@dataclass(frozen=True, slots=True)
class Addition:
    """Bundles for a file, and the sidecar that lists them after those it had already.

    ``digests`` are those of the sidecar, whose bytes are stored. It is good only while the file
    has ``since`` bundles.
    """

    accepted: tuple[Accepted, ...]
    since: int
    digests: Digests


@dataclass(frozen=True, slots=True)
class StoredSidecar:
    """A list of attestations in the store; ``created_at`` in ms."""

    blake3: str
    sha256: str
    size: int
    created_at: int


def bundles_of(artifact_id: int) -> tuple[bytes, ...]:
    """Return a file's bundles in order of acceptance, as they were sent."""
    return tuple(bytes(bundle) for (bundle,) in rows(_BUNDLES, artifact_id=artifact_id))


def count_bundles(artifact_id: int) -> int:
    """Return how many bundles a file has."""
    count: int = rows(_COUNT, artifact_id=artifact_id)[0][0]
    return count


def attach(viewer: Viewer, artifact: Artifact, addition: Addition, now: int) -> None:
    """Write an addition down; its sidecar is the file's current one from now on.

    The longer list is a row of its own: clients may still ask for any shorter one by its hash.
    """
    total = addition.since + len(addition.accepted)
    if total > MAX_BUNDLES:
        raise InvalidAttestationError(
            f"{artifact.filename} has {addition.since} attestations; it may have {MAX_BUNDLES}."
        )
    for position, accepted in enumerate(addition.accepted, start=addition.since):
        Attestation(
            artifact=artifact,
            position=position,
            bundle=accepted.bundle,
            identity=accepted.identity,
            issuer=accepted.issuer,
            target_channel=accepted.target_channel,
            added_by=viewer.login,
            added_at=now,
        )
    digests = addition.digests
    sidecar = Sidecar(
        artifact=artifact,
        bundles=total,
        sha256=digests.sha256,
        blake3=digests.blake3,
        size=digests.size,
        created_at=now,
    )
    sidecar.flush()


def current_sidecar(artifact_id: int) -> StoredSidecar | None:
    """Return a file's newest sidecar, if it has one."""
    found = rows(_CURRENT, artifact_id=artifact_id)
    return StoredSidecar(*found[0]) if found else None


def sidecar_named(artifact_id: int, sha256: str) -> StoredSidecar | None:
    """Return a file's sidecar with this hash, the newest or an older one."""
    found = rows(_NAMED, artifact_id=artifact_id, sha256=sha256)
    return StoredSidecar(*found[0]) if found else None


def fresh_of(accepted: Sequence[Accepted], present: Sequence[bytes]) -> tuple[Accepted, ...]:
    """Return those that a file does not have yet, each once: an upload may be repeated."""
    new = {each.bundle: each for each in accepted}
    return tuple(each for bundle, each in new.items() if bundle not in present)


_BUNDLES = "SELECT bundle FROM attestation WHERE artifact_id = $artifact_id ORDER BY position"
_COUNT = "SELECT count(*) FROM attestation WHERE artifact_id = $artifact_id"
_SIDECAR = "SELECT blake3, sha256, size, created_at FROM sidecar WHERE artifact_id = $artifact_id"
_CURRENT = f"{_SIDECAR} ORDER BY bundles DESC LIMIT 1"
_NAMED = f"{_SIDECAR} AND sha256 = $sha256"
