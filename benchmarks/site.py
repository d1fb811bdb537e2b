"""One installation that is measured: real rows, a real directory, the registry's own doors."""

from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from blake3 import blake3

from benchmarks.fill import fill
from benchmarks.records import SUBDIR, Listed, multiplied, real_records
from graphrepo.access.viewer import Viewer
from graphrepo.clock import milliseconds, system_clock
from graphrepo.model.database import rows
from graphrepo.registry.views import StoredFile
from tests.builders import Built, package
from tests.registry.world import Person, World

CHANNEL = "lab"
DOCUMENTS = ("repodata_shards.msgpack.zst", "repodata.json", "repodata.json.zst")

_PROBES = 32  # packages that receive the measured uploads
_FILES = 16  # each holds before: as many as a package of a real channel has on average
_LOGIN = "bench"
_SHELVES = 256


class NotMeasuredError(Exception):
    """What was timed is not what should be: the figures would be wrong."""


class Site:
    """A server without its web edge; everything runs as one person who may do all."""

    def __init__(self, data: Path) -> None:
        """Open the installation in a directory, or begin one."""
        self._world = World(data, system_clock)
        self._owner = Person(self._world, Viewer(1, _LOGIN, is_admin=True))

    def __enter__(self) -> Self:
        """Hold the database open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of it."""
        self._world.close()

    def begin(self, listed: list[Listed]) -> int:
        """Make the channel and fill it; return its number of files."""
        self._world.person(_LOGIN, is_admin=True)
        channel = self._owner.create_channel(CHANNEL)
        return fill(self._owner, channel, listed, milliseconds(system_clock()))

    def settle_in(self) -> None:
        """Keep a blob on every shelf of the store, as any server has after a day.

        A process makes sure of each directory once, with its first blob there.
        """
        numbered = ((blake3(text).hexdigest()[:2], text) for text in map(b"%d".__mod__, count()))
        shelves: dict[str, bytes] = {}
        while len(shelves) < _SHELVES:
            shelf, text = next(numbered)
            shelves[shelf] = text
        for text in shelves.values():
            self._world.store.put(text)

    def publish(self, built: Built) -> None:
        """Upload a package, from the bytes at hand to the acknowledgement."""
        if not self._owner.publish(CHANNEL, built).created:
            raise NotMeasuredError(f"{built.filename} was there before, so nothing was uploaded.")

    def fresh(self, name: str) -> StoredFile:
        """Return a document as a request finds it that begins now."""
        return self._owner.find(CHANNEL, SUBDIR, name)

    def forget(self, name: str) -> None:
        """Let a document that this process has not asked for be rendered from all rows."""
        world = self._world
        world.run(
            world.database.transact(rows, "DELETE FROM document WHERE name = $name", name=name)
        )

    def check(self, document: StoredFile) -> None:
        """Make sure that a document shows the present state.

        Raises:
            NotMeasuredError: it is older.
        """
        probe = _probe("probe-0", 0)
        if document.revision != self.fresh(probe.filename).revision:
            raise NotMeasuredError(f"{document.name} is older than the last upload.")


def filling(source: Path, total: int) -> list[Listed]:
    """Return ``total`` files to begin a channel with: real ones, and the probes.

    Measured uploads go to the probes, which are the same in a channel of any size: what an
    upload costs depends on its own package as well.
    """
    around = probes()
    return [*multiplied(real_records(source), total - len(around)), *around]


def probes() -> list[Listed]:
    """Return the files of the packages that measured uploads go to."""
    names = [f"probe-{number}" for number in range(_PROBES)]
    return [_probe(name, version) for name in names for version in range(_FILES)]


def new_upload(series: str, number: int) -> Built:
    """Return a small package that the channel does not have, of the name whose turn it is."""
    name = f"probe-{number % _PROBES}"
    build = f"{series}_{number}"
    return package(name, "2.0", build=build, subdir=SUBDIR, depends=["python >=3.11,<3.12.0a0"])


def _probe(name: str, version: int) -> Listed:
    built = package(name, f"1.{version}", subdir=SUBDIR, depends=["python >=3.10,<3.11.0a0"])
    return Listed(built.filename, built.index)
