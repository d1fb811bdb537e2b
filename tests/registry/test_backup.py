"""A backup holds everything, costs only what is new, and brings everything back."""

from pathlib import Path

import pytest

from graphrepo.blobs.filesystem import FilesystemStore
from graphrepo.errors import ConflictError, NotFoundError, UnavailableError
from graphrepo.registry.backup import Copied, Place, back_up, restore
from graphrepo.registry.soundness import Wanted
from tests.builders import package
from tests.clocks import HandClock
from tests.databases import on_postgres
from tests.registry.damage import Heard, blob_file, change_rows, spoil
from tests.registry.world import Person, World

ZLIB = package("zlib", files={"share/zlib": b"z" * 5000})
GO = "UPDATE artifact SET removed_in = 9 WHERE filename LIKE 'zlib-%'"

pytestmark = pytest.mark.skipif(on_postgres(), reason="a PostgreSQL has tools of its own")


def place(directory: Path) -> Place:
    return Place(directory / "graphrepo.sqlite", FilesystemStore(directory / "blobs"))


def save(world: World, directory: Path, heard: Heard | None = None) -> Copied:
    return back_up(place(world.data), place(directory), heard or Heard(), jobs=2)


def bring_back(directory: Path, data: Path) -> Copied:
    return restore(place(directory), place(data), Heard(), jobs=2)


@pytest.fixture
def filled(owner: Person) -> Person:
    owner.publish("lab", ZLIB)
    owner.publish("lab", package("curl"))
    owner.find("lab", "noarch", "repodata.json")
    return owner


@pytest.fixture
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere") / "backup"


def test_everything_comes_back_as_it_was(
    world: World, filled: Person, backup: Path, clock: HandClock
) -> None:
    before = filled.repodata("lab")
    heard = Heard()
    saved = save(world, backup, heard)
    assert saved.lost == ()
    assert (saved.blobs, saved.size) == heard.expected == (3, heard.read)
    filled.delete("lab", f"noarch/{ZLIB.filename}")
    world.close()
    elsewhere = backup.parent / "data"
    assert bring_back(backup, elsewhere) == saved
    again = World(elsewhere, clock)
    try:
        owner = Person(again, filled.viewer)
        assert owner.repodata("lab") == before
        assert owner.download("lab", "noarch", ZLIB.filename) == ZLIB.data
        owner.publish("lab", package("bzip2"))
        verdict = again.run(again.registry.soundness.verify(Heard(), Wanted()))
        assert verdict.faults == ()
    finally:
        again.close()
        world.database.open()


def test_a_second_backup_copies_what_is_new(world: World, filled: Person, backup: Path) -> None:
    save(world, backup)
    assert save(world, backup) == Copied()
    built = package("bzip2")
    filled.publish("lab", built)
    assert save(world, backup) == Copied(1, built.size)


def test_bytes_that_go_meanwhile_need_a_newer_moment(
    world: World, filled: Person, backup: Path
) -> None:
    """The file is deleted and its bytes are gone before they are copied."""
    blake3 = filled.find("lab", "noarch", ZLIB.filename).blake3

    class Deleting(Heard):
        rounds = 0

        def expects(self, blobs: int, size: int) -> None:
            super().expects(blobs, size)
            self.rounds += 1
            if self.rounds == 1:
                change_rows(world.data, GO)
                world.store.delete(blake3)

    heard = Deleting()
    assert save(world, backup, heard).lost == ()
    assert heard.rounds == 2
    assert bring_back(backup, backup.parent / "data").blobs == 2


def test_what_the_source_has_lost_is_named_and_the_rest_is_copied(
    world: World, filled: Person, backup: Path
) -> None:
    lost, spoilt = (
        filled.find("lab", "noarch", name).blake3 for name in (ZLIB.filename, "repodata.json")
    )
    blob_file(world.data, lost).unlink()
    spoil(world.data, spoilt)
    saved = save(world, backup)
    assert set(saved.lost) == {lost, spoilt}
    assert saved.blobs == 1
    assert set(bring_back(backup, backup.parent / "data").lost) == {lost, spoilt}


def test_what_a_broken_disk_left_in_the_backup_is_copied_again(
    world: World, filled: Person, backup: Path
) -> None:
    save(world, backup)
    file = blob_file(backup, filled.find("lab", "noarch", ZLIB.filename).blake3)
    file.chmod(0o600)
    file.write_bytes(b"torn")
    assert save(world, backup).blobs == 1
    assert file.read_bytes() == ZLIB.data


def test_a_restore_overwrites_no_installation(world: World, backup: Path) -> None:
    save(world, backup)
    with pytest.raises(ConflictError, match="move it away"):
        bring_back(backup, world.data)


def test_a_restore_needs_a_backup(world: World, backup: Path) -> None:
    with pytest.raises(NotFoundError, match="check the directory"):
        bring_back(backup, world.data / "elsewhere")
    backup.mkdir()
    (backup / "graphrepo.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(UnavailableError, match="cannot be read"):
        bring_back(backup, world.data / "elsewhere")


def test_a_place_that_cannot_be_written_is_named(world: World, backup: Path) -> None:
    backup.mkdir()
    (backup / "graphrepo.sqlite.new.partial").mkdir()
    with pytest.raises(UnavailableError, match="cannot be copied"):
        save(world, backup)
