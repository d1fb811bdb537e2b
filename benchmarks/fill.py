"""Fill a channel by rows, many thousand a second, as if each file had been uploaded.

Every upload raises the revision by one, as ``registry.publish`` does it, and every row holds
what it would hold then; only the bytes of the packages are missing from the store, which
nothing but a download or the sweep would notice.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.records import SUBDIR, Listed
from graphrepo.conda.record import canonical_json, record_json
from graphrepo.conda.versions import sort_key
from graphrepo.model.entities import Channel, Package, Subdir, db
from graphrepo.registry.artifact_rows import recount, subdir_of
from graphrepo.registry.views import ChannelView
from tests.registry.world import Person

DATABASE = "graphrepo.sqlite"

_BATCH = 20_000  # rows in one transaction
_NAMES = 500  # packages recounted in one
_SIZE = 100_000  # bytes that a file is said to have
_ABOUT = '{"home": "https://example.org", "summary": "A real package, multiplied."}'
_FACTS = '{"about": {"summary": "A real package, multiplied."}, "timestamp": null, "traits": []}'


@dataclass(frozen=True, slots=True)
class _Place:
    """Where rows go; the numbers are row ids."""

    channel: int
    subdirs: Mapping[str, int]
    uploader: int | None


def fill(
    owner: Person,
    channel: ChannelView,
    listed: Iterable[Listed],
    now: int,
    subdirs: Sequence[str] = (SUBDIR,),
    first: int = 1,
) -> int:
    """Add files to the channel's subdirs and return their number; ``now`` in milliseconds.

    ``first`` is the id of the first file: the number of those of all other channels, and one.
    """
    world = owner.world
    asked = (channel.id, subdirs, owner.viewer.user_id, now)
    place = world.run(world.database.transact(_place, *asked))
    names: dict[str, int] = {}
    begun = first
    for batch in _batches(listed):
        names |= world.run(world.database.transact(_insert, place, names, batch, first, now))
        first += len(batch)
    idents = list(names.values())
    for start in range(0, len(idents), _NAMES):
        world.run(world.database.transact(_recount, idents[start : start + _NAMES]))
    return first - begun


def settle(data: Path) -> None:
    """Let SQLite measure its indexes and empty its log; nobody may have the database open."""
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        connection.execute("ANALYZE")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _batches(listed: Iterable[Listed]) -> Iterator[list[Listed]]:
    rest = iter(listed)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _place(ident: int, names: Sequence[str], uploader: int | None, now: int) -> _Place:
    channel = Channel[ident]
    subdirs = {name: subdir_of(channel, name, now) for name in names}
    db.flush()
    return _Place(channel.id, {name: each.id for name, each in subdirs.items()}, uploader)


def _insert(
    place: _Place, known: dict[str, int], batch: Sequence[Listed], first: int, now: int
) -> dict[str, int]:
    """Add the files of a batch, ids and revisions from ``first`` on; return its new names."""
    fresh = sorted({listed.name for listed in batch} - known.keys())
    new = {name: Package(channel=place.channel, name=name) for name in fresh}
    db.flush()
    names = {name: package.id for name, package in new.items()}
    idents = known | names
    cursor = db.get_connection().cursor()
    artifacts = [
        _artifact(place, idents[listed.name], listed, number, now)
        for number, listed in enumerate(batch, first)
    ]
    cursor.executemany(_statement("artifact", artifacts[0]), artifacts)
    infos = [_info(listed, number) for number, listed in enumerate(batch, first)]
    cursor.executemany(_statement("artifact_info", infos[0]), infos)
    for ident in place.subdirs.values():
        Subdir[ident].revision = first + len(batch) - 1
    Channel[place.channel].revision = first + len(batch) - 1
    return names


def _artifact(
    place: _Place, package: int, listed: Listed, number: int, now: int
) -> dict[str, object]:
    index = listed.index
    sha256 = hashlib.sha256(listed.filename.encode()).hexdigest()
    md5, blake3 = sha256[:32], sha256[::-1]
    return {
        "id": number,
        "subdir_id": place.subdirs[index["subdir"]],
        "package_id": package,
        "filename": listed.filename,
        "version": index["version"],
        "version_key": sort_key(index["version"]),
        "build": index["build"],
        "build_number": index["build_number"],
        "size": _SIZE,
        "md5": md5,
        "sha256": sha256,
        "blake3": blake3,
        "record": record_json(index, md5=md5, sha256=sha256, size=_SIZE, indexed_timestamp=now),
        "is_v3": False,
        "uploader_id": place.uploader,
        "uploaded_at": now,
        "indexed_timestamp": now,
        "added_in": number,
        "changed_in": number,
        "hidden": False,
    }


def _info(listed: Listed, number: int) -> dict[str, object]:
    return {
        "artifact_id": number,
        "index_json": canonical_json(listed.index).decode(),
        "about_json": _ABOUT,
        "facts_json": _FACTS,
    }


def _statement(table: str, row: dict[str, object]) -> str:
    places = ", ".join(f":{column}" for column in row)
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"  # noqa: S608 - own names


def _recount(idents: Sequence[int]) -> None:
    for ident in idents:
        recount(ident)
