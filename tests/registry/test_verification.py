"""The served documents are compared with the rows, and every lie is named."""

from pathlib import Path

import pytest

from graphrepo.blobs.digest import Digests
from graphrepo.blobs.filesystem import FilesystemStore
from graphrepo.blobs.staging import StagedFile
from graphrepo.errors import ForbiddenError
from graphrepo.model.database import rows
from graphrepo.registry.requests import ChannelChange, FileName
from graphrepo.registry.verification import Difference, Verification, Verified
from tests.builders import package
from tests.databases import run_sql
from tests.registry.world import Person, World

MISSING = "its bytes are missing from the store"
WRONG = "its content is not what the rows say"


def verify(world: World, channel: str | None = None) -> Verified:
    return world.run(world.registry.verification.index(world.operator.viewer, channel))


@pytest.fixture
def filled(world: World, owner: Person) -> Person:
    """Every kind of document, two subdirs, a yank and a patch."""
    change = ChannelChange(current_repodata=True)
    world.run(world.registry.channels.update(owner.viewer, "lab", change))
    for name in ("alpha", "beta"):
        owner.publish("lab", package(name))
        owner.publish("lab", package(name, subdir="linux-64"))
    file = FileName("noarch", "alpha-1.0-0.conda")
    world.run(world.registry.patching.patch(owner.viewer, "lab", file, {"license": "MIT"}))
    return owner


def spoil(world: World, filename: str, subdir: str = "noarch") -> None:
    """Let a row say something else without telling the revision."""

    def change() -> None:
        sql = """SELECT a.id, a.record FROM artifact a JOIN subdir s ON s.id = a.subdir_id
            WHERE a.filename = $filename AND s.name = $subdir"""
        for ident, record in rows(sql, filename=filename, subdir=subdir):
            spoilt = record.replace(b"depends", b"depnds")
            rows("UPDATE artifact SET record = $spoilt WHERE id = $id", spoilt=spoilt, id=ident)

    world.run(world.database.transact(change))


@pytest.mark.usefixtures("filled")
def test_a_sound_channel_has_no_differences(world: World) -> None:
    found = verify(world)
    assert (found.subdirs, found.differences) == (2, ())
    assert found.documents == 10 + 9
    assert verify(world, "lab") == found


@pytest.mark.usefixtures("filled")
def test_a_changed_row_is_a_difference_in_every_document(world: World) -> None:
    verify(world)
    spoil(world, "beta-1.0-0.conda")
    named = {(each.subdir, each.document): each.problem for each in verify(world).differences}
    assert named["noarch", "repodata.json"] == WRONG
    assert named["noarch", "repodata.json.zst"] == WRONG
    assert named["noarch", "repodata_shards.msgpack.zst"] == WRONG
    assert named["noarch", "shard of beta"] == "it is not what the rows say"
    assert ("noarch", "shard of alpha") not in named
    assert ("noarch", "run_exports.json") not in named
    assert {subdir for subdir, _ in named} == {"noarch"}


def test_missing_bytes_are_a_difference(world: World, filled: Person) -> None:
    verify(world)
    for name in ("repodata_from_packages.json.zst", "run_exports.json"):
        found = filled.find("lab", "noarch", name)
        world.store.delete(found.blake3)
    assert verify(world).differences == tuple(
        Difference("lab", "noarch", name, MISSING)
        for name in ("repodata_from_packages.json.zst", "run_exports.json")
    )


@pytest.mark.usefixtures("filled")
def test_a_row_that_nothing_can_be_made_of_is_a_difference(world: World) -> None:
    verify(world)
    sql = "UPDATE artifact SET record = $empty WHERE filename LIKE 'beta%'"
    world.run(world.database.transact(rows, sql, empty=b"{}"))
    named = {each.document: each.problem for each in verify(world).differences}
    assert named["repodata_shards.msgpack.zst"].startswith("it cannot be rendered: KeyError")
    assert named["repodata.json"] == WRONG


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", ["repodata.json", "repodata_shards.msgpack.zst"])
def test_a_document_without_a_present_pointer_is_a_difference(world: World, name: str) -> None:
    verify(world)
    sql = """DELETE FROM document WHERE name = $name
        AND subdir_id IN (SELECT id FROM subdir WHERE name = 'noarch')"""
    world.run(world.database.transact(rows, sql, name=name))
    assert verify(world).differences == (Difference("lab", "noarch", name, MISSING),)


def test_a_package_without_files_left_is_no_difference(world: World, filled: Person) -> None:
    verify(world)
    filled.delete("lab", "noarch/beta-1.0-0.conda")
    assert verify(world).differences == ()


class Restless(FilesystemStore):
    """Lets another process change rows once, while a document is being stored."""

    quiet = False

    def commit(self, staged: StagedFile, digests: Digests) -> bool:
        if not self.quiet:
            run_sql(self.database, self.change)
        self.quiet = True
        return super().commit(staged, digests)

    database: Path | str
    change: str


def restless(world: World, change: str) -> Restless:
    store = Restless(world.data / "blobs", world.clock)
    store.database, store.change = world.address, change
    return store


@pytest.mark.usefixtures("filled")
def test_a_subdir_that_changes_meanwhile_is_looked_at_again(world: World) -> None:
    store = restless(world, "UPDATE subdir SET revision = revision + 1")
    verification = Verification(world.database, store, world.clock)
    found = world.run(verification.index(world.operator.viewer))
    assert (store.quiet, found.subdirs, found.differences) == (True, 2, ())


def test_a_channel_that_is_deleted_meanwhile_is_passed_over(world: World, filled: Person) -> None:
    filled.create_channel("zoo")
    filled.publish("zoo", package("lion"))
    store = restless(world, "DELETE FROM channel WHERE name = 'zoo'")
    verification = Verification(world.database, store, world.clock)
    found = world.run(verification.index(world.operator.viewer))
    assert (found.subdirs, found.differences) == (3, ())


def test_only_those_who_manage_a_channel_verify_it(world: World, filled: Person) -> None:
    assert world.run(world.registry.verification.index(filled.viewer, "lab")).differences == ()
    with pytest.raises(ForbiddenError):
        world.run(world.registry.verification.index(world.person("bob").viewer, "lab"))
    with pytest.raises(ForbiddenError):
        verify(world, "absent")
