"""Rows of package files: inserted, retired, counted; inside ``transact``."""

from dataclasses import asdict, dataclass
from typing import Final

from graphrepo.access.viewer import Viewer
from graphrepo.conda.package import CheckedPackage
from graphrepo.conda.record import record_json
from graphrepo.errors import NotFoundError
from graphrepo.model.database import inserted, rows
from graphrepo.model.entities import Artifact, Channel, Subdir
from graphrepo.model.one import named
from graphrepo.registry.dependents import add_dependencies, renew_dependencies
from graphrepo.registry.doom import doom, doom_sidecars
from graphrepo.registry.facts import description_of, facts_json
from graphrepo.registry.requests import Batch, FileName, Upload
from graphrepo.registry.slots import Slot


@dataclass(frozen=True, slots=True)
class Folder:
    """The rows that a new file belongs to, and the subdir's revision that it comes with."""

    subdir_id: int
    package_id: int
    revision: int


def subdir_of(channel: Channel, name: str, now: int) -> Subdir:
    """Return the channel's subdir, created with its first file.

    Until then its documents showed the channel's revision, and they never go back.
    """
    return Subdir.get(channel=channel, name=name) or Subdir(
        channel=channel, name=name, revision=channel.revision, changed_at=now
    )


def folder_of(channel_id: int, slot: Slot, package: CheckedPackage, now: int) -> Folder:
    """Return the rows for a new file, made where it is the first, and the revision to come."""
    subdir_id, package_id = slot.subdir_id, slot.package_id
    if subdir_id is None:
        asked = {"name": package.subdir, "revision": slot.revision, "now": now}
        subdir_id = inserted(_NEW_SUBDIR, channel_id=channel_id, **asked)
    if package_id is None:
        package_id = inserted(_NEW_PACKAGE, channel_id=channel_id, name=package.name)
    return Folder(subdir_id, package_id, slot.revision + 1)


def insert_artifact(
    viewer: Viewer, folder: Folder, upload: Upload, package: CheckedPackage, now: int
) -> int:
    """Add a file and return its id; its name must be free in the subdir."""
    # As plain statements: as entities the two rows would cost as much as all the rest.
    digests = asdict(upload.digests)
    record = record_json(
        package.record,
        indexed_timestamp=now,
        **{name: digests[name] for name in ("md5", "sha256", "size")},
    )
    ident = inserted(
        _NEW_ARTIFACT,
        subdir_id=folder.subdir_id,
        package_id=folder.package_id,
        filename=package.filename,
        version=package.version,
        version_key=package.version_key,
        build=package.build,
        build_number=package.build_number,
        **digests,
        record=record,
        is_v3=package.is_v3,
        run_exports_json=package.run_exports_json,
        uploader_id=viewer.user_id,
        now=now,
        revision=folder.revision,
        installed_size=package.installed_size,
    )
    rows(
        _NEW_INFO,
        id=ident,
        index_json=package.index_json,
        about_json=package.about_json,
        run_exports_json=package.run_exports_json,
        facts_json=facts_json(package),
    )
    return ident


def retire(artifact: Artifact, now: int) -> None:
    """Take a live file out at its subdir's present revision."""
    artifact.removed_in = artifact.changed_in = artifact.subdir.revision
    artifact.flush()  # before another row takes the name: it is unique among live files
    doom([artifact.blake3], now)
    doom_sidecars(artifact.id, now)


def live_artifacts(channel: Channel, batch: Batch) -> list[Artifact]:
    """Return the files of a batch, each once, in the caller's order.

    Raises:
        NotFoundError: one of them does not exist.
    """
    return [_live_artifact(channel, file) for file in dict.fromkeys(batch.files)]


def recount(package_id: int) -> None:
    """Bring a package's own facts up to date with its files; costs what the package holds.

    One that lost its last file is still described as that one did.
    """
    _count(package_id)
    renew_dependencies(package_id)


def count_in(package_id: int, slot: Slot, package: CheckedPackage) -> None:
    """Do what ``recount`` does where a file has just come into its slot, at less cost."""
    latest = _count(package_id)
    if slot.present or slot.is_shaped or slot.latest_version not in {None, latest}:
        renew_dependencies(package_id)
    elif package.version == latest:
        add_dependencies(package_id, package.record["depends"])


def _count(package_id: int) -> str | None:
    """Write a package's facts anew, but for its dependencies; return its latest version."""
    best = rows(_BEST, package_id=package_id)
    if not best:
        rows(_EMPTY, package_id=package_id)
        return None
    latest, facts = best[0]
    rows(_DESCRIBE, package_id=package_id, latest=latest, **description_of(facts))
    return latest


def _live_artifact(channel: Channel, file: FileName) -> Artifact:
    subdir = named(Subdir, channel=channel, name=file.subdir)
    artifact = subdir and named(Artifact, subdir=subdir, filename=file.filename, removed_in=None)
    if not artifact:
        raise NotFoundError(f"There is no file {file.subdir}/{file.filename} in {channel.name}.")
    return artifact


_NEW_SUBDIR: Final = """
    INSERT INTO subdir (channel_id, name, revision, changed_at)
    VALUES ($channel_id, $name, $revision, $now)
"""
_NEW_PACKAGE: Final = """
    INSERT INTO package (channel_id, name, urls, total_size, artifact_count, changed_in)
    VALUES ($channel_id, $name, '{}', 0, 0, 0)
"""
# Whoever uploaded may be gone by now: those who act in somebody's name keep no more than an id.
_NEW_ARTIFACT: Final = """
    INSERT INTO artifact (subdir_id, package_id, filename, version, version_key, build,
      build_number, size, md5, sha256, blake3, record, is_v3, run_exports_json, uploader_id,
      uploaded_at, indexed_timestamp, added_in, changed_in, hidden, installed_size)
    VALUES ($subdir_id, $package_id, $filename, $version, $version_key, $build,
      $build_number, $size, $md5, $sha256, $blake3, $record, $is_v3, $run_exports_json,
      (SELECT id FROM account WHERE id = $uploader_id), $now, $now, $revision, $revision, FALSE,
      $installed_size)
"""
_NEW_INFO: Final = """
    INSERT INTO artifact_info (artifact_id, index_json, about_json, run_exports_json, facts_json)
    VALUES ($id, $index_json, $about_json, $run_exports_json, $facts_json)
"""

_LIVE = "a.package_id = $package_id AND a.removed_in IS NULL"
_BEST: Final = f"""
    SELECT a.version, i.facts_json
    FROM artifact a JOIN artifact_info i ON i.artifact_id = a.id WHERE {_LIVE}
    ORDER BY a.yanked_reason IS NOT NULL, a.hidden, a.version_key DESC, a.build_number DESC,
      a.id DESC LIMIT 1
"""
_CHANGED = "changed_in = (SELECT c.revision FROM channel c WHERE c.id = package.channel_id)"
_DESCRIBE: Final = f"""
    UPDATE package SET
      (artifact_count, total_size, last_created_at) =
        (SELECT count(*), sum(a.size), max(a.uploaded_at) FROM artifact a WHERE {_LIVE}),
      latest_version = $latest, summary = $summary, description = $description, urls = $urls,
      {_CHANGED}
    WHERE id = $package_id
"""
_EMPTY: Final = f"""
    UPDATE package SET artifact_count = 0, total_size = 0, last_created_at = NULL,
      latest_version = NULL, {_CHANGED}
    WHERE id = $package_id
"""
