"""The same change of one package, indexed by others.

conda-index and py-rattler index a directory of package files; so all three get a channel of the
same small real files. Ours holds their records, and its figure contains the upload as well.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.fill import settle
from benchmarks.measure import Cost, alone, measured, measured_program, series_of
from benchmarks.records import SUBDIR, Listed
from benchmarks.report import PeerFigures
from benchmarks.site import DOCUMENTS, NotMeasuredError, Site, filling, new_upload
from tests.builders import Built, package

PACKAGES = 20_500
_CHANGES = 3
# Left without ceremony: the interpreter sometimes crashes when it ends beside rattler's threads.
_WITH_RATTLER = """
import asyncio, os, sys
from rattler.index import index_fs
asyncio.run(index_fs(sys.argv[1]))
os._exit(0)
"""

Command = Sequence[str | Path]


def compare(folder: Path, source: Path, python: str) -> list[PeerFigures]:
    """Measure ours, conda-index (run by ``python``) and py-rattler's index_fs (run by us)."""
    listed = filling(source, PACKAGES)
    files = folder / "files"
    files.mkdir()
    for built in map(_built, listed):
        (files / built.filename).write_bytes(built.data)
    conda_index = [python, "-m", "conda_index", folder / "plain"]
    alike = [python, "-m", "conda_index", "--zst", "--write-shards", folder / "alike"]
    rattler = [sys.executable, "-c", _WITH_RATTLER, folder / "rattler"]
    return [
        alone(_ours, folder / "ours", listed),
        _measure_program("conda-index", conda_index, files),
        _measure_program("conda-index with .zst and shards", alike, files),
        _measure_program("py-rattler index_fs", rattler, files),
    ]


def _ours(data: Path, listed: list[Listed]) -> PeerFigures:
    data.mkdir()
    with Site(data) as site:
        site.begin(listed)
    settle(data)
    with Site(data) as site:
        first = measured(lambda: _fetch(site))[1]
        unchanged = measured(lambda: _fetch(site))[1]
        changes = [new_upload("peer", number) for number in range(_CHANGES)]
        costs = [measured(lambda built=built: _change(site, built))[1] for built in changes]
    name = "graphrepo: upload, shard index, repodata.json and .zst"
    return PeerFigures(name, first, unchanged, series_of(costs))


def _change(site: Site, built: Built) -> None:
    site.publish(built)
    _fetch(site)


def _fetch(site: Site) -> None:
    for name in DOCUMENTS:
        site.check(site.fresh(name))


def _measure_program(name: str, command: Command, files: Path) -> PeerFigures:
    channel = Path(command[-1])
    _link_channel(files.iterdir(), channel)
    first = measured_program(command)
    unchanged = measured_program(command)
    changed = [_change_program(command, new_upload("peer", number)) for number in range(_CHANGES)]
    return PeerFigures(name, first, unchanged, series_of(changed))


def _change_program(command: Command, built: Built) -> Cost:
    folder = Path(command[-1]) / SUBDIR
    (folder / built.filename).write_bytes(built.data)
    cost = measured_program(command)
    if built.filename not in (folder / "repodata.json").read_text():
        raise NotMeasuredError(f"{command[0]} did not index {built.filename}.")
    return cost


def _link_channel(files: Iterable[Path], channel: Path) -> None:
    for subdir in ("noarch", SUBDIR):  # a channel has both
        (channel / subdir).mkdir(parents=True)
    for file in files:
        os.link(file, channel / SUBDIR / file.name)


def _built(listed: Listed) -> Built:
    index = listed.index
    return package(
        index["name"], index["version"], build=index["build"], subdir=SUBDIR, index=index
    )
