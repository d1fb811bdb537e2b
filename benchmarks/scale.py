"""What PostgreSQL and an object store cost beside SQLite and a directory; three workers beside one.

    python -m benchmarks.scale [--seconds 3] [--files 100] [--docs docs/scale.md]

Every line is the same work by the real server: uploads of small packages by eight clients, and
``wrk`` with 16 connections asking for a shard, for ``repodata.json``, and for a page of GraphQL.
Processor time is that of the server's processes and, apart, that of PostgreSQL; divided by the
requests it depends less on what else the machine does than requests a second do. Round trips are
counted apart, on a line to PostgreSQL, with one client. The object store is Ceph's RGW where its
packages are installed, else moto, which takes more time than it should.
"""

import argparse
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psutil

from benchmarks.scale_tables import APART, COSTS, PLAIN, UPLOAD, Line, row, tables, write
from tests.builders import Built, package
from tests.databases import own_server, query, run_sql
from tests.postgres_line import PostgresLine
from tests.processes import serving
from tests.s3 import KEYS, shared_s3
from tests.server import Client, with_people
from tests.web.reading import SHARD_INDEX, said, shard_address

_CLIENTS = 8
_ASKED = 20  # times each kind, to count round trips
_GRAPHQL = "/api/graphql"
_PAGE = '{channel(name: "%s") {packages(limit: 20) {page {name latestVersion {version}}}}}'
_SCRIPT = """
wrk.method = "POST"
wrk.body = '{}'
wrk.headers["Content-Type"] = "application/json"
"""


class NotMeasuredError(Exception):
    """Requests failed: what they took means nothing."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A running server, and how to read the clocks."""

    place: str
    workers: int
    client: Client
    server: psutil.Process
    postgres: str | None

    def measured(self, request: str, work: Callable[[], tuple[int, float]], trips: float) -> Line:
        """Do the work, which returns its requests and seconds, and weigh it."""
        before = self._clocks()
        count, seconds = work()
        server, database = (b - a for a, b in zip(before, self._clocks(), strict=True))
        ms = 1000 / count
        rate = count / seconds
        return Line(self.place, self.workers, request, rate, server * ms, database * ms, trips)

    def _clocks(self) -> tuple[float, float]:
        server = _cpu([self.server, *self.server.children(recursive=True)])
        if self.postgres is None:
            return server, 0.0
        ((folder,),) = query(self.postgres, "SELECT current_setting('data_directory')")
        postmaster = int((Path(folder) / "postmaster.pid").read_text().split()[0])
        backends = psutil.Process(postmaster).children(recursive=True)
        return server, _cpu(backends)


def measure(
    setup: Setup, files: int, seconds: int, folder: Path, trips: Mapping[str, float]
) -> Iterator[Line]:
    """Upload, then read in each way; ``trips`` are those of each kind of request."""
    channel = setup.client.create_channel()
    built = [package(f"name{number // 4}", f"{number % 4}.0") for number in range(files)]
    upload = partial(_uploads, setup.client, channel, built)
    yield setup.measured(UPLOAD, upload, trips.get(UPLOAD, 0))
    script = folder / "page.lua"
    body = json.dumps({"query": _PAGE % channel}).replace("\\", "\\\\")
    script.write_text(_SCRIPT.replace("{}", body))
    for request, path in _reads(setup.client, channel).items():
        options = () if path else ("-s", script)
        url = f"{setup.client.url}{path or _GRAPHQL}"
        work = partial(_wrk, (*options, url), seconds)
        yield setup.measured(request, work, trips.get(request, 0))


def _reads(client: Client, channel: str) -> dict[str, str]:
    """Return the path of each kind of read; none for GraphQL."""
    folder = f"/{channel}/noarch"
    index = said(SHARD_INDEX, client.get(f"{folder}/{SHARD_INDEX}").content)
    shard = shard_address(next(iter(index["shards"].values())))
    return {
        "shard GET": f"{folder}/{shard}",
        "repodata.json GET": f"{folder}/repodata.json",
        "GraphQL page": "",
    }


def count_trips(client: Client, line: PostgresLine) -> dict[str, float]:
    """Return how often one request of each kind asks PostgreSQL, while nobody else asks."""
    channel = client.create_channel()
    client.publish(channel, package("first"))
    reads = _reads(client, channel)
    page = {"query": _PAGE % channel}
    found: dict[str, float] = {}
    for request, path in {UPLOAD: "", **reads}.items():
        before = line.statements
        for number in range(_ASKED):
            if request == UPLOAD:
                client.publish(channel, package(f"counted{number}"))
            elif path:
                client.get(path).raise_for_status()
            else:
                client.request("POST", _GRAPHQL, json=page).raise_for_status()
        found[request] = (line.statements - before) / _ASKED
    return found


def _uploads(client: Client, channel: str, files: list[Built]) -> tuple[int, float]:
    begun = time.perf_counter()
    with ThreadPoolExecutor(_CLIENTS) as pool:
        list(pool.map(lambda built: client.publish(channel, built), files))
    return len(files), time.perf_counter() - begun


def _wrk(arguments: Sequence[str | Path], seconds: int) -> tuple[int, float]:
    command = ("wrk", "-t", "1", "-c", "16", "-d", f"{seconds}s", *arguments)
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"(\d+) requests in ([\d.]+)s", out)
    if found is None or "Non-2xx" in out:
        raise NotMeasuredError(out)
    return int(found[1]), float(found[2])


def _cpu(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            times = process.cpu_times()
            total += times.user + times.system
    return total


@contextmanager
def _setup(place: str, workers: int, folder: Path, where: dict[str, str]) -> Generator[Setup]:
    data = folder / f"{place}-{workers}".replace(" ", "")
    token = with_people(data, **where)["olga"]
    options = ("--workers", str(workers))
    with (
        serving(
            data,
            *options,
            env={"GRAPHREPO_LOG_LEVEL": "warning", **where},
            is_new=True,
            patience=600,
        ) as on,
        httpx.Client(base_url=on.url, timeout=60, trust_env=False) as http,
    ):
        postgres = where.get("GRAPHREPO_DATABASE")
        client = Client(http, "olga", token)
        yield Setup(place, workers, client, psutil.Process(on.process.pid), postgres)


def main() -> None:
    """Measure all places and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 3])
    parser.add_argument("--docs", type=Path, help="the page whose tables are to be replaced")
    asked = parser.parse_args()
    lines: list[Line] = []
    print(COSTS)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="graphrepo-scale-")))
        database = stack.enter_context(own_server())
        s3 = stack.enter_context(shared_s3(folder / "s3"))
        trips = _trips(database.url, s3.url(), folder)
        for workers in asked.workers:
            run_sql(database.url, f"CREATE DATABASE scale{workers}")
            url = urlunsplit(urlsplit(database.url)._replace(path=f"/scale{workers}"))
            apart = {"GRAPHREPO_DATABASE": url, "GRAPHREPO_STORE": s3.url(), **KEYS}
            places = {PLAIN: {}, APART: apart}
            for place, where in places.items():
                with _setup(place, workers, folder, where) as setup:
                    for line in measure(setup, asked.files, asked.seconds, folder, trips):
                        print(row(line), flush=True)
                        lines.append(line)
    new = tables(lines)
    print("", new["ratios"], "", new["model"], sep="\n")
    if asked.docs:
        write(asked.docs, new)


def _trips(database: str, store: str, folder: Path) -> dict[str, float]:
    """Count round trips on a server of its own: the line takes time."""
    run_sql(database, "CREATE DATABASE counted")
    line = PostgresLine(urlunsplit(urlsplit(database)._replace(path="/counted")), folder)
    where = {"GRAPHREPO_DATABASE": line.url, "GRAPHREPO_STORE": store, **KEYS}
    with closing(line), _setup("counted", 1, folder, where) as setup:
        return count_trips(setup.client, line)


if __name__ == "__main__":
    main()
