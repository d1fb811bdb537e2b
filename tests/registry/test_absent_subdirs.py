"""Subdirs that never held a file have documents all the same: clients ask for them."""

from datetime import timedelta

from graphrepo.access.policy import Action
from graphrepo.registry.requests import ChannelChange
from graphrepo.registry.subdir_documents import NAMES, SubdirDocuments
from graphrepo.registry.subdir_state import subdir_state
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.world import Person, World

ALWAYS = sorted(name for name in NAMES if not name.startswith(("current", "patch")))


def test_their_documents_outlive_the_same_bytes_elsewhere(
    world: World, owner: Person, clock: HandClock
) -> None:
    """Empty subdirs of two channels share their bytes; the sweep takes one of the uses."""
    owner.create_channel("other")
    for name in ALWAYS:
        owner.find("lab", "linux-64", name)
    built = package("zlib", subdir="linux-64")
    owner.publish("other", built)
    owner.delete("other", f"linux-64/{built.filename}")
    shared = owner.find("other", "linux-64", "repodata.json").blake3
    assert owner.find("lab", "linux-64", "repodata.json").blake3 == shared
    owner.publish("other", built)
    for name in ALWAYS:
        owner.find("other", "linux-64", name)
    clock.advance(timedelta(days=8))
    world.run(world.registry.housekeeping.sweep())
    for name in ALWAYS:
        assert owner.download("lab", "linux-64", name)
    clock.advance(timedelta(days=8))
    world.run(world.registry.housekeeping.sweep())
    assert owner.find("lab", "linux-64", "repodata.json").blake3 == shared
    assert owner.download("lab", "linux-64", "repodata.json")


def test_what_they_no_longer_show_is_swept(world: World, owner: Person, clock: HandClock) -> None:
    owner.create_channel("upstream")
    unrelated = owner.find("lab", "linux-64", "repodata.json")
    change = ChannelChange(relation_base="upstream")
    world.run(world.registry.channels.update(owner.viewer, "lab", change))
    related = owner.find("lab", "linux-64", "repodata.json")
    assert related.revision > unrelated.revision
    clock.advance(timedelta(hours=2))
    assert world.run(world.registry.housekeeping.sweep()).blobs == 1
    assert not world.store.exists(unrelated.blake3)
    assert world.store.exists(related.blake3)


def test_a_new_process_takes_over_what_was_rendered(world: World, owner: Person) -> None:
    for name in ALWAYS:
        first = owner.find("lab", "linux-64", name)
        state = world.run(
            world.database.read(subdir_state, owner.viewer, Action.READ, "lab", "linux-64")
        )
        fresh = SubdirDocuments(world.database, world.store, world.clock)
        again = world.run(fresh.current(state, name))
        assert (again.name, again.blake3, again.sha256) == (name, first.blake3, first.sha256)


def test_their_revision_only_rises_when_the_first_file_comes(world: World, owner: Person) -> None:
    for text in ("one", "two", "three"):
        change = ChannelChange(description=text)
        world.run(world.registry.channels.update(owner.viewer, "lab", change))
    empty = owner.find("lab", "linux-64", "repodata.json")
    owner.publish("lab", package("zlib", subdir="linux-64"))
    filled = owner.find("lab", "linux-64", "repodata.json")
    assert filled.revision == empty.revision + 1


def test_a_render_shows_the_settings_of_the_revision_that_it_names(
    world: World, owner: Person
) -> None:
    """A request that began before the settings changed must not keep the old ones alive."""
    owner.create_channel("upstream")
    owner.publish("lab", package("zlib"))
    began = world.run(world.database.read(subdir_state, owner.viewer, Action.READ, "lab", "noarch"))
    change = ChannelChange(relation_base="upstream")
    world.run(world.registry.channels.update(owner.viewer, "lab", change))
    slow = SubdirDocuments(world.database, world.store, world.clock)
    for name in ALWAYS:
        assert world.run(slow.current(began, name)).revision == began.revision + 1
    assert owner.repodata("lab")["info"]["channel_relations"] == {"base": "../upstream"}
    index = owner.find("lab", "noarch", "repodata_shards.msgpack.zst")
    again = world.run(slow.current(began, "repodata_shards.msgpack.zst"))
    assert again.sha256 == index.sha256
