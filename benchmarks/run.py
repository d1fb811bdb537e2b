"""How fast bytes go over the wire, beside what the machine can do; docs/performance.md explains.

``python -m benchmarks.run --json out.json`` from the root of the repository takes about ten
minutes; names of measurements choose some of them.
"""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from benchmarks.records import SOURCE
from benchmarks.wire import living, reading, uploading
from benchmarks.wire.figures import Figure, table
from benchmarks.wire.site import Sites
from benchmarks.wire.terms import Terms

MEASUREMENTS: Mapping[str, Callable[[Terms], Iterator[Figure]]] = MappingProxyType(
    {
        "artifact": reading.artifact,
        "private": reading.private,
        "large": reading.large,
        "slow": reading.slow,
        "repodata": reading.repodata,
        "unchanged": reading.unchanged,
        "shard": reading.shard,
        "uploads": uploading.uploads,
        "parallel": uploading.parallel,
        "gigabyte": uploading.gigabyte,
        "health": living.health,
        "start": living.start,
        "workers": living.workers,
    }
)


def main() -> None:
    """Measure what the command line asks for, print the table, write JSON."""
    options = _options()
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="graphrepo-wire-", dir=options.dir) as folder:
        sites = Sites(Path(folder), options.source)
        terms = Terms(sites, Path(folder), options.repeats, options.seconds)
        for name in options.names or MEASUREMENTS:
            print(f"{name} …", flush=True)
            for each in MEASUREMENTS[name](terms):
                found.append(each)
                print(table([each]).splitlines()[-1], flush=True)
    print(f"\n{table(found)}")
    if options.json:
        document = {"machine": _machine(), "figures": [each.as_json() for each in found]}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


def _machine() -> dict[str, object]:
    load = os.getloadavg()[0]
    return {"cores": os.cpu_count(), "python": platform.python_version(), "load": load}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", choices=[*MEASUREMENTS, []], help="what to measure")
    add("--repeats", type=int, default=3, help="measurements of each kind")
    add("--seconds", type=int, default=2, help="that one of them takes")
    add("--source", type=Path, default=SOURCE, help="a repodata.json.zst of real records")
    add("--dir", type=Path, help="where to work; on the disk that is to be measured")
    add("--json", type=Path, help="write all figures here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
