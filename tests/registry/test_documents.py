"""Documents beside repodata.json and shards: of a subdir, and of a whole channel."""

import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import zstandard

from graphrepo.errors import InvalidInputError, NotFoundError
from graphrepo.model.database import rows
from graphrepo.registry.channel_documents import ChannelDocuments
from graphrepo.registry.gate import find_channel
from graphrepo.registry.notices import NoticeChange, NoticeText
from graphrepo.registry.requests import ChannelChange
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.listing import shard_index
from tests.registry.world import Person, World


def document(person: Person, name: str, subdir: str = "noarch") -> dict[str, Any]:
    return json.loads(person.download("lab", subdir, name))


def of_channel(person: Person, name: str, channel: str = "lab") -> bytes:
    world = person.world
    found = world.run(world.registry.indexing.channel_file(person.viewer, channel, name))
    with world.registry.indexing.open(found.blake3) as file:
        return file.read()


def change(person: Person, wanted: ChannelChange, channel: str = "lab") -> None:
    person.world.run(person.world.registry.channels.update(person.viewer, channel, wanted))


def test_run_exports_of_every_file(owner: Person) -> None:
    owner.publish("lab", package("zlib", run_exports={"weak": ["zlib >=1"]}))
    owner.publish("lab", package("curl", extension="tar.bz2"))
    owner.publish("lab", package("fancy", index={"flags": ["gpu"]}))
    found = document(owner, "run_exports.json")
    assert found["packages.conda"] == {"zlib-1.0-0.conda": {"run_exports": {"weak": ["zlib >=1"]}}}
    assert found["packages"] == {"curl-1.0-0.tar.bz2": {"run_exports": {}}}
    packed = owner.download("lab", "noarch", "run_exports.json.zst")
    assert json.loads(zstandard.decompress(packed)) == found


def test_current_repodata_is_there_for_those_who_ask(owner: Person) -> None:
    for version in ("1.0", "2.0"):
        owner.publish("lab", package("zlib", version))
    owner.publish("lab", package("fancy", index={"flags": ["gpu"]}))
    for name in ("current_repodata.json", "current_repodata.json.zst"):
        with pytest.raises(NotFoundError):
            owner.find("lab", "noarch", name)
    change(owner, ChannelChange(current_repodata=True))
    found = document(owner, "current_repodata.json")
    assert list(found["packages.conda"]) == ["zlib-2.0-0.conda"]
    assert "v3" not in found
    assert document(owner, "current_repodata.json", "linux-64")["packages.conda"] == {}


def test_relatives_stand_in_every_document(world: World, owner: Person) -> None:
    owner.create_channel("upstream")
    owner.publish("lab", package("zlib"))
    assert "channel_relations" not in owner.repodata("lab")["info"]
    change(owner, ChannelChange(relation_base="upstream"))
    for subdir in ("noarch", "osx-64"):
        info = owner.repodata("lab", subdir)["info"]
        assert info["channel_relations"] == {"base": "../upstream"}
        assert shard_index(owner, "lab", subdir)["info"]["channel_relations"] == {
            "base": "../upstream"
        }
    world.run(world.registry.channels.delete(owner.viewer, "upstream"))
    assert "channel_relations" not in owner.repodata("lab")["info"]


def test_relatives_are_other_channels_of_this_server(world: World, owner: Person) -> None:
    bob = world.person("bob")
    bob.create_channel("secret", is_public=False)
    owner.create_channel("other")
    for wanted in (
        ChannelChange(relation_base="lab"),
        ChannelChange(relation_base="absent"),
        ChannelChange(relation_base="secret"),
        ChannelChange(relation_base="other", relation_overrides="other"),
    ):
        with pytest.raises(InvalidInputError):
            change(owner, wanted)
    change(owner, ChannelChange(relation_base="other"))
    change(owner, ChannelChange(relation_overrides="", relation_base=""))
    assert "channel_relations" not in owner.repodata("lab")["info"]


def test_deleting_a_channel_unrelates_only_its_relatives(world: World, owner: Person) -> None:
    for name in ("one", "two"):
        owner.create_channel(name)
    change(owner, ChannelChange(relation_base="one", relation_overrides="two"))
    world.run(world.registry.channels.delete(owner.viewer, "one"))
    assert owner.repodata("lab")["info"]["channel_relations"] == {"overrides": "../two"}


def test_channeldata_follows_every_change(owner: Person) -> None:
    assert json.loads(of_channel(owner, "channeldata.json"))["packages"] == {}
    about = {"summary": "Compression", "home": "https://zlib.net"}
    old = package("zlib", "1.0", about=about, run_exports={"weak": ["zlib >=1"]})
    owner.publish("lab", old)
    owner.publish("lab", package("zlib", "2.0", subdir="linux-64", about=about))
    found = json.loads(of_channel(owner, "channeldata.json"))
    assert found["subdirs"] == ["linux-64", "noarch"]
    zlib = found["packages"]["zlib"]
    assert (zlib["version"], zlib["subdirs"]) == ("2.0", ["linux-64", "noarch"])
    assert zlib["run_exports"] == {"1.0": {"weak": ["zlib >=1"]}}
    assert (zlib["summary"], zlib["home"]) == ("Compression", "https://zlib.net")
    owner.delete("lab", "linux-64/zlib-2.0-0.conda")
    assert json.loads(of_channel(owner, "channeldata.json"))["packages"]["zlib"]["version"] == "1.0"
    owner.delete("lab", f"noarch/{old.filename}")
    assert json.loads(of_channel(owner, "channeldata.json"))["packages"] == {}


def test_channeldata_makes_only_changed_entries_again(world: World, owner: Person) -> None:
    for name in ("alpha", "beta"):
        owner.publish("lab", package(name))
    of_channel(owner, "channeldata.json")
    world.run(
        world.database.transact(
            rows, "UPDATE package SET channeldata = $data WHERE name = 'alpha'", data=b'{"kept":1}'
        )
    )
    owner.publish("lab", package("beta", "2.0"))
    found = json.loads(of_channel(owner, "channeldata.json"))["packages"]
    assert found["alpha"] == {"kept": 1}
    assert found["beta"]["version"] == "2.0"


def test_the_feed_shows_the_newest_first(owner: Person, clock: HandClock) -> None:
    for name in ("alpha", "beta"):
        owner.publish("lab", package(name))
        clock.advance(timedelta(minutes=1))
    feed = ET.fromstring(of_channel(owner, "rss.xml"))  # noqa: S314 - our own output
    titles = [item.findtext("title") for item in feed.iter("item")]
    assert titles == ["beta 1.0 [noarch]", "alpha 1.0 [noarch]"]


def test_notices_reach_clients(world: World, owner: Person, clock: HandClock) -> None:
    service = world.registry.notices
    assert json.loads(of_channel(owner, "notices.json")) == {"notices": []}
    expires = clock.now + timedelta(days=1)
    made = world.run(
        service.create(owner.viewer, "lab", NoticeText(" Moving soon ", "warning", expires))
    )
    (served,) = json.loads(of_channel(owner, "notices.json"))["notices"]
    assert (served["id"], served["message"], served["level"]) == (
        str(made.id),
        "Moving soon",
        "warning",
    )
    assert served["expires_at"] == expires.isoformat(timespec="seconds")
    later = NoticeChange(" Moved ", "info", expires + timedelta(days=1))
    changed = world.run(service.update(owner.viewer, "lab", made.id, later))
    assert (changed.message, changed.expires_at > expires) == ("Moved", True)
    assert world.run(service.update(owner.viewer, "lab", made.id, NoticeChange())) == changed
    channel = world.run(world.registry.channels.get(owner.viewer, "lab"))
    assert channel
    (seen,) = world.run(service.by_channel([channel.id]))[channel.id]
    assert (seen.message, seen.level) == ("Moved", "info")
    world.run(service.delete(owner.viewer, "lab", made.id))
    assert json.loads(of_channel(owner, "notices.json")) == {"notices": []}
    with pytest.raises(NotFoundError):
        world.run(service.delete(owner.viewer, "lab", made.id))
    for text in ("  ", "x" * 2001):
        with pytest.raises(InvalidInputError):
            world.run(service.create(owner.viewer, "lab", NoticeText(text, "info", expires)))


def test_channels_have_no_other_documents(owner: Person) -> None:
    with pytest.raises(NotFoundError, match=r"index\.md"):
        of_channel(owner, "index.md")


def test_documents_of_a_channel_are_rendered_once(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    indexing = world.registry.indexing
    first = world.run(indexing.channel_file(owner.viewer, "lab", "channeldata.json"))
    assert world.run(indexing.channel_file(owner.viewer, "lab", "channeldata.json")) == first
    other = ChannelDocuments(world.database, world.store, world.clock)
    channel = world.run(world.registry.channels.get(owner.viewer, "lab"))
    assert channel
    taken_over = world.run(other.current(channel, "channeldata.json"))
    assert taken_over.sha256 == first.sha256


def test_a_channel_deleted_before_its_document_is_rendered_is_gone(
    world: World, owner: Person
) -> None:
    channel = world.run(world.database.read(find_channel, owner.viewer, "lab"))
    assert channel
    world.run(world.registry.channels.delete(owner.viewer, "lab"))
    documents = ChannelDocuments(world.database, world.store, world.clock)
    with pytest.raises(NotFoundError, match="lab was deleted"):
        world.run(documents.current(channel, "rss.xml"))
