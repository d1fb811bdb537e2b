"""The record of a file as documents list it: what the archive says, its twin, its patches.

Every change of one of the three passes here, so repodata.json and shards never differ.
"""

import json
from typing import Any

from graphrepo.conda.patches import apply, apply_run_exports, twin
from graphrepo.conda.record import canonical_json
from graphrepo.model.entities import Artifact, Subdir
from graphrepo.registry.attestation_rows import current_sidecar
from graphrepo.registry.patch_rows import instructions_for

REMOVED_BY_PATCH = "removed by patch instructions"
"""The reason of a yank that instructions asked for; it ends when they ask no more."""


def refresh_records(subdir: Subdir, filename: str) -> None:
    """Bring the record of a file and of its twin up to date at the subdir's present revision."""
    for name in (filename, twin(filename)):
        artifact = Artifact.get(subdir=subdir, filename=name, removed_in=None)
        if artifact is not None and _refresh(subdir, artifact):
            artifact.changed_in = subdir.revision


def _refresh(subdir: Subdir, artifact: Artifact) -> bool:
    instructions = instructions_for(subdir.id, artifact.filename)
    plain = json.loads(artifact.unpatched or artifact.record)
    _link_twin(plain, subdir, artifact)
    _link_attestations(plain, artifact)
    base = canonical_json(plain)
    record = canonical_json(apply(plain, artifact.filename, instructions))
    exports = apply_run_exports(
        artifact.info.run_exports_json, artifact.filename, instructions, is_v3=artifact.is_v3
    )
    reason = artifact.yanked_reason
    if instructions.removes(artifact.filename):
        reason = reason or REMOVED_BY_PATCH
    elif reason == REMOVED_BY_PATCH:
        reason = None
    before = (artifact.record, artifact.run_exports_json, artifact.yanked_reason)
    artifact.record = record
    artifact.unpatched = None if record == base else base
    artifact.run_exports_json = exports
    artifact.yanked_reason = reason
    return before != (record, exports, reason)


def _link_twin(record: dict[str, Any], subdir: Subdir, artifact: Artifact) -> None:
    """Let a ``.conda`` name its ``.tar.bz2`` twin, if there is one (CEP 36)."""
    for key in ("legacy_bz2_md5", "legacy_bz2_size"):
        record.pop(key, None)
    if artifact.filename.endswith(".conda"):
        older = Artifact.get(subdir=subdir, filename=twin(artifact.filename), removed_in=None)
        if older is not None:
            record |= {"legacy_bz2_md5": older.md5, "legacy_bz2_size": older.size}


def _link_attestations(record: dict[str, Any], artifact: Artifact) -> None:
    """Let a record name the list of its file's attestations, if there is one (CEP 50)."""
    record.pop("attestations_sha256", None)
    sidecar = current_sidecar(artifact.id)
    if sidecar is not None:
        record["attestations_sha256"] = sidecar.sha256
