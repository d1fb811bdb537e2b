"""Which files hold a path; inside a session.

The index says which files may hold it, and their kept paths whether they do. One search looks
at a bounded number of files and a bounded amount of text, the newest files first.
"""

from collections.abc import Iterator

from graphrepo.access.viewer import Viewer
from graphrepo.conda.path_pattern import PathPattern
from graphrepo.model.database import rows
from graphrepo.model.many import rows_of_ids
from graphrepo.model.paths import folded, holding, unpacked
from graphrepo.registry.gate import readable_ids, viewer_values
from graphrepo.registry.variant_lists import page_of_ids
from graphrepo.registry.views import ArtifactView, Page, Window

_FILES = 2_000
_TEXT = 16 * 1024**2  # characters
_AT_ONCE = 50


def holders(viewer: Viewer, pattern: PathPattern, window: Window) -> Page[ArtifactView]:
    """Return the readable files that hold a matching path.

    Those that hold exactly what is meant come first, then by name, the newest first.
    """
    candidates = _candidates(viewer, pattern)
    ranked = sorted(
        (rank, candidates[ident], -ident)
        for ident, paths in _texts(list(candidates))
        if (rank := pattern.rank(paths)) is not None
    )
    return page_of_ids([-negative for *_, negative in ranked], window)


def _candidates(viewer: Viewer, pattern: PathPattern) -> dict[int, str]:
    """Return the names of the packages of files that may hold the path, by file."""
    condition, values = holding(pattern.pieces)
    sql = f"""SELECT a.id, p.name FROM artifact_paths x JOIN artifact a ON a.id = x.artifact_id
        JOIN package p ON p.id = a.package_id
        WHERE {condition} AND p.channel_id IN ({readable_ids(viewer)})
        AND a.removed_in IS NULL AND NOT a.hidden ORDER BY a.id DESC LIMIT $most"""
    return dict(rows(sql, most=_FILES, **values, **viewer_values(viewer)))


def _texts(idents: list[int]) -> Iterator[tuple[int, str]]:
    left = _TEXT
    for start in range(0, len(idents), _AT_ONCE):
        found = dict(rows_of_ids(_PATHS, idents[start : start + _AT_ONCE]))
        for ident in idents[start : start + _AT_ONCE]:
            text = folded(unpacked(found[ident]))
            left -= len(text)
            if left < 0:
                return
            yield ident, text


_PATHS = "SELECT artifact_id, paths FROM artifact_paths WHERE artifact_id IN ({ids})"
