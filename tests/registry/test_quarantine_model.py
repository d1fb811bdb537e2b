"""After any sequence of changes and quarantines, the index is what the quarantines leave of it."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from graphrepo.errors import NotFoundError, QuarantinedError
from graphrepo.registry.quarantine_views import (
    ChannelFile,
    NewQuarantine,
    QuarantineAction,
    QuarantineChange,
    Selection,
)
from graphrepo.registry.requests import Batch, FileName
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.listing import comparable, union_of_shards
from tests.registry.world import World

BUILT = {
    built.filename: built
    for name in ("alpha", "beta")
    for built in (package(name), package(name, extension="tar.bz2"))
}
FILES = st.sampled_from(sorted(BUILT))
ACTIONS = st.sampled_from(QuarantineAction)


class Channel(RuleBasedStateMachine):
    """A channel, what its owner made of its files, and the quarantines in force."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self._folder.name), HandClock())
        self.ada = self.world.person("ada")
        self.ada.create_channel("lab")
        for built in BUILT.values():
            self.ada.publish("lab", built)
        self.live = set(BUILT)
        self.yanked: set[str] = set()
        self.actions: dict[int, QuarantineAction] = {}
        self.files: dict[int, frozenset[str]] = {}

    def teardown(self) -> None:
        self.world.close()
        self._folder.cleanup()

    @rule(filename=FILES)
    def publish(self, filename: str) -> None:
        refused = filename in self._held(QuarantineAction.DELETE)
        expected = pytest.raises(QuarantinedError) if refused else nullcontext()
        with expected:
            self.ada.publish("lab", BUILT[filename])
            self.live.add(filename)

    @rule(filename=FILES)
    def delete(self, filename: str) -> None:
        if self._done(filename, lambda: self.ada.delete("lab", f"noarch/{filename}")):
            self.live.discard(filename)
            self.yanked.discard(filename)

    @rule(filename=FILES)
    def yank(self, filename: str) -> None:
        yanking, batch = self.world.registry.yanking, self._batch(filename)
        if self._done(
            filename, lambda: self.world.run(yanking.yank(self.ada.viewer, batch, "mine"))
        ):
            self.yanked.add(filename)

    @rule(filename=FILES)
    def unyank(self, filename: str) -> None:
        yanking, batch = self.world.registry.yanking, self._batch(filename)
        if self._done(filename, lambda: self.world.run(yanking.unyank(self.ada.viewer, batch))):
            self.yanked.discard(filename)

    @rule(filenames=st.sets(FILES), action=ACTIONS)
    def apply(self, filenames: set[str], action: QuarantineAction) -> None:
        chosen = frozenset(filenames & self.live)
        if not chosen:
            return
        files = tuple(ChannelFile("lab", "noarch", name) for name in sorted(chosen))
        quarantines = self.world.registry.quarantines
        new = NewQuarantine(action, "malware", Selection(files))
        view, _ = self.world.run(quarantines.apply(self.world.operator.viewer, new))
        self.actions[view.id], self.files[view.id] = action, chosen

    @rule(place=st.integers(0, 9), action=ACTIONS)
    def update(self, place: int, action: QuarantineAction) -> None:
        for ident in [*self.actions][place : place + 1]:
            change = QuarantineChange(action)
            quarantines = self.world.registry.quarantines
            self.world.run(quarantines.update(self.world.operator.viewer, ident, change))
            self.actions[ident] = action

    @rule(place=st.integers(0, 9))
    def revoke(self, place: int) -> None:
        for ident in [*self.actions][place : place + 1]:
            quarantines = self.world.registry.quarantines
            self.world.run(quarantines.revoke(self.world.operator.viewer, ident))
            del self.actions[ident], self.files[ident]

    @invariant()
    def the_index_is_what_quarantines_leave(self) -> None:
        listed = self.ada.repodata("lab")
        assert comparable(listed) == comparable(union_of_shards(self.ada, "lab"))
        records = listed["packages"] | listed["packages.conda"]
        present = self.live - self._held(QuarantineAction.DELETE)
        assert set(records) == present - self.yanked - self._held()
        assert listed["removed"] == sorted(present & (self.yanked | self._held()))
        for filename, record in records.items():
            twin = filename.replace(".conda", ".tar.bz2")
            expected = BUILT[twin].md5 if twin in present - {filename} else None
            assert record.get("legacy_bz2_md5") == expected

    def _held(self, *actions: QuarantineAction) -> set[str]:
        """Return the files in quarantines in force of these actions, or of any."""
        wanted = actions or tuple(QuarantineAction)
        chosen = [self.files[ident] for ident, action in self.actions.items() if action in wanted]
        return set[str]().union(*chosen)

    def _done(self, filename: str, act: Callable[[], object]) -> bool:
        """Return whether an owner's change went through, as it must exactly if nothing forbids."""
        expected = self._expected(filename)
        with expected:
            act()
        return isinstance(expected, nullcontext)

    def _expected(self, filename: str) -> AbstractContextManager[object]:
        if filename not in self.live - self._held(QuarantineAction.DELETE):
            return pytest.raises(NotFoundError)
        return pytest.raises(QuarantinedError) if filename in self._held() else nullcontext()

    def _batch(self, filename: str) -> Batch:
        return Batch("lab", (FileName("noarch", filename),))


TestChannel = Channel.TestCase
TestChannel.settings = settings(
    max_examples=12,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
