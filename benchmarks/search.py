"""How long a search takes: package names by likeness, and paths; and what paths cost to keep.

``python -m benchmarks.search --names 100000`` from the root of the repository. Names are those
of the real records, multiplied by putting words of them together anew. Paths are those that
this Python's own packages installed, one package each.
"""

import argparse
import importlib.metadata
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.fill import settle
from benchmarks.measure import series
from benchmarks.records import SOURCE, real_records
from graphrepo.access.viewer import ANONYMOUS
from graphrepo.clock import system_clock
from graphrepo.model.database import rows
from graphrepo.model.entities import Channel, Package
from graphrepo.model.paths import keep_paths
from graphrepo.registry.requests import ListQuery, Order
from graphrepo.registry.views import Window
from tests.builders import package
from tests.registry.world import World

_CHANNELS = 300
_TEXTS = ("numpy", "python", "lib", "py", "r", "nmupy", "pyhton", "scikitlearn", "no such name")
_PATTERNS = ("numpy/__init__.py", "*.dist-info/RECORD", "__init__", "bin/pytest", "nothing.here")
_REPEATS = 9
_MOST = 200  # packages whose paths are kept


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--names", type=int, default=100_000, help="distinct package names")
    parser.add_argument("--source", type=Path, default=SOURCE, help="a repodata.json.zst")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="graphrepo-benchmark-"))
    try:
        world = World(folder, system_clock)
        _, wall = _timed(lambda: world.run(world.database.transact(_fill, options)))
        print(f"{options.names:,} names in {_CHANNELS} channels, filled in {wall:.1f} s")
        world.close()
        settle(folder)
        world = World(folder, system_clock)
        names(world)
        paths(world)
        world.close()
    finally:
        shutil.rmtree(folder)


def names(world: World) -> None:
    """Print how long it takes to order all packages by how alike they are to a text."""
    for text in (None, *_TEXTS):
        order = text and Order("name", descending=True, alike_to=text)
        query = ListQuery(Window(50), order=order or None)
        page = world.run(world.registry.catalog.packages(ANONYMOUS, query))
        times = _times(
            lambda query=query: world.run(world.registry.catalog.packages(ANONYMOUS, query))
        )
        print(f"{text!s:>14}  {times}  {', '.join(found.name for found in page.items[:4])}")


def paths(world: World) -> None:
    """Print what it costs to keep the paths of real packages, and to search them."""
    owner = world.person("owner")
    owner.create_channel("paths")
    lists = [
        [str(path) for path in found.files or ()]
        for found in list(importlib.metadata.distributions())[:_MOST]
    ]
    idents = [
        owner.publish("paths", package(f"package-{number}", files={})).artifact.id
        for number in range(len(lists))
    ]
    world.run(world.database.transact(_forget_paths, idents))
    before = world.run(world.database.read(_bytes))
    _, wall = _timed(lambda: world.run(world.database.transact(_keep, idents, lists)))
    count = sum(map(len, lists))
    grown = world.run(world.database.read(_bytes)) - before
    print(
        f"{count:,} paths of {len(lists)} packages: {grown / count:.1f} bytes a path,"
        f" {wall / len(lists) * 1000:.1f} ms a package"
    )
    search = world.registry.search
    for pattern in _PATTERNS:
        page = world.run(search.paths(ANONYMOUS, pattern, Window(50)))
        times = _times(
            lambda pattern=pattern: world.run(search.paths(ANONYMOUS, pattern, Window(50)))
        )
        print(f"{pattern:>20}  {times}  {page.total} files")


def _fill(options: argparse.Namespace) -> None:
    chance = random.Random(1)  # noqa: S311 - the same names each time
    real = sorted({listed.name for listed in real_records(options.source)})
    words = sorted({word for name in real for word in name.split("-")})
    names = set(real)
    while len(names) < options.names:
        parts = chance.choice(real).split("-")
        parts[chance.randrange(len(parts))] = chance.choice(words)
        names.add("-".join([*parts, *chance.sample(words, chance.randrange(2))])[:64])
    channels = [
        Channel(name=f"channel-{number}", is_public=True, created_at=0, updated_at=0)
        for number in range(_CHANNELS)
    ]
    for name in sorted(names)[: options.names]:
        count, summary = chance.randint(1, 50), "A real name, or one made of real words."
        Package(channel=chance.choice(channels), name=name, artifact_count=count, summary=summary)


def _forget_paths(idents: list[int]) -> None:
    for ident in idents:
        rows("DELETE FROM artifact_paths WHERE artifact_id = $id", id=ident)


def _keep(idents: list[int], lists: list[list[str]]) -> None:
    for ident, paths in zip(idents, lists, strict=True):
        keep_paths(ident, paths)


def _bytes() -> int:
    return rows("PRAGMA page_count")[0][0] * rows("PRAGMA page_size")[0][0]


def _times(work: Callable[[], object]) -> str:
    found = series([_timed(work)[1] * 1000 for _ in range(_REPEATS)])
    return f"{found.median:6.1f} ms ({found.least:.1f} to {found.most:.1f})"


def _timed(work: Callable[[], object]) -> tuple[object, float]:
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


if __name__ == "__main__":
    main()
