"""Paths that files install: kept compressed, found by their trigrams; inside a session.

``holding`` and ``forget_gone`` are in the form that SQLite knows; another database answers
the same questions in its own way.
"""

from collections.abc import Iterable, Mapping, Sequence

import zstandard

from graphrepo.conda.compression import compress
from graphrepo.model.database import rows
from graphrepo.model.many import rows_of_ids

PIECE = 3
"""Letters that a piece of a path must have to be found by it."""

_TERMS = 40  # more of them narrow nothing further
_DECOMPRESSOR = zstandard.ZstdDecompressor()


def keep_paths(artifact_id: int, paths: Sequence[str]) -> None:
    """Keep the paths of a new file and make them searchable; inside ``transact``."""
    text = "\n".join(path.replace("\n", "\ufffd") for path in paths)
    rows(
        "INSERT INTO artifact_paths (artifact_id, paths) VALUES ($id, $paths)",
        id=artifact_id,
        paths=compress(text.encode()),
    )
    rows(
        "INSERT INTO search_path (rowid, paths) VALUES ($id, $text)",
        id=artifact_id,
        text=folded(text),
    )


def paths_of(artifact_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the paths of those files whose paths are kept, in the order of the package."""
    found = rows_of_ids(
        "SELECT artifact_id, paths FROM artifact_paths WHERE artifact_id IN ({ids})", artifact_ids
    )
    texts = {ident: unpacked(data) for ident, data in found}
    return {ident: tuple(text.split("\n")) if text else () for ident, text in texts.items()}


def unpacked(data: bytes) -> str:
    """Return the lines in ``artifact_paths.paths``."""
    return _DECOMPRESSOR.decompress(data).decode()


def folded(text: str) -> str:
    """Return paths or a pattern as they are compared: between line breaks, without capitals."""
    return f"\n{text.lower()}\n"


def holding(pieces: Iterable[str]) -> tuple[str, Mapping[str, object]]:
    """Return a condition on ``artifact_paths x``, true where every piece may be in the paths.

    It is never false where they are; whether they really are must be looked up in the paths.

    Args:
        pieces: folded parts of paths, at least one of them with three letters.
    """
    runs = {
        piece[place : place + PIECE]: None
        for piece in pieces
        for place in range(len(piece) - PIECE + 1)
    }
    terms = " ".join('"{}"'.format(run.replace('"', '""')) for run in list(runs)[:_TERMS])
    condition = "x.artifact_id IN (SELECT rowid FROM search_path WHERE search_path MATCH $terms)"
    return condition, {"terms": terms}


def forget_gone(limit: int) -> int:
    """Take paths of deleted files out of the index; return how many files there were.

    At most ``limit`` at once, for each takes a millisecond or more; inside ``transact``.
    """
    gone = rows("SELECT artifact_id, paths FROM search_path_gone LIMIT $limit", limit=limit)
    for ident, data in gone:
        rows(
            "INSERT INTO search_path (search_path, rowid, paths) VALUES ('delete', $id, $text)",
            id=ident,
            text=folded(unpacked(data)),
        )
        rows("DELETE FROM search_path_gone WHERE artifact_id = $id", id=ident)
    return len(gone)
