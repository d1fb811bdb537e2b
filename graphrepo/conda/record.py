"""The record of a package in repodata and shards: its exact JSON bytes, written once."""

import json
from collections.abc import Mapping
from typing import Any

ALWAYS_PRESENT = frozenset({"build", "build_number", "depends", "name", "subdir", "version"})
"""Keys that stay even where their value is empty: rattler refuses a record without them."""

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def canonical_json(value: object) -> bytes:
    """Return the one UTF-8 text of a JSON value: keys sorted, no spaces, no newline.

    Raises:
        ValueError: a number is NaN or infinite, or a string holds half a surrogate pair.
    """
    return _ENCODER.encode(value).encode("utf-8")


def record_json(
    record: Mapping[str, Any], *, md5: str, sha256: str, size: int, indexed_timestamp: int
) -> bytes:
    """Return the record of an artifact as documents contain it.

    Args:
        record: ``CheckedPackage.record``, with what the channel adds (``legacy_bz2_md5``, ...).
        md5: of the artifact, in lowercase hex (mamba drops records with neither digest).
        sha256: of the artifact, in lowercase hex.
        size: of the artifact in bytes.
        indexed_timestamp: when the channel first listed it, in milliseconds (CEP 47).
    """
    own = {"md5": md5, "sha256": sha256, "size": size, "indexed_timestamp": indexed_timestamp}
    return canonical_json({**without_empty(record), **own})


def without_empty(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record without optional keys that say nothing."""
    return {
        key: value
        for key, value in record.items()
        if key in ALWAYS_PRESENT or (value is not None and value not in ("", [], {}))
    }
