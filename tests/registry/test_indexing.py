"""Documents follow every change at once, and only those who may read get them."""

import asyncio
import json
from pathlib import Path

import pytest
import zstandard

from graphrepo.access.policy import Action, Role
from graphrepo.access.viewer import AccessMode
from graphrepo.errors import (
    ForbiddenError,
    NotAuthenticatedError,
    NotFoundError,
    StorageFullError,
)
from graphrepo.model.database import rows
from graphrepo.registry.registry import assemble
from graphrepo.registry.subdir_documents import SubdirDocuments
from graphrepo.registry.subdir_state import subdir_state
from graphrepo.registry.views import StoredFile
from tests.blobs.test_staging import largest_file
from tests.builders import package
from tests.registry.world import CHEAP, Person, World


def test_every_known_subdir_has_documents_from_the_start(owner: Person) -> None:
    for subdir in ("noarch", "linux-64", "zos-z"):
        listed = owner.repodata("lab", subdir)
        assert listed["info"] == {"subdir": subdir}
        assert (listed["packages"], listed["packages.conda"], listed["removed"]) == ({}, {}, [])
        assert owner.find("lab", subdir, "repodata.json.zst").size
    with pytest.raises(NotFoundError):
        owner.find("lab", "amiga-68k", "repodata.json")


def test_a_subdir_outside_the_list_is_known_once_it_held_a_file(owner: Person) -> None:
    built = package("zlib", subdir="amiga-68k")
    owner.publish("lab", built)
    assert list(owner.repodata("lab", "amiga-68k")["packages.conda"]) == [built.filename]
    owner.delete("lab", f"amiga-68k/{built.filename}")
    assert owner.repodata("lab", "amiga-68k")["packages.conda"] == {}


def test_documents_are_exact_after_each_change(owner: Person) -> None:
    builds = [package(name) for name in ("alpha", "beta", "gamma")]
    for count, built in enumerate(builds, start=1):
        owner.publish("lab", built)
        listed = owner.repodata("lab")["packages.conda"]
        assert list(listed) == [each.filename for each in builds[:count]]
        assert owner.find("lab", "noarch", "repodata.json").revision == count
    owner.delete("lab", f"noarch/{builds[0].filename}")
    assert builds[0].filename not in owner.repodata("lab")["packages.conda"]


def test_the_compressed_document_is_one_frame_of_the_plain_one(owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    plain = owner.download("lab", "noarch", "repodata.json")
    packed = owner.download("lab", "noarch", "repodata.json.zst")
    assert zstandard.frame_content_size(packed) == len(plain)
    assert zstandard.decompress(packed) == plain
    revisions = {
        owner.find("lab", "noarch", name).revision
        for name in ("repodata.json", "repodata.json.zst")
    }
    assert revisions == {1}


def test_rendering_again_gives_the_same_bytes(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    first = owner.find("lab", "noarch", "repodata.json")
    world.run(world.database.transact(rows, "DELETE FROM document"))
    fresh = assemble(world.database, world.store, hasher=CHEAP)
    again = world.run(fresh.indexing.file(owner.viewer, "lab", "noarch", "repodata.json"))
    assert (again.sha256, again.modified) == (first.sha256, first.modified)


def test_another_worker_takes_over_what_was_rendered(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    first = owner.find("lab", "noarch", "repodata.json")
    other = assemble(world.database, world.store, hasher=CHEAP)
    assert world.run(other.indexing.file(owner.viewer, "lab", "noarch", "repodata.json")) == first


def test_an_older_render_never_replaces_a_newer_one(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    newer = owner.find("lab", "noarch", "repodata.json")
    world.run(world.database.transact(rows, "UPDATE document SET revision = 7"))
    owner.publish("lab", package("other"))
    slow = assemble(world.database, world.store, hasher=CHEAP)
    seen = world.run(slow.indexing.file(owner.viewer, "lab", "noarch", "repodata.json"))
    assert (seen.revision, seen.sha256) == (7, newer.sha256)


def test_many_readers_share_one_render(world: World, owner: Person) -> None:
    for name in ("alpha", "beta"):
        owner.publish("lab", package(name))
    indexing = world.registry.indexing

    async def all_at_once() -> list[StoredFile]:
        asks = (indexing.file(owner.viewer, "lab", "noarch", "repodata.json") for _ in range(20))
        return list(await asyncio.gather(*asks))

    found = world.run(all_at_once())
    assert len(set(found)) == 1
    assert found[0].revision == 2


def test_reading_while_writing_is_never_stale(world: World, owner: Person) -> None:
    builds = [package("many", f"1.{n}") for n in range(12)]
    seen: list[tuple[int, int]] = []
    published = 0

    async def write() -> None:
        nonlocal published
        for built in builds:
            await owner.publishing("lab", built)
            published += 1

    async def read() -> None:
        while published < len(builds):
            known = published
            found = await world.registry.indexing.file(
                owner.viewer, "lab", "noarch", "repodata.json"
            )
            with world.registry.indexing.open(found.blake3) as file:
                listed = json.load(file)["packages.conda"]
            seen.append((known, len(listed)))
            await asyncio.sleep(0)  # what is remembered is given without a pause

    async def both() -> None:
        await asyncio.gather(write(), read(), read())

    world.run(both())
    assert seen
    assert all(listed >= known for known, listed in seen)


def test_private_channels_answer_members_alone(world: World, owner: Person) -> None:
    owner.create_channel("secret", is_public=False)
    built = package("zlib")
    owner.publish("secret", built)
    bob = world.person("bob")
    for filename in ("repodata.json", built.filename):
        for channel in ("secret", "absent"):
            with pytest.raises(NotAuthenticatedError):
                world.nobody.find(channel, "noarch", filename)
            with pytest.raises(ForbiddenError):
                bob.find(channel, "noarch", filename)
    owner.add_member("secret", bob, Role.MEMBER)
    assert bob.download("secret", "noarch", built.filename) == built.data
    assert bob.with_key(AccessMode.READ, "secret").find("secret", "noarch", "repodata.json")
    with pytest.raises(ForbiddenError):
        bob.with_key(AccessMode.READ, "lab").find("secret", "noarch", "repodata.json")


def test_missing_files_in_a_readable_channel_are_not_found(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    for filename in ("zlib-9-0.conda", "repodata.json.bz2", "repodata.jlap"):
        with pytest.raises(NotFoundError, match=filename):
            world.nobody.find("lab", "noarch", filename)


def test_reindexing_is_for_uploaders_and_says_the_revision(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    reindex = world.registry.indexing.reindex
    assert world.run(reindex(owner.viewer, "lab", "noarch")) == 1
    with pytest.raises(ForbiddenError):
        world.run(reindex(world.person("bob").viewer, "lab", "noarch"))


def test_a_channel_deleted_before_its_document_is_rendered_is_gone(
    world: World, owner: Person
) -> None:
    owner.publish("lab", package("zlib"))
    state = world.run(world.database.read(subdir_state, owner.viewer, Action.READ, "lab", "noarch"))
    world.run(world.registry.channels.delete(owner.viewer, "lab"))
    documents = SubdirDocuments(world.database, world.store, world.clock)
    for name in ("repodata.json", "repodata_shards.msgpack.zst"):
        with pytest.raises(NotFoundError, match="lab/noarch was deleted"):
            world.run(documents.current(state, name))


def test_small_documents_are_given_from_memory(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    found = owner.find("lab", "noarch", "repodata.json")
    first = world.run(world.registry.indexing.body(found))
    assert first == owner.download("lab", "noarch", "repodata.json")
    assert world.run(world.registry.indexing.body(found)) is first


def test_local_blobs_have_a_path(world: World, owner: Person) -> None:
    built = package("zlib")
    owner.publish("lab", built)
    found = owner.find("lab", "noarch", built.filename)
    path = world.registry.indexing.path(found.blake3)
    assert path
    assert Path(path).read_bytes() == built.data


def test_what_has_no_room_to_be_rendered_is_told_as_it_was(owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    former = shown(owner)
    owner.publish("lab", package("png"))
    with largest_file(16):
        assert shown(owner) == former
        for never in (
            lambda: owner.find("lab", "noarch", "run_exports.json"),
            lambda: owner.channel_file("lab", "channeldata.json"),
        ):
            with pytest.raises(StorageFullError):
                never()
    assert shown(owner) != former
    assert len(owner.repodata("lab", "noarch")["packages.conda"]) == 2


def shown(reader: Person) -> list[tuple[str, int]]:
    files = (reader.find("lab", "noarch", "repodata.json"), reader.channel_file("lab", "rss.xml"))
    return [(file.sha256, file.revision) for file in files]
