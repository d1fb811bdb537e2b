"""``repodata.json``: every record of a subdir (CEP 36, 42, 48).

Records are joined, never parsed: their JSON was written once, at publish. The same records
give the same bytes, in whatever order they come.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import NamedTuple

import msgspec

from graphrepo.conda.json_stream import chunked, json_object
from graphrepo.conda.record import canonical_json
from graphrepo.conda.revisions import RevisionFacts, repodata_revisions

Map = Iterator[bytes]
"""The text of a JSON object, in pieces."""

REPODATA_VERSION = 1  # CEP 15: 2 only together with base_url; conda before 24.5 refuses 2


class IndexedRecord(NamedTuple):
    """A file's name and the exact JSON bytes of its record."""

    filename: str
    record: bytes
    is_v3: bool


@dataclass(frozen=True, slots=True)
class SubdirInfo:
    """What repodata.json says beside its records.

    Attributes:
        subdir: Must equal the subdir of the URL: conda refuses the document otherwise.
        removed: File names of the yanked files (CEP 36), in any order.
        relations: ``base`` and ``overrides`` of CEP 42, relative to the channel URL, or none.
        revisions: The value of ``info.repodata_revisions``, none where there are no v3 records.
            ``repodata`` counts the records that it is given, unless the caller knows more.
    """

    subdir: str
    removed: Sequence[str] = ()
    relations: Mapping[str, str] | None = None
    revisions: Mapping[str, object] | None = None


class Sections(NamedTuple):
    """The four maps of a subdir, each in the order of its keys."""

    packages: list[IndexedRecord]
    packages_conda: list[IndexedRecord]
    v3_conda: list[IndexedRecord]
    v3_tar_bz2: list[IndexedRecord]


class _Timed(msgspec.Struct):
    """The one field of a v3 record that the document's head needs."""

    indexed_timestamp: int = 0


_read_timed = msgspec.json.Decoder(_Timed).decode


def repodata(info: SubdirInfo, records: Iterable[IndexedRecord]) -> Iterator[bytes]:
    """Yield repodata.json in chunks of about 128 KiB: keys sorted, compact, no newline at the end.

    ``records`` is read once and kept by reference until the last chunk is out, so the records'
    bytes exist once beside the chunk in flight. All kinds may be interleaved; records sorted
    by file name, as the database gives them, are cheapest.
    """
    found = sections(records)
    has_v3 = bool(found.v3_conda or found.v3_tar_bz2)
    revisions = (info.revisions or _counted(found)) if has_v3 else None
    maps = (_by_filename(found.packages), _by_filename(found.packages_conda))
    v3_maps = (_by_stem(found.v3_conda), _by_stem(found.v3_tar_bz2))
    return chunked(document(replace(info, revisions=revisions), maps, v3_maps))


def document(info: SubdirInfo, maps: tuple[Map, Map], v3_maps: tuple[Map, Map]) -> Iterator[bytes]:
    """Yield the document's members in the order of their keys.

    Args:
        info: With its revisions if and only if there are v3 records.
        maps: The text of ``packages`` and ``packages.conda``, each read when it is due.
        v3_maps: The same for ``.conda`` and ``.tar.bz2`` files that are v3.
    """
    yield b'{"info":' + canonical_json(info_json(info.subdir, info.relations, info.revisions))
    yield b',"packages":'
    yield from maps[0]
    yield b',"packages.conda":'
    yield from maps[1]
    yield b',"removed":' + canonical_json(sorted(info.removed))
    yield b',"repodata_version":%d' % REPODATA_VERSION
    if info.revisions:
        yield b',"v3":{"conda":'
        yield from v3_maps[0]
        yield b',"tar.bz2":'
        yield from v3_maps[1]
        yield b"}"
    yield b"}"


def sections(records: Iterable[IndexedRecord]) -> Sections:
    """Sort records into the maps that list them; a v3 record stands in no legacy map (CEP 43)."""
    found = Sections([], [], [], [])
    for entry in records:
        is_conda = entry.filename.endswith(".conda")
        if entry.is_v3:
            (found.v3_conda if is_conda else found.v3_tar_bz2).append(entry)
        else:
            (found.packages_conda if is_conda else found.packages).append(entry)
    by_filename = itemgetter(0)
    found.packages.sort(key=by_filename)
    found.packages_conda.sort(key=by_filename)
    # Stems sort differently from file names: "+" and "!" stand before the dot of the extension.
    found.v3_conda.sort(key=_stem_of)
    found.v3_tar_bz2.sort(key=_stem_of)
    return found


def v3_stem(filename: str) -> str:
    """Return the key of a v3 record: the file name without its extension (CEP 48)."""
    return filename.removesuffix(".conda").removesuffix(".tar.bz2")


def info_json(
    subdir: str, relations: Mapping[str, str] | None, revisions: Mapping[str, object] | None
) -> dict[str, object]:
    """Return the part of ``info`` that repodata.json and the shard index share."""
    info: dict[str, object] = {"subdir": subdir}
    if relations:
        info["channel_relations"] = dict(relations)
    if revisions:
        info["repodata_revisions"] = dict(revisions)
    return info


def _counted(found: Sections) -> Mapping[str, object] | None:
    """Count the v3 records themselves, where the caller brought no revisions."""
    v3 = [*found.v3_conda, *found.v3_tar_bz2]
    return repodata_revisions(
        RevisionFacts.count(_read_timed(entry.record).indexed_timestamp for entry in v3)
    )


def _by_filename(entries: list[IndexedRecord]) -> Iterator[bytes]:
    return json_object((entry.filename, entry.record) for entry in entries)


def _by_stem(entries: list[IndexedRecord]) -> Iterator[bytes]:
    return json_object((_stem_of(entry), entry.record) for entry in entries)


def _stem_of(entry: IndexedRecord) -> str:
    return v3_stem(entry.filename)
