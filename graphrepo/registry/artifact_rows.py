"""Rows of package files: inserted, retired, counted; inside ``transact``."""

from dataclasses import asdict

from graphrepo.access.viewer import Viewer
from graphrepo.conda.package import CheckedPackage
from graphrepo.conda.record import record_json
from graphrepo.errors import NotFoundError
from graphrepo.model.database import rows
from graphrepo.model.entities import Artifact, ArtifactInfo, Channel, Package, Subdir, User
from graphrepo.model.one import named
from graphrepo.registry.doom import doom, doom_sidecars
from graphrepo.registry.facts import description_of, facts_json
from graphrepo.registry.requests import Batch, FileName, Upload


def subdir_of(channel: Channel, name: str, now: int) -> Subdir:
    """Return the channel's subdir, created with its first file.

    Until then its documents showed the channel's revision, and they never go back.
    """
    return Subdir.get(channel=channel, name=name) or Subdir(
        channel=channel, name=name, revision=channel.revision, changed_at=now
    )


def insert_artifact(
    viewer: Viewer, subdir: Subdir, upload: Upload, package: CheckedPackage, now: int
) -> Artifact:
    """Add a file at the subdir's present revision; its name must be free there."""
    digests = asdict(upload.digests)
    record = record_json(
        package.record,
        indexed_timestamp=now,
        **{name: digests[name] for name in ("md5", "sha256", "size")},
    )
    artifact = Artifact(
        subdir=subdir,
        package=_package_of(subdir.channel, package.name),
        filename=package.filename,
        version=package.version,
        version_key=package.version_key,
        build=package.build,
        build_number=package.build_number,
        **digests,
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
        run_exports_json=package.run_exports_json,
        facts_json=facts_json(package),
    )
    return artifact


def retire(subdir: Subdir, filename: str, now: int) -> bool:
    """Take a live file out at the subdir's present revision; return whether there was one."""
    artifact = named(Artifact, subdir=subdir, filename=filename, removed_in=None)
    if artifact is None:
        return False
    artifact.removed_in = artifact.changed_in = subdir.revision
    artifact.flush()  # before another row takes the name: it is unique among live files
    doom([artifact.blake3], now)
    doom_sidecars(artifact.id, now)
    return True


def live_artifacts(channel: Channel, batch: Batch) -> list[Artifact]:
    """Return the files of a batch, each once, in the caller's order.

    Raises:
        NotFoundError: one of them does not exist.
    """
    return [_live_artifact(channel, file) for file in dict.fromkeys(batch.files)]


def recount(package: Package) -> None:
    """Bring a package's own facts up to date with its files; costs what the package holds."""
    rows(_RECOUNT, package_id=package.id)
    for (facts,) in rows(_NEWEST_FACTS, package_id=package.id):
        rows(_DESCRIBE, package_id=package.id, **description_of(facts))


def _live_artifact(channel: Channel, file: FileName) -> Artifact:
    subdir = named(Subdir, channel=channel, name=file.subdir)
    artifact = subdir and named(Artifact, subdir=subdir, filename=file.filename, removed_in=None)
    if not artifact:
        raise NotFoundError(f"There is no file {file.subdir}/{file.filename} in {channel.name}.")
    return artifact


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
      latest_version = (SELECT a.version FROM artifact a WHERE {_LIVE} {_BEST_FIRST}),
      changed_in = (SELECT c.revision FROM channel c WHERE c.id = package.channel_id)
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
