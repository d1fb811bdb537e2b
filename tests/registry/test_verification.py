"""The served documents are compared with the rows, and every lie is named."""

import pytest

from graphrepo.errors import ForbiddenError
from graphrepo.model.database import rows
from graphrepo.registry.requests import ChannelChange, FileName
from graphrepo.registry.verification import Difference, Verified
from tests.builders import package
from tests.registry.world import Person, World

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
    sql = """UPDATE artifact SET record =
        CAST(replace(CAST(record AS TEXT), 'depends', 'depnds') AS BLOB)
        WHERE filename = $filename
        AND subdir_id IN (SELECT id FROM subdir WHERE name = $subdir)"""
    world.run(world.database.transact(rows, sql, filename=filename, subdir=subdir))


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
        Difference("lab", "noarch", name, "its bytes are missing from the store")
        for name in ("repodata_from_packages.json.zst", "run_exports.json")
    )


@pytest.mark.usefixtures("filled")
def test_a_row_that_nothing_can_be_made_of_is_a_difference(world: World) -> None:
    verify(world)
    sql = "UPDATE artifact SET record = CAST('{}' AS BLOB) WHERE filename LIKE 'beta%'"
    world.run(world.database.transact(rows, sql))
    named = {each.document: each.problem for each in verify(world).differences}
    assert named["repodata_shards.msgpack.zst"].startswith("it cannot be rendered: KeyError")
    assert named["repodata.json"] == WRONG


def test_only_those_who_manage_a_channel_verify_it(world: World, filled: Person) -> None:
    assert world.run(world.registry.verification.index(filled.viewer, "lab")).differences == ()
    with pytest.raises(ForbiddenError):
        world.run(world.registry.verification.index(world.person("bob").viewer, "lab"))
    with pytest.raises(ForbiddenError):
        verify(world, "absent")
