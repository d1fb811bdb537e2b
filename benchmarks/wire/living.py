"""How the process lives: its health while it works hard, its start, its memory, its siblings."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from benchmarks.wire.clients import Asked, NotMeasuredError, small_packages, upload_all, wrk_script
from benchmarks.wire.figures import Figure, figure
from benchmarks.wire.servers import Server, graphrepo
from benchmarks.wire.site import CLOSED, PUBLIC, SIZES, address, fetched
from benchmarks.wire.terms import Terms

_LARGEST = SIZES[-1]
_MIX = Path(__file__).with_name("mix.lua")
_QUERY = "{channel(name:%s){name packages(limit:20){page{name summary latestVersion}}}}"


def health(terms: Terms) -> Iterator[Figure]:
    """Measure the 99th percentile of /healthz while files come in and repodata.json is rendered."""
    data = terms.sites.filled(_LARGEST)
    token = terms.sites.token(data)
    seconds = terms.seconds * 3
    with graphrepo(data) as server:
        idle = [_probe(server, seconds)]
        done = Event()
        with ThreadPoolExecutor(2) as pool:
            busy = [
                pool.submit(_keep_uploading, server, token, done),
                pool.submit(_keep_asking, server, done),
            ]
            slow = [_probe(server, seconds) for _ in range(terms.repeats)]
            done.set()
            rendered = [each.result() for each in busy][1]
    if not rendered:
        raise NotMeasuredError("Nothing was rendered meanwhile; measure for longer.")
    title = f"/healthz p99 while uploading and rendering {_LARGEST:,} records"
    yield figure(title, "ms", slow, 20, limit=idle, limit_of="idle", at_most=True)


def start(terms: Terms) -> Iterator[Figure]:
    """Measure from the command until the first answer, and the memory of the worker after that."""
    data = terms.sites.filled(_LARGEST)
    times: list[float] = []
    resident: list[float] = []
    for _ in range(terms.repeats):
        begin = time.perf_counter()
        with graphrepo(data) as server:
            times.append(time.perf_counter() - begin)
            fetched(server, Asked(address(PUBLIC, "repodata_shards.msgpack.zst")))
            resident.append(server.memory())
    limit = [_seconds_of_python() for _ in range(terms.repeats)]
    title = f"start to first answer, {_LARGEST:,} artifacts"
    yield figure(title, "s", times, 1.5, limit=limit, limit_of="imports", at_most=True)
    yield figure("resident memory of the worker after that", "MB", resident, 150, at_most=True)


def workers(terms: Terms) -> Iterator[Figure]:
    """Measure two workers beside one, on a mix of documents, shards, artifacts and queries."""
    shelf = terms.sites.shelf
    rates: dict[int, list[float]] = {1: [], 2: []}
    for count in (1, 2):
        with graphrepo(shelf.data, workers=count) as server:
            mix = _mix_of(server, terms)
            wrk_script(server, _MIX, mix, 16, 1)
            for _ in range(terms.repeats):
                rates[count].append(wrk_script(server, _MIX, mix, 16, terms.seconds).rate)
    yield figure(
        "2 workers, mixed reads", "/s", rates[2], 1.7, limit=rates[1], limit_of="1:", is_ratio=True
    )


def _mix_of(server: Server, terms: Terms) -> list[str]:
    """Return the arguments of ``mix.lua``."""
    shelf = terms.sites.shelf
    document = address(PUBLIC, "repodata.json.zst")
    _, headers = fetched(server, Asked(document))
    artifact = address(CLOSED, shelf.artifact)
    query = json.dumps({"query": _QUERY % json.dumps(PUBLIC)})
    return [shelf.token, document, headers["etag"], artifact, query]


def _probe(server: Server, seconds: float) -> float:
    """Return the 99th percentile in ms, asked from a process that does nothing else."""
    program = (sys.executable, "-m", "benchmarks.wire.probe", server.url, str(seconds))
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _keep_uploading(server: Server, token: str, done: Event) -> None:
    while not done.is_set():
        upload_all(server, PUBLIC, token, small_packages(5))


def _keep_asking(server: Server, done: Event) -> int:
    count = 0
    while not done.is_set():
        fetched(server, Asked(address(PUBLIC, "repodata.json.zst")))
        count += 1
    return count


def _seconds_of_python() -> float:
    begin = time.perf_counter()
    subprocess.run((sys.executable, "-c", "import graphrepo.app"), check=True)
    return time.perf_counter() - begin
