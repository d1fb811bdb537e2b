"""Every kind of damage is found and named, and repaired if that is asked for and possible."""

import json
from threading import Condition

import pytest

from graphrepo.blobs.filesystem import FilesystemStore
from graphrepo.errors import BlobMissingError
from graphrepo.model.database import rows
from graphrepo.registry.faults import Fault, FaultKind
from graphrepo.registry.inventory import Inventory, Trouble
from graphrepo.registry.repair import Repair
from graphrepo.registry.soundness import Wanted
from tests.builders import package
from tests.databases import on_postgres
from tests.registry.damage import Heard, blob_file, change_rows, spoil, told, verify
from tests.registry.world import Person, World

ZLIB = package("zlib", files={"share/zlib": b"z" * 5000})
CURL = package("curl")
REPAIR = Wanted(repair=True)


@pytest.fixture
def filled(owner: Person) -> Person:
    """Two files, and every document that was asked for."""
    owner.publish("lab", ZLIB)
    owner.publish("lab", CURL)
    for name in ("repodata.json", "repodata_shards.msgpack.zst"):
        owner.find("lab", "noarch", name)
    owner.world.run(owner.world.registry.indexing.channel_file(owner.viewer, "lab", "rss.xml"))
    return owner


def blake3_of(person: Person, filename: str) -> str:
    return person.find("lab", "noarch", filename).blake3


@pytest.mark.usefixtures("filled")
def test_a_sound_installation_has_no_fault(world: World) -> None:
    heard = Heard()
    verdict = verify(world, heard=heard)
    assert verdict.is_sound
    assert verdict.faults == ()
    # Two files, two shards and their index, repodata.json and the feed; then what verifying the
    # documents rendered as well.
    assert (verdict.blobs, heard.expected[0]) == (7, 7)
    assert heard.read == heard.expected[1]
    assert verify(world).blobs > 7


def test_missing_and_spoilt_bytes_are_named(world: World, filled: Person) -> None:
    spoil(world.data, blake3_of(filled, ZLIB.filename))
    blob_file(world.data, blake3_of(filled, CURL.filename)).unlink()
    verdict = verify(world)
    assert not verdict.is_sound
    assert told(verdict) == {
        (f"lab/noarch/{ZLIB.filename}", FaultKind.CORRUPT),
        (f"lab/noarch/{CURL.filename}", FaultKind.MISSING),
    }


def test_nothing_is_changed_without_being_told(world: World, filled: Person) -> None:
    blake3 = blake3_of(filled, ZLIB.filename)
    spoil(world.data, blake3)
    assert told(verify(world)) == told(verify(world))
    assert world.store.exists(blake3)


def test_bytes_that_cannot_be_read_are_named(world: World, filled: Person) -> None:
    file = blob_file(world.data, blake3_of(filled, ZLIB.filename))
    file.unlink()
    file.mkdir()
    (fault,) = verify(world, REPAIR).faults
    assert (fault.kind, fault.is_repaired) == (FaultKind.UNREADABLE, False)
    assert "Is a directory" in fault.details


def test_rows_that_lie_about_bytes_are_named(world: World, filled: Person) -> None:
    filled.publish("lab", package("md5"))
    change_rows(world.data, "UPDATE artifact SET md5 = '0' WHERE filename LIKE 'md5-%'")
    (fault,) = verify(world).faults
    assert str(fault) == (
        "lab/noarch/md5-1.0-0.conda: its row names other digests or another size than its bytes"
        " have"
    )
    assert not verify(world, REPAIR).is_sound


def test_the_same_bytes_under_many_names_are_read_once(world: World, owner: Person) -> None:
    owner.create_channel("copy")
    owner.publish("lab", ZLIB)
    owner.publish("copy", ZLIB)
    heard = Heard()
    spoil(world.data, blake3_of(owner, ZLIB.filename))
    verdict = verify(world, heard=heard)
    assert verdict.blobs == 1
    assert heard.read == ZLIB.size
    assert {fault.place for fault in verdict.faults} == {
        f"copy/noarch/{ZLIB.filename}",
        f"lab/noarch/{ZLIB.filename}",
    }


def test_spoilt_bytes_are_removed_and_come_back_with_the_same_file(
    world: World, filled: Person
) -> None:
    spoil(world.data, blake3_of(filled, ZLIB.filename))
    (fault,) = verify(world, REPAIR).faults
    assert (fault.kind, fault.is_repaired) == (FaultKind.CORRUPT, False)
    assert "publish the same file again" in fault.details
    with pytest.raises(BlobMissingError):
        filled.download("lab", "noarch", ZLIB.filename)
    assert not filled.publish("lab", ZLIB).created
    assert filled.download("lab", "noarch", ZLIB.filename) == ZLIB.data
    assert verify(world).is_sound


def test_lost_bytes_are_taken_from_a_backup(world: World, filled: Person) -> None:
    backup = FilesystemStore(world.data / "backup")
    backup.put(ZLIB.data)
    backup.put(CURL.data)
    spoil(world.data, blake3_of(filled, ZLIB.filename))
    blob_file(world.data, blake3_of(filled, CURL.filename)).unlink()
    verdict = verify(world, Wanted(repair=True, backup=backup))
    assert verdict.is_sound
    assert {fault.is_repaired for fault in verdict.faults} == {True}
    assert "; repaired" in str(verdict.faults[0])
    assert filled.download("lab", "noarch", ZLIB.filename) == ZLIB.data
    assert verify(world).faults == ()


def test_a_spoilt_backup_repairs_nothing(world: World, filled: Person) -> None:
    backup = FilesystemStore(world.data / "backup" / "blobs")
    blake3 = backup.put(ZLIB.data).blake3
    spoil(world.data / "backup", blake3)
    blob_file(world.data, blake3).unlink()
    assert not verify(world, Wanted(repair=True, backup=backup)).is_sound
    assert blake3_of(filled, ZLIB.filename) == blake3
    assert not world.store.exists(blake3)


@pytest.mark.parametrize(
    "document", ["repodata.json", "repodata_shards.msgpack.zst", "shard of zlib", "rss.xml"]
)
@pytest.mark.parametrize("damage", ["spoilt", "gone"])
def test_documents_are_rendered_anew(
    world: World, filled: Person, document: str, damage: str
) -> None:
    sql = """SELECT blake3 FROM document WHERE name = $name
        UNION SELECT blake3 FROM channel_document WHERE name = $name
        UNION SELECT blake3 FROM shard WHERE 'shard of ' || package_name = $name"""
    ((blake3,),) = world.run(world.database.read(rows, sql, name=document))
    if damage == "spoilt":
        spoil(world.data, blake3)
    else:
        blob_file(world.data, blake3).unlink()
    assert any(fault.place.endswith(document) for fault in verify(world).faults)
    assert verify(world, REPAIR).is_sound
    assert verify(world).faults == ()
    assert set(filled.repodata("lab")["packages.conda"]) == {ZLIB.filename, CURL.filename}


@pytest.mark.usefixtures("filled")
def test_documents_that_say_something_else_are_rendered_anew(world: World) -> None:
    wrong = world.store.put(b"{}")
    sql = """UPDATE document SET blake3 = $blake3, sha256 = $sha256, size = 2
        WHERE name = 'repodata.json'"""
    world.run(world.database.transact(rows, sql, blake3=wrong.blake3, sha256=wrong.sha256))
    place = ("lab/noarch/repodata.json", FaultKind.DOCUMENT)
    assert place in told(verify(world))
    verdict = verify(world, REPAIR)
    assert place in told(verdict)
    assert verdict.is_sound
    assert verify(world).faults == ()


@pytest.mark.skipif(on_postgres(), reason="it lets nobody break a reference")
@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("sql", "place", "details"),
    [
        ("UPDATE artifact SET added_in = 99", "lab/noarch/zlib-1.0-0.conda", "has not been"),
        ("DELETE FROM artifact_info", "lab/noarch/zlib-1.0-0.conda", "metadata is missing"),
        ("UPDATE channel SET revision = 0", "lab/noarch", "newer than its channel"),
        ("UPDATE document SET revision = 99", "lab/noarch/repodata.json", "has not been"),
        ("UPDATE channel_document SET revision = 99", "lab/rss.xml", "has not been"),
        (
            "UPDATE artifact SET record = CAST('7' AS BLOB)",
            "lab/noarch/zlib-1.0-0.conda",
            "its record names other bytes",
        ),
        (
            "UPDATE artifact SET size = 7, sha256 = '7'",
            "lab/noarch/zlib-1.0-0.conda",
            "its record names other bytes",
        ),
        (
            "UPDATE artifact SET package_id = 99",
            "the database",
            "row 1 of artifact refers to a missing package",
        ),
    ],
)
def test_rows_that_disagree_are_named(world: World, sql: str, place: str, details: str) -> None:
    change_rows(world.data, sql)
    verdict = verify(world)
    assert not verdict.is_sound
    assert any(details in fault.details for fault in verdict.faults if fault.place == place)


@pytest.mark.usefixtures("filled")
def test_wrong_counts_are_counted_anew(world: World) -> None:
    change_rows(world.data, "UPDATE package SET artifact_count = 7 WHERE name = 'zlib'")
    assert [(fault.place, fault.is_repaired) for fault in verify(world).faults] == [
        ("lab/zlib", False)
    ]
    assert verify(world, REPAIR).is_sound
    assert verify(world).faults == ()


@pytest.mark.usefixtures("filled")
def test_an_interrupted_walk_goes_on_where_it_was(world: World) -> None:
    sql = "SELECT blake3 FROM artifact ORDER BY blake3"
    (first,), (second,) = world.run(world.database.read(rows, sql))
    spoil(world.data, first)
    sql = "INSERT INTO setting VALUES ('verify', $value)"
    value = json.dumps([first, [first], 1, 10])
    world.run(world.database.transact(rows, sql, value=value))
    spoil(world.data, second)
    resumed = verify(world, Wanted(resume=True))
    assert {fault.kind for fault in resumed.faults} == {FaultKind.CORRUPT}
    assert len(resumed.faults) == 2
    assert world.run(world.database.read(rows, "SELECT * FROM setting")) == []


@pytest.mark.usefixtures("filled")
def test_where_nothing_was_interrupted_it_begins_at_the_start(world: World) -> None:
    assert verify(world, Wanted(resume=True)).blobs == 7


class LeftError(Exception):
    """Whoever followed has left."""


class Readers(Heard):
    """Keeps readers until so many have been at it at once; leaves when one comes too much."""

    def __init__(self, at_once: int, most_readings: int) -> None:
        super().__init__()
        self.readings = 0
        self.most_at_once = 0
        self._here = 0
        self._awaited = at_once
        self._most_readings = most_readings
        self._moved = Condition()

    def has_read(self, size: int) -> None:
        with self._moved:
            super().has_read(size)
            self.readings += size > 0
            if self.readings > self._most_readings:
                raise LeftError
            self._here += 1
            self.most_at_once = max(self.most_at_once, self._here)
            self._moved.notify_all()
            if size > 0:
                self._moved.wait_for(lambda: self.most_at_once >= self._awaited, timeout=10)
            self._here -= 1


@pytest.mark.usefixtures("filled")
def test_several_read_at_once_and_go_on_with_the_page_in_which_they_stopped(world: World) -> None:
    inventory = Inventory(world.database, world.store, page=3)
    leaving = Readers(at_once=2, most_readings=3)
    with pytest.raises(LeftError):
        world.run(inventory.take(leaving, jobs=2))
    assert leaving.most_at_once == 2

    going_on = Readers(at_once=1, most_readings=1 + 7 - 3)  # what was read before is told at once
    blobs, _ = world.run(inventory.take(going_on, jobs=1, resume=True))
    assert blobs == going_on.expected[0] == 7
    assert going_on.read == going_on.expected[1]
    assert going_on.readings == 1 + 7 - 3


def test_an_empty_installation_is_sound(world: World) -> None:
    assert verify(world, REPAIR).blobs == 0


def test_what_loses_its_last_use_meanwhile_is_no_fault(world: World, filled: Person) -> None:
    inventory = Inventory(world.database, world.store)
    blake3 = blake3_of(filled, ZLIB.filename)
    filled.delete("lab", f"noarch/{ZLIB.filename}")
    world.store.delete(blake3)
    assert world.run(inventory.trouble_of(blake3)) is None
    assert verify(world).is_sound


def test_what_has_become_sound_meanwhile_is_not_repaired(world: World, filled: Person) -> None:
    inventory = Inventory(world.database, world.store)
    repair = Repair(world.database, world.store, inventory, world.clock)
    passing = Trouble(FaultKind.UNREADABLE, blake3_of(filled, ZLIB.filename), ())
    assert world.run(repair.mend(passing, None)) == []
    world.run(repair.renew("absent", ""))  # deleted meanwhile
    assert verify(world).faults == ()


def test_a_fault_says_where_and_what() -> None:
    fault = Fault(FaultKind.MISSING, "lab/noarch/a-1-0.conda")
    assert str(fault) == "lab/noarch/a-1-0.conda: its bytes are missing"
