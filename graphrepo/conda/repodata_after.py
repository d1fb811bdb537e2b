"""``repodata.json`` made of an earlier one and of what changed since, byte for byte the same."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from graphrepo.conda.json_stream import chunked
from graphrepo.conda.repodata import SubdirInfo, document, v3_stem
from graphrepo.conda.splice import Borders, Change, Predecessor

# What stands around each map, as ``document`` writes it.
_PACKAGES = Borders(b',"packages":{', b'},"packages.conda":{')
_PACKAGES_CONDA = Borders(b',"packages.conda":{', b'},"removed":[')
_V3_CONDA = Borders(b',"v3":{"conda":{', b'},"tar.bz2":{')
_V3_TAR_BZ2 = Borders.to_the_end(b',"tar.bz2":{', b"}}}")


class IndexedChange(NamedTuple):
    """A file whose entry changed, and its record from now on: none if it is listed no more."""

    filename: str
    record: bytes | None
    is_v3: bool


def repodata_after(
    predecessor: Iterable[bytes], info: SubdirInfo, changes: Iterable[IndexedChange]
) -> Iterator[bytes]:
    """Yield what ``repodata`` would, in constant memory beside the changes.

    Args:
        predecessor: An earlier document of the same subdir, in blocks; all of them are read.
        info: As it is now, with its revisions if and only if there are v3 records.
        changes: Every file whose entry changed since, each once.

    Raises:
        NotSplicedError: The predecessor is no such document.
    """
    old = Predecessor(predecessor)
    changed = list(changes)
    maps = (
        old.updated(_PACKAGES, _changes(changed, ".tar.bz2", is_v3=False)),
        old.updated(_PACKAGES_CONDA, _changes(changed, ".conda", is_v3=False)),
    )
    v3_maps = (
        old.updated(_V3_CONDA, _changes(changed, ".conda", is_v3=True), is_optional=True),
        old.updated(_V3_TAR_BZ2, _changes(changed, ".tar.bz2", is_v3=True), is_optional=True),
    )
    yield from chunked(document(info, maps, v3_maps))
    old.rest()


def _changes(changed: list[IndexedChange], extension: str, *, is_v3: bool) -> list[Change]:
    """Return what happens to the map of this kind of files: those of another kind leave it."""
    return sorted(
        Change(
            (v3_stem(change.filename) if is_v3 else change.filename).encode("ascii"),
            change.record if change.is_v3 is is_v3 else None,
        )
        for change in changed
        if change.filename.endswith(extension)
    )
