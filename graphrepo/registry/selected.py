"""What a MatchSpec selects; inside a session."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graphrepo.access.viewer import Viewer
from graphrepo.conda.matching import FileMatcher, Identity
from graphrepo.errors import InvalidInputError
from graphrepo.model.database import rows
from graphrepo.registry import package_lists
from graphrepo.registry.gate import readable_ids, viewer_values
from graphrepo.registry.variant_lists import page_of_ids
from graphrepo.registry.views import ArtifactView, PackageView, Page, Window

_FILES = 20_000  # of one name; the biggest real channels have some thousand
_CHANNELS = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A spec, and the names of the channels in the order of their priority; none for all."""

    matcher: FileMatcher
    channels: tuple[str, ...] | None

    @classmethod
    def of(cls, spec: str, channels: Sequence[str] | None) -> "Asked":
        """Read what a caller asks for.

        Raises:
            InvalidMatchSpecError: the spec is none with an exact name, or has keys that say
                nothing of a file.
            InvalidInputError: there are too many channels.
        """
        if channels is not None and len(channels) > _CHANNELS:
            raise InvalidInputError(f"Name at most {_CHANNELS} channels, or none for all of them.")
        return cls(FileMatcher.of(spec), None if channels is None else tuple(channels))


class _Found(NamedTuple):
    artifact_id: int
    package_id: int


def package(viewer: Viewer, asked: Asked) -> PackageView | None:
    """Return the package of the first channel that holds a selected file."""
    found = _selected(viewer, asked)
    return package_lists.by_id((found[0].package_id,))[found[0].package_id] if found else None


def variants(viewer: Viewer, asked: Asked, window: Window) -> Page[ArtifactView]:
    """Return the selected files, by channel, then the newest version first."""
    return page_of_ids([each.artifact_id for each in _selected(viewer, asked)], window)


def _selected(viewer: Viewer, asked: Asked) -> list[_Found]:
    order = {name: place for place, name in enumerate(asked.channels or ())}
    keys = {f"c{place}": name for name, place in order.items()}
    listed = f"c.name IN ({', '.join(f'${key}' for key in keys) or 'NULL'})"
    sql = f"""{_NAMED} AND p.channel_id IN ({readable_ids(viewer)})
        AND {"1 = 1" if asked.channels is None else listed} {_BEST_FIRST}"""
    values = viewer_values(viewer) | keys | {"name": asked.matcher.name, "most": _FILES}
    found = [
        (order.get(channel, 0), _Found(artifact, package))
        for channel, artifact, package, *identity in rows(sql, **values)
        if asked.matcher.matches(Identity(*identity))
    ]
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


_NAMED = """
    SELECT c.name, a.id, a.package_id,
      p.name, a.version, a.build, a.build_number, s.name, a.md5, a.sha256
    FROM package p JOIN channel c ON c.id = p.channel_id
    JOIN artifact a ON a.package_id = p.id JOIN subdir s ON s.id = a.subdir_id
    WHERE p.name = $name AND a.removed_in IS NULL AND a.yanked_reason IS NULL AND NOT a.hidden
"""
_BEST_FIRST = """
    ORDER BY c.name, a.version_key DESC, a.build_number DESC, s.name, a.filename LIMIT $most
"""
