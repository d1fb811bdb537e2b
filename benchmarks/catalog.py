"""An installation of many channels to ask GraphQL of: real names, filled row by row."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fill import fill, settle
from benchmarks.records import SUBDIR, Listed, filename_of, real_records
from graphrepo.access.viewer import AccessMode, Viewer
from graphrepo.clock import milliseconds, system_clock
from graphrepo.model.database import rows
from graphrepo.model.entities import Package
from graphrepo.model.paths import keep_paths
from graphrepo.registry.requests import NewApiKey
from tests.registry.world import Person, World

OWNER = "bench"
BIG = "big"
"""A package of the first channel that has more files than the largest page."""

_SUBDIRS = (SUBDIR, "osx-arm64")
_BIG_FILES = 600
_PATHS = 40  # of each of its files
_PRIVATE = 10  # one of so many channels is private
_LONGEST = 58  # letters of a name that is multiplied


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much an installation holds."""

    channels: int
    packages: int
    variants: int


def channel_name(number: int) -> str:
    """Return the name of a channel of the installation; the first ones are the biggest."""
    return f"channel-{number}"


def begin(data: Path, source: Path, sizes: Sizes) -> str:
    """Fill a directory and return a token of the owner of all channels."""
    world = World(data, system_clock)
    world.person(OWNER)
    owner = Person(world, Viewer(1, OWNER))
    first = 1
    for number, listed in sorted(_spread(source, sizes).items()):
        channel = owner.create_channel(channel_name(number), is_public=number % _PRIVATE != 1)
        first += fill(owner, channel, listed, milliseconds(system_clock()), _SUBDIRS, first)
    world.run(world.database.transact(_finish))
    new = NewApiKey("bench", AccessMode.ALL)
    _, token = world.run(world.registry.keys.create(owner.viewer, new))
    world.close()
    settle(data)
    return token


def add_names(data: Path, source: Path, count: int) -> None:
    """Add packages until there are so many distinct names, all made of the words of real ones."""
    world = World(data, system_clock)
    world.run(world.database.transact(_add_names, source, count))
    world.close()
    settle(data)


def _spread(source: Path, sizes: Sizes) -> Mapping[int, list[Listed]]:
    """Deal packages out to channels: a few are big and most are small, as with real ones."""
    chance = random.Random(1)  # noqa: S311 - the same installation each time
    numbers = range(sizes.channels)
    weights = [1 / (number + 10) for number in numbers]
    dealt: dict[int, list[Listed]] = defaultdict(list)
    for files in _packages(source, sizes):
        dealt[chance.choices(numbers, weights)[0]] += files
    dealt[0] += [_big(number) for number in range(_BIG_FILES)]
    return {number: dealt[number] for number in numbers if dealt[number]}


def _packages(source: Path, sizes: Sizes) -> Iterator[list[Listed]]:
    by_name: dict[str, list[Listed]] = defaultdict(list)
    for listed in real_records(source):
        by_name[listed.name].append(listed)
    names = list(by_name)
    share = sizes.variants / sizes.packages / (sum(map(len, by_name.values())) / len(names))
    for number in range(sizes.packages):
        family, place = divmod(number, len(names))
        files = by_name[names[place]]
        kept = files[: max(1, round(len(files) * share))]
        yield [_copy(listed, family, file) for file, listed in enumerate(kept)]


def _copy(listed: Listed, family: int, file: int) -> Listed:
    suffix = f"-f{family}" if family else ""
    name, subdir = listed.name[:_LONGEST] + suffix, _SUBDIRS[file % len(_SUBDIRS)]
    index = listed.index | {"name": name, "subdir": subdir}
    return Listed(filename_of(index), index)


def _big(number: int) -> Listed:
    index = {
        "name": BIG,
        "version": f"1.{number // 3}.0",
        "build": f"py3{number % 3}_0",
        "build_number": 0,
        "depends": ["python >=3.11,<3.12.0a0", "numpy >=1.26", "libstdcxx >=13"],
        "license": "BSD-3-Clause",
        "subdir": _SUBDIRS[number % 2],
    }
    return Listed(filename_of(index), index)


def _finish() -> None:
    """Count downloads, and keep the paths of the big package's files."""
    rows("INSERT INTO artifact_downloads (artifact_id, count) SELECT id, id % 1000 FROM artifact")
    rows("""INSERT INTO package_downloads (package_id, count)
        SELECT package_id, sum(id % 1000) FROM artifact GROUP BY package_id""")
    found = rows(
        "SELECT a.id FROM artifact a JOIN package p ON p.id = a.package_id WHERE p.name = $name",
        name=BIG,
    )
    for (ident,) in found:
        keep_paths(ident, [f"lib/python3.11/site-packages/big/part{n}.py" for n in range(_PATHS)])


def _add_names(source: Path, count: int) -> None:
    chance = random.Random(1)  # noqa: S311 - the same names each time
    real = sorted({listed.name for listed in real_records(source)})
    words = sorted({word for name in real for word in name.split("-")})
    known = {name for (name,) in rows("SELECT DISTINCT name FROM package")}
    channels = [ident for (ident,) in rows("SELECT id FROM channel")]
    while len(known) < count:
        parts = chance.choice(real).split("-")
        parts[chance.randrange(len(parts))] = chance.choice(words)
        name = "-".join([*parts, *chance.sample(words, chance.randrange(2))])[:64].strip("-")
        if name and name not in known:
            known.add(name)
            Package(channel=chance.choice(channels), name=name, artifact_count=1)
