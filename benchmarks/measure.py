"""What a step costs: time on the wall, processor time, bytes written; and what a series shows."""

import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import psutil

P = ParamSpec("P")
T = TypeVar("T")

_ME = psutil.Process()
_LAST_WORDS = 2_000  # characters
_REFERENCE = 4096  # bytes, the least that a disk writes


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall, seconds of processor time over all threads, bytes given to writes."""

    wall: float
    cpu: float
    written: int


@dataclass(frozen=True, slots=True)
class Series:
    """The middle of repeated measurements, and how far they lie apart."""

    median: float
    least: float
    most: float
    count: int


def measured(work: Callable[[], T]) -> tuple[T, Cost]:
    """Do the work; return its result and its cost for this process."""
    written = _written()
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return result, Cost(wall, cpu, _written() - written)


def measured_program(command: Sequence[str | Path]) -> Cost:
    """Run another program to its end and return its cost, its start included; quiet if all is well.

    Raises:
        CalledProcessError: it failed, and its last words were printed.
    """
    before, wall = _of_children(), time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-_LAST_WORDS:])
    done.check_returncode()
    wall, after = time.perf_counter() - wall, _of_children()
    written = (after.ru_oublock - before.ru_oublock) * 512  # POSIX: blocks of 512 bytes
    return Cost(wall, _seconds(after) - _seconds(before), written)


def series(values: Sequence[float]) -> Series:
    """Return the median and the extremes."""
    return Series(statistics.median(values), min(values), max(values), len(values))


def series_of(costs: Sequence[Cost]) -> dict[str, Series]:
    """Return a series for each kind of cost."""
    rows = [asdict(cost) for cost in costs]
    return {kind: series([row[kind] for row in rows]) for kind in ("wall", "cpu", "written")}


def alone(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do the work in a new process, which has nothing else in its memory and caches."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def fsync_series(folder: Path, repeats: int = 25) -> Series:
    """Return how long this disk takes to make 4 KiB durable: nothing acknowledged is faster."""
    with tempfile.TemporaryFile(dir=folder) as file:
        return series(
            [measured(lambda: _write_through(file.fileno()))[1].wall for _ in range(repeats)]
        )


def _write_through(descriptor: int) -> None:
    os.write(descriptor, b"\x00" * _REFERENCE)
    os.fsync(descriptor)


def _written() -> int:
    return _ME.io_counters().write_chars


def _of_children() -> resource.struct_rusage:
    return resource.getrusage(resource.RUSAGE_CHILDREN)


def _seconds(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime
