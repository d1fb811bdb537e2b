"""Rows of package files: inserted, retired, kept in step with their twins; inside ``transact``."""

import json

from graphrepo.access.viewer import Viewer
from graphrepo.conda.package import CheckedPackage
from graphrepo.conda.record import canonical_json, record_json
from graphrepo.model.database import rows
from graphrepo.model.entities import Artifact, ArtifactInfo, Channel, Package, Subdir, User
from graphrepo.registry.facts import description_of, facts_json
from graphrepo.registry.requests import Upload


def subdir_of(channel: Channel, name: str, now: int) -> Subdir:
    """Return the channel's subdir, created with its first file."""
    return Subdir.get(channel=channel, name=name) or Subdir(
        channel=channel, name=name, changed_at=now
    )


def insert_artifact(
    viewer: Viewer, subdir: Subdir, upload: Upload, package: CheckedPackage, now: int
) -> Artifact:
    """Add a file at the subdir's present revision; its name must be free there."""
    digests = upload.digests
    record = record_json(
        package.record,
        md5=digests.md5,
        sha256=digests.sha256,
        size=digests.size,
        indexed_timestamp=now,
    )
    artifact = Artifact(
        subdir=subdir,
        package=_package_of(subdir.channel, package.name),
        filename=package.filename,
        version=package.version,
        version_key=package.version_key,
        build=package.build,
        build_number=package.build_number,
        size=digests.size,
        md5=digests.md5,
        sha256=digests.sha256,
        blake3=digests.blake3,
        record=record,
        is_v3=package.is_v3,
        run_exports_json=package.run_exports_json,
        uploader=User.get(id=viewer.user_id),
        uploaded_at=now,
        indexed_timestamp=now,
        added_in=subdir.revision,
        changed_in=subdir.revision,
    )
    ArtifactInfo(
        artifact=artifact,
        index_json=package.index_json,
        about_json=package.about_json,
        facts_json=facts_json(package),
    )
    return artifact


def retire(subdir: Subdir, filename: str) -> bool:
    """Take a live file out at the subdir's present revision; return whether there was one."""
    artifact = Artifact.get(subdir=subdir, filename=filename, removed_in=None)
    if artifact is None:
        return False
    artifact.removed_in = artifact.changed_in = subdir.revision
    artifact.flush()  # before another row takes the name: it is unique among live files
    return True


def relink_twins(subdir: Subdir, filename: str) -> None:
    """Let the ``.conda`` of a pair name its ``.tar.bz2`` twin, if there is one (CEP 36)."""
    stem = filename.removesuffix(".conda").removesuffix(".tar.bz2")
    newer = Artifact.get(subdir=subdir, filename=f"{stem}.conda", removed_in=None)
    if newer is None:
        return
    older = Artifact.get(subdir=subdir, filename=f"{stem}.tar.bz2", removed_in=None)
    record = json.loads(newer.record)
    for key in ("legacy_bz2_md5", "legacy_bz2_size"):
        record.pop(key, None)
    if older is not None:
        record |= {"legacy_bz2_md5": older.md5, "legacy_bz2_size": older.size}
    changed = canonical_json(record)
    if changed != newer.record:
        newer.record = changed
        newer.changed_in = subdir.revision


def recount(package: Package) -> None:
    """Bring a package's own facts up to date with its files; costs what the package holds."""
    rows(_RECOUNT, package_id=package.id)
    for (facts,) in rows(_NEWEST_FACTS, package_id=package.id):
        rows(_DESCRIBE, package_id=package.id, **description_of(facts))


def _package_of(channel: Channel, name: str) -> Package:
    return Package.get(channel=channel, name=name) or Package(channel=channel, name=name)


_LIVE = "a.package_id = $package_id AND a.removed_in IS NULL"
_BEST_FIRST = """
    ORDER BY a.yanked_reason IS NOT NULL, a.version_key DESC, a.build_number DESC, a.id DESC LIMIT 1
"""
_RECOUNT = f"""
    UPDATE package SET
      artifact_count = (SELECT count(*) FROM artifact a WHERE {_LIVE}),
      total_size = (SELECT coalesce(sum(a.size), 0) FROM artifact a WHERE {_LIVE}),
      last_created_at = (SELECT max(a.uploaded_at) FROM artifact a WHERE {_LIVE}),
      latest_version = (SELECT a.version FROM artifact a WHERE {_LIVE} {_BEST_FIRST})
    WHERE id = $package_id
"""
_NEWEST_FACTS = f"""
    SELECT i.facts_json FROM artifact a JOIN artifact_info i ON i.artifact_id = a.id
    WHERE {_LIVE} {_BEST_FIRST}
"""
_DESCRIBE = """
    UPDATE package SET summary = $summary, description = $description, urls = $urls
    WHERE id = $package_id
"""
