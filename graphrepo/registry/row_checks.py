"""Do the rows agree with each other? Each check is a statement that finds what does not."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from graphrepo.model.database import rows, stream
from graphrepo.model.integrity import damage
from graphrepo.model.many import rows_of_ids
from graphrepo.registry.artifact_rows import recount
from graphrepo.registry.dependents import misnoted
from graphrepo.registry.faults import Fault, FaultKind


def row_faults() -> Iterator[Fault]:
    """Yield what is wrong with the rows; inside one snapshot."""
    for details in damage():
        yield Fault(FaultKind.DATABASE, "the database", details)
    for details, sql in CHECKS.items():
        for (place,) in rows(sql):
            yield Fault(FaultKind.ROW, place, details)
    for (place,) in rows_of_ids(_PACKAGES, misnoted()):
        yield Fault(FaultKind.ROW, place, MISNOTED)
    for place, record, sha256, size in stream(_RECORDS):
        if not _says(record, sha256, size):
            yield Fault(FaultKind.ROW, place, "its record names other bytes")


def repair_packages() -> None:
    """Bring packages up to date with their files where they are not; inside ``transact``."""
    miscounted = (ident for (ident,) in rows(f"SELECT p.id {_MISCOUNTED}"))
    for ident in {*miscounted, *misnoted()}:
        recount(ident)


def _says(record: bytes, sha256: str, size: int) -> bool:
    try:
        said: dict[str, object] = json.loads(bytes(record))
        return (said["sha256"], said["size"]) == (sha256, size)
    except (ValueError, KeyError, TypeError):
        return False


_MISCOUNTED = """
    FROM package p JOIN channel c ON c.id = p.channel_id
    LEFT JOIN (
      SELECT package_id, count(*) AS files, sum(size) AS size FROM artifact
      WHERE removed_in IS NULL GROUP BY package_id
    ) AS live ON live.package_id = p.id
    WHERE p.artifact_count <> coalesce(live.files, 0) OR p.total_size <> coalesce(live.size, 0)
"""
_PLACE = "c.name || '/' || s.name || '/' || a.filename"
_FILES = """
    FROM artifact a JOIN subdir s ON s.id = a.subdir_id JOIN channel c ON c.id = s.channel_id
"""
_PACKAGES = """
    SELECT c.name || '/' || p.name FROM package p JOIN channel c ON c.id = p.channel_id
    WHERE p.id IN ({ids})
"""
MISCOUNTED = "its files or their size are counted wrongly"
MISNOTED = "it is not listed with what its files depend on"
REPAIRABLE = frozenset({MISCOUNTED, MISNOTED})
CHECKS: Mapping[str, str] = MappingProxyType(
    {
        MISCOUNTED: f"SELECT c.name || '/' || p.name {_MISCOUNTED}",
        "its metadata is missing": f"""
            SELECT {_PLACE} {_FILES} LEFT JOIN artifact_info i ON i.artifact_id = a.id
            WHERE i.artifact_id IS NULL""",
        "it belongs to a package of another channel": f"""
            SELECT {_PLACE} {_FILES} JOIN package p ON p.id = a.package_id
            WHERE p.channel_id <> s.channel_id""",
        "it changed in a revision that has not been": f"""
            SELECT {_PLACE} {_FILES}
            WHERE a.added_in > a.changed_in OR a.changed_in > s.revision
            OR a.removed_in > a.changed_in""",
        "it was blocked and is in its channel, or its hold is another file's": f"""
            SELECT {_PLACE} {_FILES} JOIN hold h ON h.artifact_id = a.id
            WHERE h.blake3 <> a.blake3 OR h.filename <> a.filename
            OR (h.is_blocked AND a.removed_in IS NULL)""",
        "it shows a revision that has not been": """
            SELECT c.name || '/' || s.name || '/' || d.name
            FROM document d JOIN subdir s ON s.id = d.subdir_id
            JOIN channel c ON c.id = s.channel_id WHERE d.revision > s.revision""",
        "its channel shows a revision that has not been": """
            SELECT c.name || '/' || d.name FROM channel_document d
            JOIN channel c ON c.id = d.channel_id WHERE d.revision > c.revision""",
        "it is newer than its channel": """
            SELECT c.name || '/' || s.name FROM subdir s JOIN channel c ON c.id = s.channel_id
            WHERE s.revision > c.revision""",
    }
)
_RECORDS = f"""
    SELECT {_PLACE}, a.record, a.sha256, a.size {_FILES} WHERE a.removed_in IS NULL
"""
