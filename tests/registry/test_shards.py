"""Shards follow the names that changed, and say what repodata.json says."""

import json
from datetime import timedelta
from typing import Any

import msgpack
import pytest
import zstandard

from graphrepo.errors import NotFoundError
from graphrepo.model.database import rows
from graphrepo.model.entities import Artifact, Package, db
from graphrepo.registry.registry import assemble
from graphrepo.registry.sharding import touched_names
from tests.builders import package
from tests.clocks import HandClock
from tests.databases import on_postgres
from tests.registry.listing import shard_index, union_of_shards
from tests.registry.world import CHEAP, Person, World

INDEX = "repodata_shards.msgpack.zst"


def test_an_empty_subdir_has_an_empty_index(owner: Person) -> None:
    index = shard_index(owner, "lab", "osx-64")
    assert index["shards"] == {}
    assert index["info"]["subdir"] == "osx-64"
    assert (index["info"]["base_url"], index["info"]["shards_base_url"]) == ("", "./shards/")


def test_each_name_has_a_shard_with_its_run_exports(owner: Person) -> None:
    owner.publish("lab", package("zlib", run_exports={"weak": ["zlib >=1"]}))
    owner.publish("lab", package("curl", extension="tar.bz2"))
    assert sorted(shard_index(owner, "lab")["shards"]) == ["curl", "zlib"]
    found = union_of_shards(owner, "lab")
    assert found["packages.conda"]["zlib-1.0-0.conda"]["run_exports"] == {"weak": ["zlib >=1"]}
    assert found["packages"]["curl-1.0-0.tar.bz2"]["run_exports"] == {}


def test_a_change_touches_one_shard_and_the_index(owner: Person) -> None:
    for name in ("alpha", "beta", "gamma"):
        owner.publish("lab", package(name))
    before = shard_index(owner, "lab")["shards"]
    owner.publish("lab", package("beta", "2.0"))
    after = shard_index(owner, "lab")["shards"]
    assert {name for name in after if after[name] != before[name]} == {"beta"}


def test_a_name_without_files_leaves_the_index(owner: Person) -> None:
    built = package("zlib")
    owner.publish("lab", built)
    owner.publish("lab", package("curl"))
    assert "zlib" in shard_index(owner, "lab")["shards"]
    owner.delete("lab", f"noarch/{built.filename}")
    assert list(shard_index(owner, "lab")["shards"]) == ["curl"]


def test_a_name_that_came_and_went_between_renders_is_no_matter(owner: Person) -> None:
    built = package("zlib")
    owner.publish("lab", built)
    owner.delete("lab", f"noarch/{built.filename}")
    assert shard_index(owner, "lab")["shards"] == {}


def test_superseded_shards_stay_readable_for_a_week(
    world: World, owner: Person, clock: HandClock
) -> None:
    owner.publish("lab", package("zlib"))
    old = shard_index(owner, "lab")["shards"]["zlib"].hex()
    address = f"shards/{old}.msgpack.zst"
    stored = owner.find("lab", "noarch", address)
    owner.publish("lab", package("zlib", "2.0"))
    shard_index(owner, "lab")
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert world.run(world.registry.housekeeping.sweep()).shards == 0
    assert owner.find("lab", "noarch", address).blake3 == stored.blake3
    clock.advance(timedelta(seconds=1))
    assert world.run(world.registry.housekeeping.sweep()).shards == 1
    with pytest.raises(NotFoundError):
        owner.find("lab", "noarch", address)
    clock.advance(timedelta(hours=1))
    world.run(world.registry.housekeeping.sweep())
    assert not world.store.exists(stored.blake3)


def test_a_shard_is_found_by_its_address_alone(owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    digest = shard_index(owner, "lab")["shards"]["zlib"].hex()
    for wrong in (
        f"shards/{digest}",
        f"shards/{digest.upper()}.msgpack.zst",
        f"shards/{'0' * 64}.msgpack.zst",
        "shards/../repodata.json",
        "shards/",
    ):
        with pytest.raises(NotFoundError):
            owner.find("lab", "noarch", wrong)
    with pytest.raises(NotFoundError):
        owner.find("lab", "linux-64", f"shards/{digest}.msgpack.zst")


def test_rendering_all_anew_gives_the_same_shards_and_index(world: World, owner: Person) -> None:
    for name in ("alpha", "beta"):
        owner.publish("lab", package(name))
        shard_index(owner, "lab")
    incremental = owner.find("lab", "noarch", INDEX)
    world.run(world.database.transact(rows, "DELETE FROM shard"))
    world.run(world.database.transact(rows, "DELETE FROM document"))
    fresh = assemble(world.database, world.store, clock=world.clock, hasher=CHEAP)
    again = world.run(fresh.indexing.file(owner.viewer, "lab", "noarch", INDEX))
    assert (again.sha256, again.size) == (incremental.sha256, incremental.size)


def test_of_two_workers_the_slower_render_loses(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    other = assemble(world.database, world.store, clock=world.clock, hasher=CHEAP)

    async def both() -> list[str]:
        found = [
            await registry.indexing.file(owner.viewer, "lab", "noarch", INDEX)
            for registry in (world.registry, other)
        ]
        return [each.sha256 for each in found]

    assert len(set(world.run(both()))) == 1
    count = world.run(world.database.read(rows, "SELECT count(*) FROM shard"))
    assert count == [(1,)]


def test_v3_records_are_counted_in_the_index(owner: Person, clock: HandClock) -> None:
    owner.publish("lab", package("plain"))
    assert "repodata_revisions" not in shard_index(owner, "lab")["info"]
    owner.publish("lab", package("fancy", index={"flags": ["gpu"]}))
    stamp = int(clock.now.timestamp() * 1000)
    counted = shard_index(owner, "lab")["info"]["repodata_revisions"]
    assert counted == {"v3": {"n_packages": 1, "newest": stamp, "oldest": stamp}}
    assert owner.repodata("lab")["info"]["repodata_revisions"] == counted
    assert list(union_of_shards(owner, "lab")["v3"]["conda"]) == ["fancy-1.0-0"]


def test_many_names_at_once_are_rendered_whole(owner: Person) -> None:
    for number in range(12):
        owner.publish("lab", package(f"name{number:02}"))
    assert len(shard_index(owner, "lab")["shards"]) == 12
    assert len(union_of_shards(owner, "lab")["packages.conda"]) == 12


def test_hashes_are_binary_and_the_index_is_one_frame(owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    packed = owner.download("lab", "noarch", INDEX)
    plain = zstandard.decompress(packed)
    assert zstandard.frame_content_size(packed) == len(plain)
    digest = msgpack.unpackb(plain)["shards"]["zlib"]
    assert isinstance(digest, bytes)
    record = union_of_shards(owner, "lab")["packages.conda"]["zlib-1.0-0.conda"]
    assert isinstance(record["sha256"], bytes)
    assert json.loads(owner.download("lab", "noarch", "repodata.json"))


@pytest.mark.skipif(on_postgres(), reason="counts the steps of SQLite")
def test_a_change_is_found_without_looking_through_the_channel(world: World, owner: Person) -> None:
    """Also when SQLite has measured its indexes, and could take another for better."""
    owner.publish("lab", package("zlib"))
    subdir_id, since = world.run(world.database.transact(fill, 3000))
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    def touched() -> list[tuple[int, str]]:
        db.get_connection().set_progress_handler(count, 1)
        found = touched_names(subdir_id, since)
        db.get_connection().set_progress_handler(None, 0)
        return found

    assert [name for _, name in world.run(world.database.transact(touched))] == ["p7"]
    assert steps < 300


_OWN = ("info", "paths", "download_sum", "hold")  # rows of their own


def fill(count: int) -> tuple[int, int]:
    """Add a file to each of many packages; return the subdir and the last revision but one."""
    (first,) = Artifact.select_by_sql("SELECT * FROM artifact")
    values: dict[str, Any] = first.to_dict(with_lazy=True, exclude=["id", *_OWN])
    for number in range(count):
        revision = count + 1 if number == 7 else number + 1
        values |= {"filename": f"p{number}-1.0-0.conda", "changed_in": revision}
        values["package"] = Package(channel=first.subdir.channel, name=f"p{number}")
        Artifact(**values)
    db.flush()
    rows("ANALYZE")
    return first.subdir.id, count
