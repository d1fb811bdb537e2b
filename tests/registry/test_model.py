"""After any sequence of changes, all documents say the same, and what a simple model says."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from graphrepo.errors import NotFoundError
from graphrepo.registry.dependents import misnoted
from graphrepo.registry.requests import Batch, FileName
from tests.builders import Built, Extension, package
from tests.clocks import HandClock
from tests.registry.listing import comparable, union_of_shards
from tests.registry.world import World

NAMES = st.sampled_from(["alpha", "beta"])
VERSIONS = st.sampled_from(["1.0", "1.1"])
EXTENSIONS: st.SearchStrategy[Extension] = st.sampled_from(["conda", "tar.bz2"])
FILES = st.sampled_from(
    [
        f"{name}-{version}-0.{extension}"
        for name in ("alpha", "beta")
        for version in ("1.0", "1.1")
        for extension in ("conda", "tar.bz2")
    ]
)


class Channel(RuleBasedStateMachine):
    """A channel beside a dictionary that says which files it lists, and as what."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self._folder.name), HandClock())
        self.ada = self.world.person("ada")
        self.ada.create_channel("lab")
        self.live: dict[str, Built] = {}
        self.yanked: dict[str, str] = {}
        self.patched: dict[str, list[str]] = {}

    def teardown(self) -> None:
        self.world.close()
        self._folder.cleanup()

    @rule(name=NAMES, version=VERSIONS, extension=EXTENSIONS, flavour=st.integers(0, 1))
    def publish(self, name: str, version: str, extension: Extension, flavour: int) -> None:
        needs = ["c >=1"] if flavour else []
        built = package(
            name, version, extension=extension, files={"f": bytes([flavour])}, depends=needs
        )
        self.ada.publish("lab", built, force=True)
        if self.live.get(built.filename) != built:
            self.yanked.pop(built.filename, None)
        self.live[built.filename] = built

    @rule(filename=FILES)
    def delete(self, filename: str) -> None:
        if self._known(filename, lambda: self.ada.delete("lab", f"noarch/{filename}")):
            del self.live[filename]
            self.yanked.pop(filename, None)

    @rule(filename=FILES)
    def yank(self, filename: str) -> None:
        yanking = self.world.registry.yanking
        if self._known(
            filename,
            lambda: self.world.run(yanking.yank(self.ada.viewer, self._batch(filename), "broken")),
        ):
            self.yanked[filename] = "broken"

    @rule(filename=FILES)
    def unyank(self, filename: str) -> None:
        yanking = self.world.registry.yanking
        if self._known(
            filename,
            lambda: self.world.run(yanking.unyank(self.ada.viewer, self._batch(filename))),
        ):
            self.yanked.pop(filename, None)

    @rule(filename=FILES, depends=st.sampled_from([[], ["a >=1"], ["b"]]))
    def patch(self, filename: str, depends: list[str]) -> None:
        patching = self.world.registry.patching
        changes = {"depends": depends} if depends else {}
        if self._known(
            filename,
            lambda: self.world.run(
                patching.patch(self.ada.viewer, "lab", FileName("noarch", filename), changes)
            ),
        ):
            self.patched[filename] = depends

    @invariant()
    def documents_agree_with_each_other_and_with_the_model(self) -> None:
        listed = self.ada.repodata("lab")
        assert comparable(listed) == comparable(union_of_shards(self.ada, "lab"))
        records = listed["packages"] | listed["packages.conda"]
        assert set(records) == set(self.live) - set(self.yanked)
        assert listed["removed"] == sorted(self.yanked)
        for filename, record in records.items():
            assert record["sha256"] == self.live[filename].sha256
            assert record["depends"] == self._depends(filename)
            assert record.get("legacy_bz2_md5") == self._twin_md5(filename)

    @invariant()
    def what_each_package_depends_on_is_noted(self) -> None:
        assert self.world.run(self.world.database.read(lambda: list(misnoted()))) == []

    def _known(self, filename: str, act: Callable[[], object]) -> bool:
        try:
            act()
        except NotFoundError:
            assert filename not in self.live
            return False
        assert filename in self.live
        return True

    def _batch(self, filename: str) -> Batch:
        return Batch("lab", (FileName("noarch", filename),))

    def _depends(self, filename: str) -> list[str]:
        """Return what patches leave: a .conda obeys its twin's, and then its own on top."""
        stem = filename.removesuffix(".conda").removesuffix(".tar.bz2")
        spoken = [filename, f"{stem}.tar.bz2"] if filename.endswith(".conda") else [filename]
        for name in spoken:
            if self.patched.get(name):
                return self.patched[name]
        return self.live[filename].index["depends"]

    def _twin_md5(self, filename: str) -> str | None:
        twin = self.live.get(filename.replace(".conda", ".tar.bz2"))
        return twin.md5 if twin and filename.endswith(".conda") else None


TestChannel = Channel.TestCase
TestChannel.settings = settings(
    max_examples=15,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
