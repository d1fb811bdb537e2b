"""The table of channel-contract.md, section 3."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from graphrepo.registry.views import ChannelSettings, ChannelView
from graphrepo.web.caching import cache_control, content_type

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PUBLIC = ChannelView(1, "lab", None, None, True, ChannelSettings(), 1, NOW, NOW, None)  # noqa: FBT003 - a record
PRIVATE = replace(PUBLIC, is_public=False)
SHARD = f"{'0' * 64}.msgpack.zst"

METADATA = (
    "repodata.json",
    "repodata.json.zst",
    "repodata_from_packages.json",
    "repodata_shards.msgpack.zst",
    "run_exports.json",
    "run_exports.json.zst",
    "channeldata.json",
    "notices.json",
)


@pytest.mark.parametrize("name", METADATA)
def test_metadata_is_checked_each_time_unless_the_channel_allows_an_age(name: str) -> None:
    patient = replace(PUBLIC, settings=ChannelSettings(max_age=600))
    assert cache_control(name, PUBLIC) == "public, max-age=0, must-revalidate"
    assert cache_control(name, patient) == "public, max-age=600"


@pytest.mark.parametrize("name", METADATA)
def test_private_metadata_never_says_private_or_no_store(name: str) -> None:
    patient = replace(PRIVATE, settings=ChannelSettings(max_age=600))
    assert cache_control(name, PRIVATE) == "max-age=0, must-revalidate"
    assert cache_control(name, patient) == "max-age=0, must-revalidate"


@pytest.mark.parametrize("name", ["zlib-1.3-0.conda", "zlib-1.3-0.tar.bz2"])
def test_an_artifact_is_immutable_only_where_it_cannot_be_replaced(name: str) -> None:
    fixed = ChannelSettings(allow_overwrite=False)
    assert cache_control(name, PUBLIC) == "public, max-age=3600"
    assert cache_control(name, PRIVATE) == "private, max-age=3600"
    assert cache_control(name, replace(PUBLIC, settings=fixed)) == "public, max-age=3600, immutable"
    assert (
        cache_control(name, replace(PRIVATE, settings=fixed)) == "private, max-age=3600, immutable"
    )


def test_lists_of_attestations_grow_under_one_name_and_never_change_under_their_hash() -> None:
    newest = "a.sigs-1-0.conda.sigs"
    assert cache_control(newest, PUBLIC) == "no-cache"
    assert cache_control(newest, PRIVATE) == "private, no-cache"
    fixed = f"zlib-1.3-0.tar.bz2.sigs.{'0' * 64}"
    assert cache_control(fixed, PUBLIC) == "public, max-age=31536000, immutable"
    assert cache_control(fixed, PRIVATE) == "private, max-age=31536000, immutable"
    assert content_type(newest) == content_type(fixed) == "application/json"


def test_a_shard_never_changes() -> None:
    assert cache_control(f"shards/{SHARD}", PUBLIC) == "public, max-age=31536000, immutable"
    assert cache_control(f"shards/{SHARD}", PRIVATE) == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("repodata.json", "application/json"),
        ("repodata.json.zst", "application/zstd"),
        ("repodata_shards.msgpack.zst", "application/zstd"),
        (f"shards/{SHARD}", "application/zstd"),
        ("rss.xml", "application/rss+xml"),
        ("zlib-1.3-0.conda", "application/octet-stream"),
        ("zlib-1.3-0.tar.bz2", "application/octet-stream"),
    ],
)
def test_every_file_has_its_type(name: str, expected: str) -> None:
    assert content_type(name) == expected
