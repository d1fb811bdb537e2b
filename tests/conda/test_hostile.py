"""Packages made to exhaust the server: each is read in a process of its own, and weighed."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from graphrepo.conda.limits import Limits
from graphrepo.web.errors import STATUS
from tests.conda.hostile import HOSTILE, bomb, zst_of

MEMORY = 64 * 10**6
"""Bytes that reading the worst package may add to the process."""

SECONDS = 2.0
"""Of a processor's time that it may take."""


READ = """
import os, sys, time
from pathlib import Path
from graphrepo.conda.limits import Limits
from graphrepo.conda.package import read_package
from graphrepo.errors import InvalidPackageError

def kilobytes(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key))

def weigh(path):
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before, begun = kilobytes("VmRSS"), time.process_time()
    try:
        with path.open("rb") as file:
            read_package(file, path.name, target_subdir=None, now_ms=2**42, limits=Limits())
        verdict = "accepted"
    except InvalidPackageError as error:
        verdict = error.code
    spent = time.process_time() - begun
    print(path.parent.name, verdict, (kilobytes("VmHWM") - before) * 1024, spent, sep="|")

for path in map(Path, sys.argv[1:]):
    if os.fork():
        os.wait()
    else:
        weigh(path)
        sys.stdout.flush()
        os._exit(0)
"""


@pytest.fixture(scope="module")
def weighed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, int, float]]:
    """Verdict, bytes and seconds of each, read by a process that has read nothing before."""
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("weighs memory on Linux")
    folder = tmp_path_factory.mktemp("hostile")
    paths = [_laid_down(folder / name, *HOSTILE[name][:2]) for name in HOSTILE]
    command = [sys.executable, "-c", READ, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    lines = (line.split("|") for line in done.stdout.splitlines())
    return {name: (verdict, int(size), float(spent)) for name, verdict, size, spent in lines}


def _laid_down(folder: Path, build: Callable[[], bytes], extension: str) -> Path:
    folder.mkdir()
    path = folder / f"a-1-0.{extension}"
    path.write_bytes(build())
    return path


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_package_costs_little(
    name: str, weighed: dict[str, tuple[str, int, float]]
) -> None:
    verdict, memory, seconds = weighed[name]
    assert verdict == HOSTILE[name][2]
    assert memory < MEMORY
    assert seconds < SECONDS
    assert verdict == "accepted" or STATUS[verdict] == 422


def test_the_bomb_is_over_every_limit() -> None:
    unpacked = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(zst_of(bomb())))
    size = sum(len(chunk) for chunk in iter(lambda: unpacked.read(2**20), b""))
    assert size > 3 * Limits().info_bytes > 3 * Limits().scan_bytes
