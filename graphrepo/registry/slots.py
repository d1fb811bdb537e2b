"""The slot that an upload is for: what its subdir has under this name, in one statement.

It is asked twice, before the bytes are kept and in the transaction that lists them.
"""

from dataclasses import dataclass
from typing import Final

from graphrepo.conda.package import CheckedPackage
from graphrepo.conda.patches import twin
from graphrepo.model.database import rows
from graphrepo.registry.hold_rows import BLOCKED
from graphrepo.registry.variant_lists import ARTIFACT_COLUMNS, artifact_view
from graphrepo.registry.views import ArtifactView


@dataclass(frozen=True, slots=True)
class Slot:
    """A file name in a subdir.

    Attributes:
        subdir_id: none where the channel has no such subdir yet.
        revision: the subdir's.
        package_id: none where the channel has no package of this name yet.
        latest_version: the package's; none where it has no file.
        present: the live file of this name.
        is_blocked: a quarantine keeps away this name or these bytes.
        is_shaped: the twin is there, or patches speak of either: the record depends on them.
    """

    subdir_id: int | None
    revision: int
    package_id: int | None
    latest_version: str | None
    is_blocked: bool
    is_shaped: bool
    present: ArtifactView | None

    def holding(self, sha256: str) -> ArtifactView | None:
        """Return the file that is there if it has these bytes."""
        return self.present if self.present and self.present.sha256 == sha256 else None


def slot_of(channel_id: int, package: CheckedPackage, blake3: str) -> Slot:
    """Return the slot of a package file whose bytes have this digest; inside a session."""
    found = rows(
        _SLOT,
        channel_id=channel_id,
        subdir=package.subdir,
        package=package.name,
        filename=package.filename,
        twin=twin(package.filename),
        blake3=blake3,
    )
    subdir_id, revision, package_id, latest, is_blocked, is_shaped, *artifact = found[0]
    return Slot(
        subdir_id=subdir_id,
        revision=revision,
        package_id=package_id,
        latest_version=latest,
        is_blocked=bool(is_blocked),
        is_shaped=bool(is_shaped),
        present=None if artifact[0] is None else artifact_view(tuple(artifact)),
    )


_SHAPED: Final = """
    EXISTS (SELECT 1 FROM artifact t
      WHERE t.subdir_id = s.id AND t.filename = $twin AND t.removed_in IS NULL)
    OR EXISTS (SELECT 1 FROM patch t
      WHERE t.subdir_id = s.id AND t.filename IN ($filename, $twin))
"""
# A new subdir begins at its channel's revision, see ``subdir_of``.
_SLOT: Final = f"""
    SELECT s.id, coalesce(s.revision, c.revision), n.id, n.latest_version, {BLOCKED}, {_SHAPED},
      {ARTIFACT_COLUMNS}
    FROM channel c
    LEFT JOIN subdir s ON s.channel_id = c.id AND s.name = $subdir
    LEFT JOIN package n ON n.channel_id = c.id AND n.name = $package
    LEFT JOIN artifact a
      ON a.subdir_id = s.id AND a.filename = $filename AND a.removed_in IS NULL
    LEFT JOIN package p ON p.id = a.package_id
    WHERE c.id = $channel_id
"""
