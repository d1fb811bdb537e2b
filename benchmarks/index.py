"""How long until clients see an upload, and what that costs, by the size of the subdir.

``python -m benchmarks.index --records 1000 10000 --json out.json`` from the root of the
repository; ``--peers`` compares with other indexers. README.md says what is measured and how.
"""

import argparse
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.fill import settle
from benchmarks.measure import Cost, alone, fsync_series, measured, series_of
from benchmarks.memory import extra_memory
from benchmarks.peers import compare
from benchmarks.records import SOURCE
from benchmarks.report import SizeFigures, Steps, disk_line, peer_table, size_table
from benchmarks.site import DOCUMENTS, Site, filling, new_upload

_SIZES = (1_000, 10_000, 100_000, 500_000)


def main() -> None:
    """Measure what the command line asks for, print tables, write JSON."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="graphrepo-benchmark-", dir=options.dir))
    try:
        disk = fsync_series(folder)
        print(disk_line(disk), flush=True)
        sizes = [figures(folder, count, options) for count in options.records]
        peers = compare(folder, options.source, options.peers_python) if options.peers else []
    finally:
        shutil.rmtree(folder)
    print(size_table(sizes))
    print(peer_table(peers))
    if options.json:
        found = {"fsync": asdict(disk), "sizes": [asdict(size) for size in sizes]}
        found["peers"] = [asdict(peer) for peer in peers]
        options.json.write_text(json.dumps(found, indent=2) + "\n")


def figures(folder: Path, count: int, options: argparse.Namespace) -> SizeFigures:
    """Fill a channel and measure it, each in a process of its own."""
    data = folder / str(count)
    data.mkdir()
    _, filling_cost = measured(lambda: alone(filled, data, options.source, count))
    first, steps = alone(measure, data, options.repeats)
    memory = alone(extra_memory, data)
    shutil.rmtree(data)
    print(f"{count:,} records: measured.", flush=True)
    return SizeFigures(count, filling_cost.wall, first, steps, memory)


def filled(data: Path, source: Path, count: int) -> None:
    """Begin an installation in a directory with one channel of ``count`` files."""
    with Site(data) as site:
        site.begin(filling(source, count))
    settle(data)


def measure(data: Path, repeats: int) -> tuple[dict[str, Cost], Steps]:
    """Measure an installation; return the first renders, and series by step.

    Each document is measured after uploads of its own, so none profits from another's work.
    """
    with Site(data) as site:
        first = {name: measured(lambda name=name: site.fresh(name))[1] for name in DOCUMENTS}
        site.settle_in()
        for number, name in enumerate(DOCUMENTS):  # whatever only starts with the first change
            _step(site, name, number)
        uploads: list[Cost] = []
        steps: Steps = {}
        for position, name in enumerate(DOCUMENTS, 1):
            numbers = range(position * repeats, (position + 1) * repeats)
            pairs = [_step(site, name, number) for number in numbers]
            uploads += [upload for upload, _ in pairs]
            steps[name] = series_of([render for _, render in pairs])
    return first, {"upload": series_of(uploads), **steps}


def _step(site: Site, document: str, number: int) -> tuple[Cost, Cost]:
    """Upload and fetch; return what the upload cost, and the document from then on."""
    built = new_upload(document.replace(".", "_"), number)
    _, upload = measured(lambda: site.publish(built))
    found, render = measured(lambda: site.fresh(document))
    site.check(found)
    return upload, render


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index", description=__doc__)
    add = parser.add_argument
    add("--records", type=int, nargs="*", default=_SIZES, help="sizes of the subdir")
    add("--repeats", type=int, default=7, help="uploads measured for each document")
    add("--peers", action="store_true", help="compare with conda-index and py-rattler")
    add("--peers-python", default="python", help="an interpreter that has conda-index")
    add("--source", type=Path, default=SOURCE, help="a repodata.json.zst of real records")
    add("--dir", type=Path, help="where to work; on the disk that is to be measured")
    add("--json", type=Path, help="write all figures here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
