"""How fast packages come in, by the size of the channel, and beside a bare loop for a large one."""

import hashlib
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import zstandard
from blake3 import blake3

from benchmarks.measure import fsync_series
from benchmarks.records import SUBDIR
from benchmarks.wire.clients import Load, send_file, small_packages, upload_all
from benchmarks.wire.figures import Figure, figure
from benchmarks.wire.servers import graphrepo
from benchmarks.wire.site import PUBLIC, SIZES
from benchmarks.wire.terms import Terms
from tests.builders import package

_WARM = 20  # uploads that are not measured: whatever happens only once
_EACH = 60  # uploads in a repeat
_BLOCK = 1024 * 1024
_GIBI = 1024**3


def uploads(terms: Terms) -> Iterator[Figure]:
    """Measure one client in channels of three sizes: rate and processor time."""
    costs: dict[int, list[Load]] = {size: [] for size in SIZES}
    for size in SIZES:
        data = terms.sites.filled(size)
        token = terms.sites.token(data)
        disk = fsync_series(data)
        with graphrepo(data) as server:
            upload_all(server, PUBLIC, token, small_packages(_WARM))
            for _ in range(terms.repeats):
                costs[size].append(upload_all(server, PUBLIC, token, small_packages(_EACH)))
        rates = [load.rate for load in costs[size]]
        title = f"uploads of 5 KB, 1 client, channel of {size:,}"
        yield figure(title, "/s", rates, 100, limit=[1 / disk.median], limit_of="fsyncs/s")
    base = [load.cpu / load.count * 1000 for load in costs[SIZES[0]]]
    for size in SIZES[1:]:
        each = [load.cpu / load.count * 1000 for load in costs[size]]
        title = f"CPU of an upload, channel of {size:,}"
        of = f"{SIZES[0]:,} files:"
        yield figure(title, "ms", each, 1.2, limit=base, limit_of=of, is_ratio=True, at_most=True)


def parallel(terms: Terms) -> Iterator[Figure]:
    """Measure four clients at once, each upload acknowledged as new."""
    data = terms.sites.filled(SIZES[1])
    token = terms.sites.token(data)
    with graphrepo(data) as server:
        upload_all(server, PUBLIC, token, small_packages(_WARM))
        rates = [
            upload_all(server, PUBLIC, token, small_packages(_EACH * 2), clients=4).rate
            for _ in range(terms.repeats)
        ]
    yield figure("uploads of 5 KB, 4 clients", "/s", rates, 150)


def gigabyte(terms: Terms) -> Iterator[Figure]:
    """Measure 1 GiB, beside a loop that reads, hashes and writes the file and does nothing else."""
    data = terms.sites.filled(SIZES[0])
    token = terms.sites.token(data)
    ours: list[float] = []
    bare: list[float] = []
    with graphrepo(data, settings={"GRAPHREPO_MAX_UPLOAD_BYTES": "2GiB"}) as server:
        for _ in range(min(2, terms.repeats)):
            file = huge_package(terms.folder)
            size = file.stat().st_size / 1e6
            bare.append(size / _seconds_of_bare_loop(file, terms.folder / "copy"))
            ours.append(size / send_file(server, PUBLIC, token, file))
            file.unlink()
    title = "upload of 1 GiB"
    yield figure(title, "MB/s", ours, 0.8, limit=bare, limit_of="bare loop", is_ratio=True)


def huge_package(folder: Path) -> Path:
    """Write a package file of 1 GiB whose payload is noise, and return it."""
    build = f"b{os.urandom(4).hex()}_0"
    small = package("huge", build=build, subdir=SUBDIR)
    file = folder / small.filename
    noise = zstandard.compress(os.urandom(_BLOCK))  # a frame; many of them are one file
    with zipfile.ZipFile(small.open()) as source, zipfile.ZipFile(file, "w") as target:
        for member in source.infolist():
            if not member.filename.startswith("pkg-"):
                target.writestr(member, source.read(member))
                continue
            with target.open(member.filename, "w") as payload:
                for _ in range(_GIBI // _BLOCK):
                    payload.write(noise)
    return file


def _seconds_of_bare_loop(file: Path, copy: Path) -> float:
    hashes = (blake3(), hashlib.sha256(), hashlib.md5(usedforsecurity=False))
    begin = time.perf_counter()
    with file.open("rb") as source, copy.open("wb") as target:
        while block := source.read(_BLOCK):
            for each in hashes:
                each.update(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    copy.unlink()
    return time.perf_counter() - begin
