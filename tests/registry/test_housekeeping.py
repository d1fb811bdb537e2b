"""What nobody needs goes after a while; what anybody needs stays."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from graphrepo.blobs.memory import MemoryStore
from graphrepo.blobs.staging import Staging
from graphrepo.clock import milliseconds
from graphrepo.errors import UnavailableError
from graphrepo.model.database import rows
from graphrepo.registry.doom import doom
from graphrepo.registry.housekeeping import Housekeeping
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.world import Person, World


def sweep(world: World) -> int:
    return world.run(world.registry.housekeeping.sweep()).blobs


def test_bytes_of_a_deleted_file_go_after_an_hour(
    world: World, owner: Person, clock: HandClock
) -> None:
    built = package("zlib")
    digest = owner.publish("lab", built).artifact.blake3
    owner.delete("lab", f"noarch/{built.filename}")
    clock.advance(timedelta(minutes=59))
    assert sweep(world) == 0
    assert world.store.exists(digest)
    clock.advance(timedelta(minutes=2))
    assert sweep(world) == 1
    assert not world.store.exists(digest)
    assert sweep(world) == 0


def test_bytes_that_another_channel_needs_stay(
    world: World, owner: Person, clock: HandClock
) -> None:
    owner.create_channel("copy")
    built = package("zlib")
    owner.publish("lab", built)
    owner.publish("copy", built)
    owner.delete("lab", f"noarch/{built.filename}")
    clock.advance(timedelta(minutes=61))
    assert sweep(world) == 0
    assert owner.download("copy", "noarch", built.filename) == built.data


def test_bytes_published_again_meanwhile_stay(
    world: World, owner: Person, clock: HandClock
) -> None:
    built = package("zlib")
    owner.publish("lab", built)
    owner.delete("lab", f"noarch/{built.filename}")
    clock.advance(timedelta(minutes=30))
    owner.publish("lab", built)
    clock.advance(timedelta(minutes=30))
    assert sweep(world) == 0
    assert owner.download("lab", "noarch", built.filename) == built.data


def test_outdated_documents_go(world: World, owner: Person, clock: HandClock) -> None:
    owner.publish("lab", package("zlib"))
    old = owner.find("lab", "noarch", "repodata.json")
    owner.publish("lab", package("curl"))
    new = owner.find("lab", "noarch", "repodata.json")
    clock.advance(timedelta(minutes=61))
    assert sweep(world) == 1
    assert not world.store.exists(old.blake3)
    assert world.store.exists(new.blake3)


def test_a_deleted_channel_leaves_no_bytes(world: World, owner: Person, clock: HandClock) -> None:
    owner.publish("lab", package("zlib"))
    for name in ("repodata.json", "repodata_shards.msgpack.zst"):
        owner.find("lab", "noarch", name)
    world.run(world.registry.indexing.channel_file(owner.viewer, "lab", "rss.xml"))
    world.run(world.registry.channels.delete(owner.viewer, "lab"))
    clock.advance(timedelta(minutes=61))
    sweep(world)
    assert list(world.store.entries()) == []
    assert world.run(world.database.read(rows, "SELECT count(*) FROM doomed_blob")) == [(0,)]


def test_abandoned_uploads_go_after_a_day(world: World) -> None:
    staged = world.registry.publisher.stage()
    staged.write(b"half of a package")
    assert world.run(world.registry.housekeeping.tidy()) == 0
    assert staged.path.exists()
    staged.discard()


class Away(MemoryStore):
    """A store that answers nothing for a while."""

    is_away = True

    def delete(self, blake3: str, *, untouched_since: datetime | None = None) -> bool:
        if self.is_away:
            raise UnavailableError("Nobody is there.")
        return super().delete(blake3, untouched_since=untouched_since)


def test_what_a_store_does_not_take_away_now_it_takes_away_later(
    world: World, clock: HandClock, tmp_path: Path
) -> None:
    store = Away(Staging(tmp_path / "staging"), clock)
    blake3 = store.put(b"lost its use").blake3
    world.run(world.database.transact(doom, [blake3], milliseconds(clock.now)))
    housekeeping = Housekeeping(world.database, store, clock)
    clock.advance(timedelta(minutes=61))
    with pytest.raises(UnavailableError):
        world.run(housekeeping.sweep())
    store.is_away = False
    clock.advance(timedelta(minutes=61))
    assert world.run(housekeeping.sweep()).blobs == 1
    assert not store.exists(blake3)
