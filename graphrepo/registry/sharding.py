"""Shards follow their names: a change renders anew what it touched, and the index.

Every artifact row says in which revision it last changed, and the stored index which revision
it shows. The names in between are the ones whose shards may differ; all others keep their
bytes, their hash and their place. The first index of a subdir is the same work over all names.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from graphrepo.blobs.digest import Digests
from graphrepo.blobs.store import BlobStore
from graphrepo.conda.shards import ShardIndexInfo, ShardRecord, shard, shard_index
from graphrepo.model.database import rows
from graphrepo.model.many import rows_of_ids
from graphrepo.registry.documents import OF_SUBDIR, Pointer, pointer_to
from graphrepo.registry.recipes import refreshed, relations, revisions
from graphrepo.registry.subdir_state import SubdirState
from graphrepo.registry.views import moment

SHARD_INDEX = "repodata_shards.msgpack.zst"
_BATCH = 500  # names whose records are in memory together
_WRITERS = 8  # fsyncs wait for the disk, not for each other


@dataclass(frozen=True, slots=True)
class NewShard:
    """A shard whose bytes are stored; ``sha256`` is its address, 32 raw bytes."""

    name: str
    sha256: bytes
    blake3: str
    size: int


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """What a render found: the rows to change, good only while the index shows ``since``."""

    subdir_id: int
    since: int
    index: Pointer
    fresh: tuple[NewShard, ...]
    gone: tuple[str, ...]


def plan_shards(store: BlobStore, state: SubdirState) -> ShardPlan:
    """Render the shards that changed and the index, inside one snapshot; stores their bytes."""
    present = refreshed(state)
    stored = OF_SUBDIR.load(state.id, SHARD_INDEX)
    since = stored.revision if stored else 0
    known = current_hashes(state.id)
    fresh: list[NewShard] = []
    gone: list[str] = []
    for rendered in _in_batches(touched_names(state.id, since), state.id):
        kept = [(name, data) for name, data in rendered if data is not None]
        gone += [name for name, data in rendered if data is None and name in known]
        fresh += _stored(store, [pair for pair in kept if _hash(pair[1]) != known.get(pair[0])])
    hashes = known | {new.name: new.sha256 for new in fresh}
    for name in gone:
        del hashes[name]
    index = store.put(render_index(present, hashes.items()))
    pointer = pointer_to(SHARD_INDEX, present.revision, present.changed_at, index)
    return ShardPlan(state.id, since, pointer, tuple(fresh), tuple(gone))


def render_index(state: SubdirState, hashes: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the shard index over names and raw hashes, as the snapshot shows the subdir."""
    info = ShardIndexInfo(
        subdir=state.name,
        created_at=moment(state.changed_at),
        relations=relations(state.channel.settings),
        revisions=revisions(state),
    )
    return shard_index(info, hashes)


def current_hashes(subdir_id: int) -> dict[str, bytes]:
    """Return the address of each name's current shard."""
    sql = """SELECT package_name, sha256 FROM shard
        WHERE subdir_id = $subdir_id AND superseded_at IS NULL"""
    return {name: bytes(sha256) for name, sha256 in rows(sql, subdir_id=subdir_id)}


def touched_names(subdir_id: int, since: int) -> list[tuple[int, str]]:
    """Return id and name of the packages with a file that changed after a revision."""
    found = rows(_TOUCHED, subdir_id=subdir_id, since=since)
    return [(ident, name) for ident, name in found]


def all_names(subdir_id: int) -> list[tuple[int, str]]:
    """Return id and name of every package that has or had a file in the subdir."""
    return touched_names(subdir_id, 0)


def render_shards(
    subdir_id: int, packages: Sequence[tuple[int, str]]
) -> list[tuple[str, bytes | None]]:
    """Render the shard of each package; none for one without a listed file."""
    records: dict[int, list[ShardRecord]] = {ident: [] for ident, _ in packages}
    removed: dict[int, list[str]] = {ident: [] for ident, _ in packages}
    for ident, filename, record, exports, is_v3, reason in rows_of_ids(
        _RECORDS, records, subdir_id=subdir_id
    ):
        if reason is None:
            records[ident].append(ShardRecord(filename, record, exports, bool(is_v3)))
        else:
            removed[ident].append(filename)
    return [
        (name, shard(records[ident], removed[ident]) if records[ident] else None)
        for ident, name in packages
    ]


def _in_batches(
    touched: list[tuple[int, str]], subdir_id: int
) -> Iterator[list[tuple[str, bytes | None]]]:
    for start in range(0, len(touched), _BATCH):
        yield render_shards(subdir_id, touched[start : start + _BATCH])


def _stored(store: BlobStore, shards: list[tuple[str, bytes]]) -> list[NewShard]:
    if len(shards) == 1:  # the usual change
        return [_new_shard(*shards[0], store.put(shards[0][1]))]
    with ThreadPoolExecutor(_WRITERS) as writers:
        digests = writers.map(store.put, (data for _, data in shards))
        return [_new_shard(*pair, stored) for pair, stored in zip(shards, digests, strict=True)]


def _new_shard(name: str, data: bytes, digests: Digests) -> NewShard:
    return NewShard(name, bytes.fromhex(digests.sha256), digests.blake3, len(data))


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# The few changed rows first. Without the plus SQLite, once it has measured its indexes, rather
# goes through all files by package, where equal ones stand together already.
_TOUCHED = """
    SELECT p.id, p.name
    FROM (SELECT DISTINCT +package_id AS package_id FROM artifact
      WHERE subdir_id = $subdir_id AND changed_in > $since) touched
    JOIN package p ON p.id = touched.package_id
    ORDER BY p.name
"""
_RECORDS = """
    SELECT package_id, filename, record, run_exports_json, is_v3, yanked_reason FROM artifact
    WHERE subdir_id = $subdir_id AND removed_in IS NULL AND package_id IN ({ids})
    ORDER BY filename
"""
