"""The full collection finds what no row names, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from graphrepo.blobs.filesystem import FilesystemStore
from graphrepo.blobs.store import BlobEntry
from graphrepo.model.database import rows
from graphrepo.registry.collection import Collected, Collection
from graphrepo.registry.references import TABLES
from tests.builders import package
from tests.clocks import HandClock
from tests.databases import on_postgres
from tests.registry.world import Person, World

HOUR = timedelta(hours=1)
LOST = b"bytes whose row never came"


def collect(world: World, grace: timedelta = HOUR, *, delete: bool = True) -> Collected:
    return world.run(world.registry.collection.collect(grace, delete=delete))


def test_bytes_without_a_row_go_after_their_grace(world: World, clock: HandClock) -> None:
    lost = world.store.put(LOST).blake3
    clock.advance(HOUR)
    assert collect(world) == Collected()
    clock.advance(HOUR)
    assert collect(world, delete=False) == Collected(1, len(LOST), 0)
    assert world.store.exists(lost)
    assert collect(world) == Collected(1, len(LOST), 0)
    assert not world.store.exists(lost)


def test_nothing_that_a_row_names_goes(world: World, owner: Person, clock: HandClock) -> None:
    owner.publish("lab", package("zlib"))
    for name in ("repodata.json.zst", "repodata_shards.msgpack.zst"):
        owner.find("lab", "noarch", name)
        owner.find("lab", "linux-64", name)  # which never held a file
    world.run(world.registry.indexing.channel_file(owner.viewer, "lab", "rss.xml"))
    held = len(list(world.store.entries()))
    clock.advance(24 * HOUR)
    assert collect(world) == Collected()
    assert len(list(world.store.entries())) == held


def test_what_lost_its_last_use_lately_has_readers(
    world: World, owner: Person, clock: HandClock
) -> None:
    built = package("zlib")
    owner.publish("lab", built)
    clock.advance(24 * HOUR)
    owner.delete("lab", f"noarch/{built.filename}")
    assert collect(world) == Collected()
    clock.advance(2 * HOUR)
    assert collect(world) == Collected(1, built.size, 0)


class Busy(FilesystemStore):
    """A store where the same bytes are uploaded again just after it was listed."""

    def entries(self) -> Iterator[BlobEntry]:
        listed = list(super().entries())
        self.put(LOST)
        return iter(listed)


def test_bytes_that_an_upload_finds_meanwhile_stay(world: World, clock: HandClock) -> None:
    lost = world.store.put(LOST).blake3
    clock.advance(2 * HOUR)
    collection = Collection(world.database, Busy(world.data / "blobs", clock), clock)
    assert world.run(collection.collect(HOUR, delete=True)) == Collected()
    assert world.store.exists(lost)


def test_uploads_that_were_broken_off_go(world: World, clock: HandClock) -> None:
    staged = world.registry.publisher.stage()
    staged.write(b"half of a package")
    clock.now = datetime.now(UTC) + HOUR / 2  # noqa: TID251 - files have the system's times
    assert collect(world) == Collected()
    clock.advance(HOUR)
    assert collect(world, delete=False) == Collected(staged=1)
    assert staged.path.exists()
    assert collect(world) == Collected(staged=1)
    assert not staged.path.exists()
    staged.discard()


@pytest.mark.skipif(on_postgres(), reason="the tables are the same everywhere")
def test_every_table_that_names_blobs_is_asked(world: World) -> None:
    sql = """SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
        WHERE m.type = 'table' AND c.name = 'blake3'"""
    named = {table for (table,) in world.run(world.database.read(rows, sql))}
    # A hold keeps its artifact's; what is doomed has no use by being on that list.
    assert named == {*TABLES, "hold", "doomed_blob"}
