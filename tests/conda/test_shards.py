"""Shards: the same records as repodata.json, in the types and sizes that clients demand."""

import hashlib
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgpack
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.record import canonical_json
from graphrepo.conda.repodata import SubdirInfo, repodata
from graphrepo.conda.shards import (
    SHARDS_BASE_URL,
    ShardIndexInfo,
    ShardRecord,
    shard,
    shard_index,
)
from tests.conda.listings import Listed, listings, reference

CHANGED = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


def unpacked(data: bytes) -> dict[str, Any]:
    content = zstandard.ZstdDecompressor().decompress(data, max_output_size=2**24)
    return msgpack.unpackb(content)


def shard_of(*files: Listed) -> dict[str, Any]:
    return unpacked(shard(item.sharded for item in files))


def in_repodata_types(record: dict[str, Any]) -> dict[str, Any]:
    """Return a shard's record as repodata.json holds it."""
    digests = {key: record[key].hex() for key in ("md5", "sha256")}
    return {key: value for key, value in record.items() if key != "run_exports"} | digests


def test_both_maps_are_there_even_when_empty() -> None:
    assert shard_of() == {"packages": {}, "packages.conda": {}}


def test_a_record_has_raw_digests_and_its_run_exports() -> None:
    file = Listed("zlib-1.3-0.conda", run_exports={"weak": ["zlib >=1.3,<2"]})
    record = shard_of(file)["packages.conda"]["zlib-1.3-0.conda"]
    assert record["sha256"] == hashlib.sha256(b"zlib-1.3-0.conda").digest()
    assert len(record["md5"]) == 16
    assert record["run_exports"] == {"weak": ["zlib >=1.3,<2"]}


def test_a_record_without_run_exports_says_so() -> None:
    assert shard_of(Listed("a-1-0.tar.bz2"))["packages"]["a-1-0.tar.bz2"]["run_exports"] == {}


def test_other_hashes_stay_text() -> None:
    more = {"legacy_bz2_md5": "0" * 32, "attestations_sha256": "f" * 64}
    record = shard_of(Listed("a-1-0.conda", more=more))["packages.conda"]["a-1-0.conda"]
    assert record["legacy_bz2_md5"] == "0" * 32
    assert record["attestations_sha256"] == "f" * 64


def test_v3_records_stand_under_v3_by_stem() -> None:
    content = shard_of(Listed("a-1-0.conda", is_v3=True), Listed("a-2-0.tar.bz2", is_v3=True))
    assert content["packages"] == content["packages.conda"] == {}
    assert list(content["v3"]["conda"]) == ["a-1-0"]
    assert list(content["v3"]["tar.bz2"]) == ["a-2-0"]


def test_yanked_files_may_be_named() -> None:
    assert unpacked(shard([], ["b-1-0.conda", "a-1-0.conda"]))["removed"] == [
        "a-1-0.conda",
        "b-1-0.conda",
    ]


@given(listings)
def test_all_shards_together_are_repodata_json(files: list[Listed]) -> None:
    by_name: dict[str, list[ShardRecord]] = defaultdict(list)
    for item in files:
        by_name[item.name].append(item.sharded)
    union: dict[str, dict[str, Any]] = {"packages": {}, "packages.conda": {}}
    v3: dict[str, dict[str, Any]] = {"conda": {}, "tar.bz2": {}}
    for records in by_name.values():
        content = unpacked(shard(records))
        for place, found in ((union, content), (v3, content.get("v3", {}))):
            for section in place.keys() & found.keys():
                rows = found[section].items()
                place[section] |= {key: in_repodata_types(record) for key, record in rows}
    whole = json.loads(b"".join(repodata(SubdirInfo("linux-64"), [item.indexed for item in files])))
    assert union == {section: whole[section] for section in union}
    assert v3 == whole.get("v3", {"conda": {}, "tar.bz2": {}})


@given(listings.flatmap(lambda files: st.tuples(st.just(files), st.permutations(files))))
def test_the_order_of_the_records_does_not_matter(orders: tuple[list[Listed], ...]) -> None:
    first, second = (shard(item.sharded for item in files) for files in orders)
    assert first == second


@given(listings)
def test_maps_are_sorted_and_integers_small(files: list[Listed]) -> None:
    packed = zstandard.ZstdDecompressor().decompress(shard(item.sharded for item in files))
    assert packed == msgpack.packb(in_order(msgpack.unpackb(packed)))


def in_order(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value with all maps sorted by key."""
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return value


def test_frames_tell_their_size() -> None:
    data = shard([Listed("a-1-0.conda").sharded])
    packed = zstandard.ZstdDecompressor().decompress(data)
    assert zstandard.frame_content_size(data) == len(packed)


def test_the_index_names_every_shard_by_its_hash() -> None:
    data = shard([Listed("a-1-0.conda").sharded])
    digest = hashlib.sha256(data).digest()
    index = unpacked(shard_index(ShardIndexInfo("linux-64", CHANGED), [("a", digest)]))
    assert index == {
        "info": {
            "base_url": "",
            "created_at": "2026-11-22T07:00:00Z",
            "shards_base_url": SHARDS_BASE_URL,
            "subdir": "linux-64",
        },
        "shards": {"a": digest},
        "version": 1,
    }


def test_the_index_repeats_the_head_of_repodata_json() -> None:
    revisions = {"v3": {"n_packages": 1, "newest": 7, "oldest": 7}}
    info = ShardIndexInfo("linux-64", CHANGED, {"base": "../x"}, revisions)
    head = unpacked(shard_index(info, []))["info"]
    assert head["channel_relations"] == {"base": "../x"}
    assert head["repodata_revisions"] == revisions


def test_the_index_keeps_its_bytes() -> None:
    shards = [("b", b"\1" * 32), ("a", b"\2" * 32)]
    elsewhere = CHANGED.astimezone(timezone(timedelta(hours=5)))
    later = CHANGED + timedelta(microseconds=5)
    first = shard_index(ShardIndexInfo("linux-64", CHANGED), shards)
    assert shard_index(ShardIndexInfo("linux-64", elsewhere), reversed(shards)) == first
    assert shard_index(ShardIndexInfo("linux-64", later), shards) == first


@pytest.mark.parametrize(
    "subdir", ["linux-64", "linux-aarch64", "noarch", "osx-64", "osx-arm64", "win-64"]
)
def test_rattlers_own_shards_come_back_record_for_record(subdir: str) -> None:
    place = reference("expected", "rattler-index-0.28.0", subdir)
    index = unpacked((place / "repodata_shards.msgpack.zst").read_bytes())
    whole = json.loads((place / "repodata.json").read_bytes())
    for name, digest in index["shards"].items():
        theirs = unpacked((place / "shards" / f"{digest.hex()}.msgpack.zst").read_bytes())
        ours = unpacked(shard(records_of(name, whole)))
        # They also name the yanked files, and write run_exports only where there are some.
        assert theirs.pop("removed") == []
        for section in ("packages", "packages.conda"):
            for record in theirs[section].values():
                record.setdefault("run_exports", {})
        assert ours == theirs


def records_of(name: str, whole: dict[str, Any]) -> list[ShardRecord]:
    """Take one name's records out of another indexer's repodata.json."""
    found: list[ShardRecord] = []
    for section in ("packages", "packages.conda"):
        for filename, record in whole[section].items():
            if record["name"] == name:
                exports = canonical_json(record.pop("run_exports", {})).decode()
                found.append(ShardRecord(filename, canonical_json(record), exports, is_v3=False))
    return found
