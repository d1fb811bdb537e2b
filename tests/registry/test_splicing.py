"""Documents made of their predecessors say what the rows say, byte for byte, whatever happened."""

import asyncio
import logging
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from graphrepo.access.policy import Action
from graphrepo.errors import NotFoundError, QuarantinedError
from graphrepo.model.database import rows
from graphrepo.registry.quarantine_views import (
    ChannelFile,
    NewQuarantine,
    QuarantineAction,
    Selection,
)
from graphrepo.registry.recipes import RECIPES, refreshed
from graphrepo.registry.registry import assemble
from graphrepo.registry.requests import Batch, ChannelChange, FileName
from graphrepo.registry.splicing import SPLICES
from graphrepo.registry.subdir_state import subdir_state
from graphrepo.registry.views import StoredFile
from tests.builders import Extension, package
from tests.clocks import HandClock
from tests.registry.world import CHEAP, Person, World

SPLICED = sorted(SPLICES)
FILES = st.sampled_from(
    [
        f"{name}-1.{minor}-0.{extension}"
        for name in ("alpha", "beta")
        for minor in (0, 1)
        for extension in ("conda", "tar.bz2")
    ]
)
KINDS: dict[str, dict[str, list[str]]] = {
    "plain": {},
    "other": {"constrains": ["z"]},
    "v3": {"flags": ["cpu"]},
}


def anew(person: Person, name: str) -> bytes:
    """Render a document of lab/noarch from all rows."""

    def render() -> bytes:
        state = subdir_state(person.viewer, Action.READ, "lab", "noarch")
        return b"".join(RECIPES[name](refreshed(state)))

    return person.world.run(person.world.database.read(render))


class Subdir(RuleBasedStateMachine):
    """A subdir that everything happens to, and documents that are asked for now and then."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self._folder.name), HandClock())
        self.ada = self.world.person("ada")
        for name in ("lab", "attic"):
            self.ada.create_channel(name)
        self.ada.publish("lab", package("first"))
        self.quarantines: list[int] = []

    def teardown(self) -> None:
        for name in SPLICED:
            self.read(name)
        self.world.close()
        self._folder.cleanup()

    @rule(name=st.sampled_from(SPLICED))
    def read(self, name: str) -> None:
        assert self.ada.download("lab", "noarch", name) == anew(self.ada, name)

    @rule(filename=FILES, kind=st.sampled_from(sorted(KINDS)))
    def publish(self, filename: str, kind: str) -> None:
        name, version, rest = filename.split("-")
        extension: Extension = "conda" if rest.endswith("conda") else "tar.bz2"
        exports = {"weak": [f"lib{kind}"]}
        built = package(name, version, extension=extension, index=KINDS[kind], run_exports=exports)
        with suppress(QuarantinedError):
            self.ada.publish("lab", built, force=True)

    @rule(filename=FILES)
    def delete(self, filename: str) -> None:
        self._try(lambda: self.ada.delete("lab", f"noarch/{filename}"))

    @rule(filename=FILES, also_hide=st.booleans())
    def yank(self, filename: str, *, also_hide: bool) -> None:
        yanking = self.world.registry.yanking
        act = yanking.yank(self.ada.viewer, self._batch(filename), "broken", also_hide=also_hide)
        self._try(lambda: self.world.run(act))

    @rule(filename=FILES)
    def unyank(self, filename: str) -> None:
        act = self.world.registry.yanking.unyank(self.ada.viewer, self._batch(filename))
        self._try(lambda: self.world.run(act))

    @rule(filename=FILES, license_=st.sampled_from(["MIT", '"},"x-1-0.conda":{"']))
    def patch(self, filename: str, license_: str) -> None:
        changes = {"license": license_, "run_exports": {"strong": ["patched"]}}
        act = self.world.registry.patching.patch(
            self.ada.viewer, "lab", FileName("noarch", filename), changes
        )
        self._try(lambda: self.world.run(act))

    @rule(filename=FILES)
    def instruct(self, filename: str) -> None:
        text = b'{"patch_instructions_version":1,"remove":["%b"]}' % filename.encode()
        patching = self.world.registry.patching
        self.world.run(patching.set_instructions(self.ada.viewer, "lab", "noarch", text))

    @rule(base=st.sampled_from(["", "attic"]))
    def relate(self, base: str) -> None:
        change = ChannelChange(relation_base=base)
        self.world.run(self.world.registry.channels.update(self.ada.viewer, "lab", change))

    @rule(filename=FILES, action=st.sampled_from(QuarantineAction))
    def quarantine(self, filename: str, action: QuarantineAction) -> None:
        chosen = Selection((ChannelFile("lab", "noarch", filename),))
        new = NewQuarantine(action, "unsafe", chosen)
        quarantines = self.world.registry.quarantines
        with suppress(NotFoundError):
            view, _ = self.world.run(quarantines.apply(self.world.operator.viewer, new))
            self.quarantines.append(view.id)

    @rule()
    def release(self) -> None:
        if self.quarantines:
            operator, ident = self.world.operator.viewer, self.quarantines.pop()
            self.world.run(self.world.registry.quarantines.revoke(operator, ident))

    def _try(self, act: Callable[[], object]) -> None:
        with suppress(NotFoundError, QuarantinedError):
            act()

    def _batch(self, filename: str) -> Batch:
        return Batch("lab", (FileName("noarch", filename),))


TestSubdir = Subdir.TestCase
TestSubdir.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


# What is copied, and what is done where that cannot be


@pytest.fixture
def shelf(owner: Person) -> Person:
    """Two files, and every document that is made of its predecessor."""
    for name in ("alpha", "omega"):
        owner.publish("lab", package(name))
    for name in SPLICED:
        owner.download("lab", "noarch", name)
    return owner


def spoil(world: World) -> None:
    """Let every row say something else without telling the revision."""
    sql = "UPDATE artifact SET record = $record, run_exports_json = $exports"
    said = {"record": b'{"spoilt":""}', "exports": '{"weak":["spoilt"]}'}
    world.run(world.database.transact(rows, sql, **said))


@pytest.mark.parametrize("name", SPLICED)
def test_what_did_not_change_is_copied(world: World, shelf: Person, name: str) -> None:
    before = shelf.download("lab", "noarch", name)
    spoil(world)
    shelf.publish("lab", package("middle"))
    after = shelf.download("lab", "noarch", name)
    assert b"spoilt" not in after
    place = after.index(b'"middle-1.0-0.conda"')
    inserted = len(after) - len(before)
    assert after[:place] + after[place + inserted :] == before


@pytest.mark.parametrize("name", SPLICED)
@pytest.mark.parametrize("fault", ["missing", "damaged", "foreign"])
def test_a_predecessor_that_is_no_use_is_done_without(
    world: World, shelf: Person, name: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = shelf.find("lab", "noarch", name)
    if fault == "missing":
        world.store.delete(found.blake3)
    elif fault == "damaged":
        place = world.store.path(found.blake3)
        assert place is not None
        stored = Path(place)
        content = stored.read_bytes()
        stored.unlink()
        stored.write_bytes(content.replace(b"alpha", b"delta"))
    else:
        foreign = world.store.put(b'{"packages":"none"}').blake3
        sql = "UPDATE document SET blake3 = $blake3 WHERE name = $name"
        world.run(world.database.transact(rows, sql, blake3=foreign, name=name))
    shelf.publish("lab", package("middle"))
    with caplog.at_level(logging.WARNING):
        assert shelf.download("lab", "noarch", name) == anew(shelf, name)
    assert f"lab/noarch/{name} is rendered from all rows" in caplog.text


def test_two_that_render_at_once_agree(world: World, shelf: Person) -> None:
    other = assemble(world.database, world.store, clock=world.clock, hasher=CHEAP)
    shelf.publish("lab", package("middle"))

    async def both() -> list[StoredFile]:
        asks = (
            each.indexing.file(shelf.viewer, "lab", "noarch", "repodata.json")
            for each in (world.registry, other)
        )
        return list(await asyncio.gather(*asks))

    first, second = world.run(both())
    assert first == second
    assert shelf.download("lab", "noarch", "repodata.json") == anew(shelf, "repodata.json")
