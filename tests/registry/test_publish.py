"""A received file becomes an artifact: once, durably, exactly."""

import asyncio
import json
from datetime import timedelta

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode
from graphrepo.errors import (
    FileExistsWithOtherContentError,
    ForbiddenError,
    HashMismatchError,
    InvalidPackageError,
    NotAuthenticatedError,
    NotFoundError,
    SubdirMismatchError,
    UnsupportedSchemaError,
)
from graphrepo.model.database import rows
from graphrepo.registry.requests import ChannelChange
from graphrepo.registry.views import Published
from tests.builders import Built, package
from tests.clocks import HandClock
from tests.registry.world import Person, World


def other_bytes(built: Built, version: str = "1.0") -> Built:
    """Return a different file of the same name."""
    return package(
        built.index["name"], version, subdir=built.subdir, files={"other": b"other bytes"}
    )


def events(world: World) -> list[tuple[str, str, int]]:
    sql = "SELECT actor, action, revision FROM event WHERE channel = 'lab' ORDER BY id"
    return world.run(world.database.read(rows, sql))


def test_a_published_file_downloads_byte_for_byte(owner: Person) -> None:
    built = package("zlib", "1.3", subdir="linux-64")
    published = owner.publish("lab", built)
    assert published.created
    assert published.artifact.sha256 == built.sha256
    assert owner.download("lab", "linux-64", built.filename) == built.data


def test_the_record_tells_what_the_archive_says(owner: Person, clock: HandClock) -> None:
    built = package("zlib", "1.3", depends=["libc >=2"], timestamp=1_700_000_000_000)
    owner.publish("lab", built)
    record = owner.repodata("lab")["packages.conda"][built.filename]
    assert record["depends"] == ["libc >=2"]
    assert (record["md5"], record["sha256"], record["size"]) == (
        built.md5,
        built.sha256,
        built.size,
    )
    assert record["timestamp"] == 1_700_000_000_000
    assert record["indexed_timestamp"] == int(clock.now.timestamp() * 1000)


def test_the_same_bytes_again_change_nothing(world: World, owner: Person, clock: HandClock) -> None:
    built = package("zlib")
    first = owner.publish("lab", built)
    clock.advance(timedelta(hours=1))
    again = owner.publish("lab", built)
    assert not again.created
    assert again.artifact == first.artifact
    assert [action for _, action, _ in events(world)] == ["create_channel", "upload"]
    assert owner.find("lab", "noarch", "repodata.json").revision == 1


def test_of_many_equal_uploads_at_once_one_creates(world: World, owner: Person) -> None:
    built = package("zlib")

    async def all_at_once() -> list[Published]:
        return list(await asyncio.gather(*(owner.publishing("lab", built) for _ in range(8))))

    results = world.run(all_at_once())
    assert [result.created for result in results].count(True) == 1
    assert len({result.artifact for result in results}) == 1
    assert owner.find("lab", "noarch", "repodata.json").revision == 1


def test_other_bytes_under_the_name_are_refused(owner: Person) -> None:
    built = package("zlib")
    owner.publish("lab", built)
    with pytest.raises(FileExistsWithOtherContentError, match="raise the build number"):
        owner.publish("lab", other_bytes(built))
    assert owner.download("lab", "noarch", built.filename) == built.data


def test_force_replaces_with_fresh_hashes(world: World, owner: Person, clock: HandClock) -> None:
    built = package("zlib")
    owner.publish("lab", built)
    clock.advance(timedelta(hours=1))
    replacement = other_bytes(built)
    assert owner.publish("lab", replacement, force=True).created
    record = owner.repodata("lab")["packages.conda"][built.filename]
    assert record["sha256"] == replacement.sha256
    assert record["indexed_timestamp"] == int(clock.now.timestamp() * 1000)
    assert owner.download("lab", "noarch", built.filename) == replacement.data
    assert events(world)[-1] == ("ada", "replace", 2)


def test_replacing_takes_the_right_to_delete(world: World, owner: Person) -> None:
    bob = world.person("bob")
    owner.add_member("lab", bob, Role.CONTRIBUTOR)
    built = package("zlib")
    bob.publish("lab", built)
    with pytest.raises(ForbiddenError, match="delete or replace"):
        bob.publish("lab", other_bytes(built), force=True)
    with pytest.raises(ForbiddenError):
        owner.with_key(AccessMode.READ_WRITE).publish("lab", other_bytes(built), force=True)


def test_a_channel_may_forbid_replacement_to_all(world: World, owner: Person) -> None:
    change = ChannelChange(allow_overwrite=False)
    world.run(world.registry.channels.update(owner.viewer, "lab", change))
    built = package("zlib")
    owner.publish("lab", built)
    with pytest.raises(FileExistsWithOtherContentError, match="does not allow"):
        owner.publish("lab", other_bytes(built), force=True)


def test_who_may_upload(world: World, owner: Person) -> None:
    bob, cleo = world.person("bob"), world.person("cleo")
    owner.add_member("lab", bob, Role.MEMBER)
    owner.add_member("lab", cleo, Role.CONTRIBUTOR)
    publisher = world.registry.publisher
    with pytest.raises(NotAuthenticatedError):
        world.run(publisher.authorise(world.nobody.viewer, "lab"))
    with pytest.raises(ForbiddenError, match="bob may read lab but not upload"):
        world.run(publisher.authorise(bob.viewer, "lab"))
    world.run(publisher.authorise(cleo.viewer, "lab"))
    assert cleo.publish("lab", package("zlib")).artifact.uploader_id == cleo.viewer.user_id
    with pytest.raises(ForbiddenError):
        bob.publish("lab", package("other"))


def test_who_may_upload_anywhere(world: World, owner: Person) -> None:
    bob = world.person("bob")
    anywhere = world.registry.publisher.authorise_anywhere
    world.run(anywhere(owner.viewer))
    world.run(anywhere(world.person("root", is_admin=True).viewer))
    with pytest.raises(NotAuthenticatedError):
        world.run(anywhere(world.nobody.viewer))
    for person in (bob, owner.with_key(AccessMode.READ)):
        with pytest.raises(ForbiddenError):
            world.run(anywhere(person.viewer))


def test_a_right_that_ends_during_the_upload_ends_the_upload(world: World, owner: Person) -> None:
    bob = world.person("bob")
    owner.add_member("lab", bob, Role.CONTRIBUTOR)
    world.run(world.registry.publisher.authorise(bob.viewer, "lab"))
    world.run(world.registry.members.remove(owner.viewer, "lab", "bob"))
    with pytest.raises(ForbiddenError):
        bob.publish("lab", package("zlib"))
    assert owner.repodata("lab")["packages.conda"] == {}


def test_announced_hashes_are_checked(owner: Person) -> None:
    built = package("zlib")
    with pytest.raises(HashMismatchError):
        owner.publish("lab", built, sha256="0" * 64)
    owner.publish("lab", built, sha256=built.sha256.upper())


def test_a_bad_package_leaves_nothing(world: World, owner: Person) -> None:
    built = package("zlib")
    broken = Built(built.filename, built.data[:-50], built.index)
    with pytest.raises(InvalidPackageError):
        owner.publish("lab", broken)
    assert list(world.store.entries()) == []
    assert events(world)[-1][1] == "create_channel"


def test_the_named_subdir_must_agree(owner: Person) -> None:
    built = package("zlib", subdir="linux-64")
    with pytest.raises(SubdirMismatchError):
        owner.publish("lab", built, subdir="osx-64")
    owner.publish("lab", built, subdir="linux-64")


def test_v3_packages_need_a_channel_that_takes_them(world: World, owner: Person) -> None:
    built = package("zlib", index={"flags": ["gpu"]})
    change = ChannelChange(allow_v3=False)
    world.run(world.registry.channels.update(owner.viewer, "lab", change))
    with pytest.raises(UnsupportedSchemaError):
        owner.publish("lab", built)
    world.run(world.registry.channels.update(owner.viewer, "lab", ChannelChange(allow_v3=True)))
    owner.publish("lab", built)
    listed = owner.repodata("lab")
    assert listed["packages.conda"] == {}
    assert list(listed["v3"]["conda"]) == ["zlib-1.0-0"]


def test_the_same_bytes_in_two_channels_are_stored_once(world: World, owner: Person) -> None:
    owner.create_channel("copy")
    built = package("zlib")
    owner.publish("lab", built)
    owner.publish("copy", built)
    sizes = [entry.size for entry in world.store.entries()]
    assert sizes.count(built.size) == 1


def test_twins_know_each_other(owner: Person) -> None:
    newer, older = package("zlib"), package("zlib", extension="tar.bz2")
    owner.publish("lab", newer)
    assert "legacy_bz2_md5" not in owner.repodata("lab")["packages.conda"][newer.filename]
    owner.publish("lab", older)
    record = owner.repodata("lab")["packages.conda"][newer.filename]
    assert (record["legacy_bz2_md5"], record["legacy_bz2_size"]) == (older.md5, older.size)
    assert list(owner.repodata("lab")["packages"]) == [older.filename]
    owner.delete("lab", f"noarch/{older.filename}")
    assert "legacy_bz2_md5" not in owner.repodata("lab")["packages.conda"][newer.filename]


def test_deleting_takes_files_out_all_or_none(owner: Person) -> None:
    one, two = package("one"), package("two", subdir="linux-64")
    owner.publish("lab", one)
    owner.publish("lab", two)
    with pytest.raises(NotFoundError, match="noarch/three"):
        owner.delete("lab", f"noarch/{one.filename}", "noarch/three-1-0.conda")
    with pytest.raises(NotFoundError, match="osx-64/x"):
        owner.delete("lab", "osx-64/x-1-0.conda")
    assert owner.download("lab", "noarch", one.filename)
    gone = owner.delete(
        "lab", f"noarch/{one.filename}", f"linux-64/{two.filename}", f"noarch/{one.filename}"
    )
    assert [artifact.filename for artifact in gone] == [one.filename, two.filename]
    for subdir, built in (("noarch", one), ("linux-64", two)):
        with pytest.raises(NotFoundError):
            owner.find("lab", subdir, built.filename)
        assert owner.repodata("lab", subdir)["packages.conda"] == {}


def test_a_deleted_name_is_free_again(owner: Person) -> None:
    built = package("zlib")
    owner.publish("lab", built)
    owner.delete("lab", f"noarch/{built.filename}")
    assert owner.publish("lab", other_bytes(built)).created


def test_only_owners_delete(world: World, owner: Person) -> None:
    bob = world.person("bob")
    owner.add_member("lab", bob, Role.CONTRIBUTOR)
    built = package("zlib")
    bob.publish("lab", built)
    for person in (bob, owner.with_key(AccessMode.READ_WRITE)):
        with pytest.raises(ForbiddenError):
            person.delete("lab", f"noarch/{built.filename}")
    owner.with_key(AccessMode.READ_WRITE_DELETE).delete("lab", f"noarch/{built.filename}")


def test_the_audit_log_says_who_did_what(world: World, owner: Person) -> None:
    built = package("zlib")
    owner.publish("lab", built)
    owner.delete("lab", f"noarch/{built.filename}")
    assert events(world) == [
        ("ada", "create_channel", 0),
        ("ada", "upload", 1),
        ("ada", "delete", 2),
    ]
    details = world.run(world.database.read(rows, "SELECT details FROM event ORDER BY id"))
    assert json.loads(details[-1][0]) == {"filename": built.filename, "subdir": "noarch"}
