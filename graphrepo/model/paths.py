"""Paths that files install: kept compressed, found by their trigrams; inside a session.

SQLite makes the trigrams itself, and must be told what went. PostgreSQL is given them, as
numbers in an array; two trigrams of one number cost a look at some more paths, no more.
"""

from collections.abc import Iterable, Mapping, Sequence
from zlib import crc32

import zstandard

from graphrepo.conda.compression import compress
from graphrepo.conda.path_pattern import PIECE
from graphrepo.model.database import is_postgres, rows
from graphrepo.model.many import rows_of_ids

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
    if is_postgres():
        rows(_ADD_TERMS, id=artifact_id, terms=terms_of(folded(text)))
    else:
        rows(_ADD_TEXT, id=artifact_id, text=folded(text))


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
    runs = list(dict.fromkeys(run for piece in pieces for run in _runs(piece)))[:_TERMS]
    if is_postgres():
        return f"x.artifact_id IN ({_BY_TERMS})", {"terms": _numbers(runs)}
    terms = " ".join('"{}"'.format(run.replace('"', '""')) for run in runs)
    return f"x.artifact_id IN ({_BY_TEXT})", {"terms": terms}


def terms_of(text: str) -> list[int]:
    """Return the numbers of a folded text's trigrams, each once."""
    return _numbers(_runs(text))


def forget_gone(limit: int) -> int:
    """Take paths of deleted files out of the index; return how many files there were.

    At most ``limit`` at once, for each takes a millisecond or more; inside ``transact``. A
    PostgreSQL has forgotten them already.
    """
    if is_postgres():
        return 0
    gone = rows("SELECT artifact_id, paths FROM search_path_gone LIMIT $limit", limit=limit)
    for ident, data in gone:
        rows(
            "INSERT INTO search_path (search_path, rowid, paths) VALUES ('delete', $id, $text)",
            id=ident,
            text=folded(unpacked(data)),
        )
        rows("DELETE FROM search_path_gone WHERE artifact_id = $id", id=ident)
    return len(gone)


def _runs(text: str) -> Iterable[str]:
    return map("".join, zip(*(text[place:] for place in range(PIECE)), strict=False))


def _numbers(runs: Iterable[str]) -> list[int]:
    return [crc32(run.encode()) - 2**31 for run in dict.fromkeys(runs)]


_ADD_TEXT = "INSERT INTO search_path (rowid, paths) VALUES ($id, $text)"
_ADD_TERMS = "INSERT INTO search_path (artifact_id, terms) VALUES ($id, $terms)"
_BY_TEXT = "SELECT rowid FROM search_path WHERE search_path MATCH $terms"
_BY_TERMS = "SELECT artifact_id FROM search_path WHERE terms @> $terms"
