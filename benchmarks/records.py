"""Real records multiplied up to a subdir of any size.

The source is a repodata.json of real packages (24,370 usable records of 1,468 names). Its
names keep their number of files, from one to a thousand, and there is a second life of each file
under a higher version; every further pair of copies is a family of new names. So 500,000 records
spread over names as they do in the biggest real channels: 15,000 names, 33 files each on average.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import zstandard

from graphrepo.conda.index_json import read_index
from graphrepo.conda.names import parse_filename
from graphrepo.conda.record import canonical_json
from graphrepo.errors import InvalidPackageError

SUBDIR = "linux-64"
SOURCE = Path("../shared/data/repodata/merged_linux-64_repodata.json.zst")
"""Where the real records are, seen from the root of the repository."""

_LIVES = 2  # versions that each file of a family gets
_KEPT = (
    "name",
    "version",
    "build",
    "build_number",
    "depends",
    "constrains",
    "license",
    "timestamp",
)
_FAR_FUTURE = 4_000_000_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A package file as index.json and its record describe it; nothing here has bytes."""

    filename: str
    index: dict[str, Any]

    @property
    def name(self) -> str:
        """Return the name of its package."""
        return self.index["name"]


class _Copy(NamedTuple):
    """One file to be made from a real one, in the order in which a channel receives them."""

    life: int
    timestamp: int
    digest: bytes
    family: int
    original: int


def real_records(source: Path) -> list[Listed]:
    """Return the records of a compressed repodata.json that graphrepo would take, names together.

    The order of the names is arbitrary but always the same, so that any first part of the list
    is a fair sample of names.
    """
    with source.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as plain:
        document = msgspec.json.decode(plain.read())
    found: dict[str, Listed] = {}
    for record in (*document["packages.conda"].values(), *document["packages"].values()):
        if (listed := _listed(record)) is not None:
            found.setdefault(listed.filename, listed)
    return sorted(found.values(), key=lambda listed: (_digest(listed.name), listed.filename))


def multiplied(originals: list[Listed], count: int) -> Iterator[Listed]:
    """Yield ``count`` files with names of their own, oldest first as far as real times say."""
    copies = sorted(_copy(number, originals) for number in range(count))
    for copy in copies:
        index = dict(originals[copy.original].index)
        if copy.family:
            index["name"] = f"{index['name'][:58]}-f{copy.family}"
        if copy.life:
            index["version"] = f"{1000 + copy.life}.{index['version'][:60]}"
        yield Listed(filename_of(index), index)


def filename_of(index: dict[str, Any]) -> str:
    """Return the name of the ``.conda`` file that the index.json belongs in."""
    return f"{index['name']}-{index['version']}-{index['build']}.conda"


def _listed(record: dict[str, Any]) -> Listed | None:
    index = {key: record[key] for key in _KEPT if record.get(key) is not None}
    index |= {"subdir": SUBDIR, "depends": record.get("depends", [])}
    try:
        filename = parse_filename(filename_of(index))
        checked = read_index(
            canonical_json(index), filename=filename, target_subdir=SUBDIR, now_ms=_FAR_FUTURE
        )
    except (InvalidPackageError, KeyError):
        return None  # real channels hold files that no new channel would take
    if checked.is_v3 or "!" in filename.version or len(str(filename)) > 190:  # noqa: PLR2004 - room
        return None
    return Listed(str(filename), index)


def _copy(number: int, originals: list[Listed]) -> _Copy:
    round_, original = divmod(number, len(originals))
    family, life = divmod(round_, _LIVES)
    listed = originals[original]
    timestamp = int(listed.index.get("timestamp", 0))
    return _Copy(life, timestamp, _digest(f"{family} {listed.filename}"), family, original)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:8]
