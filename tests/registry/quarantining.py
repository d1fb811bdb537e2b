"""What administrators do with quarantines, and what clients then see of a channel."""

import json
from datetime import timedelta
from typing import Any

from graphrepo.model.database import rows
from graphrepo.registry.quarantine_views import (
    ChannelFile,
    NewQuarantine,
    QuarantineAction,
    QuarantineChange,
    QuarantineView,
    Selection,
)
from graphrepo.registry.requests import (
    Batch,
    FileName,
)
from graphrepo.registry.views import Window
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.listing import union_of_shards
from tests.registry.world import Person

YANK, DELETE = QuarantineAction.YANK, QuarantineAction.DELETE
ZLIB = "zlib-1.0-0.conda"
OLD_ZLIB = "zlib-1.0-0.tar.bz2"
CURL = "curl-1.0-0.conda"
DOCUMENTS = (
    "repodata.json",
    "repodata_from_packages.json",
    "run_exports.json",
    "repodata_shards.msgpack.zst",
)


def fill(owner: Person, channel: str, clock: HandClock) -> None:
    for name, version in (("zlib", "1.0"), ("zlib", "2.0"), ("curl", "1.0")):
        owner.publish(channel, package(name, version, run_exports={"weak": [name]}))
        clock.advance(timedelta(minutes=1))


def files(*names: str, channel: str = "lab") -> Selection:
    return Selection(tuple(ChannelFile(channel, "noarch", name) for name in names))


def apply(
    person: Person, selection: Selection, action: QuarantineAction = YANK, reason: str = "malware"
) -> QuarantineView:
    quarantines = person.world.registry.quarantines
    new = NewQuarantine(action, reason, selection)
    view, idents = person.world.run(quarantines.apply(person.viewer, new))
    assert len(idents) == view.files
    return view


def revoke(person: Person, quarantine: QuarantineView) -> QuarantineView:
    quarantines = person.world.registry.quarantines
    return person.world.run(quarantines.revoke(person.viewer, quarantine.id))


def update(person: Person, quarantine: QuarantineView, **change: Any) -> QuarantineView:  # noqa: ANN401 - the change's own
    quarantines = person.world.registry.quarantines
    changed = QuarantineChange(**change)
    return person.world.run(quarantines.update(person.viewer, quarantine.id, changed))


def meant(person: Person, selection: Selection) -> list[str]:
    """Return ``channel/filename`` of what a selection means."""
    quarantines = person.world.registry.quarantines
    idents = person.world.run(quarantines.select(person.viewer, selection))
    page = person.world.run(quarantines.files(idents, Window(100)))
    assert page.total == len(idents)
    channels = dict(
        person.world.run(person.world.database.read(rows, "SELECT id, name FROM channel"))
    )
    return [f"{channels[file.channel_id]}/{file.filename}" for file in page.items]


def content(person: Person, channel: str = "lab") -> dict[str, Any]:
    """Return everything that conda clients see of a channel."""
    seen: dict[str, Any] = {
        name: json.loads(person.download(channel, "noarch", name)) for name in DOCUMENTS[:3]
    }
    seen["shards"] = union_of_shards(person, channel)
    stored = person.world.run(
        person.world.registry.indexing.channel_file(person.viewer, channel, "channeldata.json")
    )
    with person.world.registry.indexing.open(stored.blake3) as file:
        seen["channeldata"] = json.loads(file.read())
    return seen


def yank(person: Person, *names: str, reason: str = "mine") -> None:
    batch = Batch("lab", tuple(FileName("noarch", name) for name in names))
    person.world.run(person.world.registry.yanking.yank(person.viewer, batch, reason))


def revision(person: Person, subdir: str = "noarch") -> int:
    return person.find("lab", subdir, "repodata.json").revision
