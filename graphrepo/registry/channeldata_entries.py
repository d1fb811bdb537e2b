"""Entries of channeldata.json, made from the facts that each file's row keeps."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from graphrepo.conda.channeldata import FileFacts, channeldata_entry, package_facts
from graphrepo.model.database import Row, rows
from graphrepo.model.many import rows_of_ids

_BATCH = 500  # packages whose files are in memory together


@dataclass(frozen=True, slots=True)
class Entry:
    """The entry of a package as of its last change; no data where it lists no file."""

    package_id: int
    name: str
    changed_in: int
    data: bytes | None


def remade_entries(channel_id: int) -> tuple[Entry, ...]:
    """Make the entries of packages that changed since theirs was made; inside a session."""
    stale = rows(_STALE, id=channel_id)
    batches = (stale[start : start + _BATCH] for start in range(0, len(stale), _BATCH))
    return tuple(entry for batch in batches for entry in _made(batch))


def keep_entries(entries: Iterable[Entry]) -> None:
    """Keep entries with their packages, but for those that changed meanwhile."""
    for entry in entries:
        rows(_KEEP, id=entry.package_id, changed_in=entry.changed_in, data=entry.data)


def _made(packages: list[Row]) -> list[Entry]:
    files: dict[int, list[FileFacts]] = {ident: [] for ident, _, _ in packages}
    for row in rows_of_ids(_FILES, files):
        files[row[0]].append(_file_facts(row))
    return [
        Entry(ident, name, changed_in, _data(name, files[ident]))
        for ident, name, changed_in in packages
    ]


def _data(name: str, files: list[FileFacts]) -> bytes | None:
    return channeldata_entry(package_facts(name, files)) if files else None


def _file_facts(row: Row) -> FileFacts:
    _ident, filename, subdir, version, version_key, facts_text, exports = row
    facts = json.loads(facts_text)
    return FileFacts(
        filename=filename,
        subdir=subdir,
        version=version,
        version_key=bytes(version_key),
        timestamp=facts["timestamp"],
        traits=frozenset(facts["traits"]),
        run_exports=json.loads(exports or "{}"),
        about=facts["about"],
    )


_STALE = """
    SELECT id, name, changed_in FROM package
    WHERE channel_id = $id AND (channeldata_in IS NULL OR channeldata_in < changed_in)
"""
_FILES = """
    SELECT a.package_id, a.filename, s.name, a.version, a.version_key, i.facts_json,
      a.run_exports_json
    FROM artifact a JOIN subdir s ON s.id = a.subdir_id JOIN artifact_info i ON i.artifact_id = a.id
    WHERE a.package_id IN ({ids}) AND a.removed_in IS NULL AND a.yanked_reason IS NULL
"""
_KEEP = """
    UPDATE package SET channeldata = $data, channeldata_in = $changed_in
    WHERE id = $id AND changed_in = $changed_in
"""
