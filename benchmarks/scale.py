"""What PostgreSQL and an object store cost beside SQLite and a directory; three workers beside one.

    python -m benchmarks.scale [--seconds 3] [--files 100] [--json figures.json]

Every line is the same work by the real server: uploads of small packages by eight clients, and
``wrk`` with 16 connections asking for a shard, for ``repodata.json``, and for a page of GraphQL.
Processor time is that of the server's processes and, apart, that of PostgreSQL; divided by the
requests it depends less on what else the machine does than requests a second do. The object store
is Ceph's RGW where its packages are installed, else moto, which takes more time than it should.
"""

import argparse
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psutil

from tests.builders import Built, package
from tests.databases import own_server, query, run_sql
from tests.processes import serving
from tests.s3 import KEYS, shared_s3
from tests.server import Client, with_people
from tests.web.reading import SHARD_INDEX, said, shard_address

_CLIENTS = 8
_PAGE = '{channel(name: "%s") {packages(limit: 20) {page {name latestVersion {version}}}}}'
_SCRIPT = """
wrk.method = "POST"
wrk.body = '{}'
wrk.headers["Content-Type"] = "application/json"
"""


class NotMeasuredError(Exception):
    """Requests failed: what they took means nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one kind of request took, for each request; transactions are of the database."""

    place: str
    workers: int
    request: str
    per_second: float
    server_ms: float
    database_ms: float
    transactions: float


@dataclass(frozen=True, slots=True)
class Setup:
    """A running server, and how to read the clocks."""

    place: str
    workers: int
    client: Client
    server: psutil.Process
    postgres: str | None

    def measured(self, request: str, work: Callable[[], tuple[int, float]]) -> Line:
        """Do the work, which returns its requests and seconds, and weigh it."""
        before = self._clocks()
        count, seconds = work()
        server, database, done = (b - a for a, b in zip(before, self._clocks(), strict=True))
        ms = 1000 / count
        rate = count / seconds
        return Line(
            self.place, self.workers, request, rate, server * ms, database * ms, done / count
        )

    def _clocks(self) -> tuple[float, float, float]:
        server = _cpu([self.server, *self.server.children(recursive=True)])
        if self.postgres is None:
            return server, 0.0, 0.0
        ((folder, done),) = query(self.postgres, _STATE)
        postmaster = int((Path(folder) / "postmaster.pid").read_text().split()[0])
        backends = psutil.Process(postmaster).children(recursive=True)
        return server, _cpu(backends), float(done)


_STATE = """SELECT current_setting('data_directory'),
    (SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database())"""


def measure(setup: Setup, files: int, seconds: int, folder: Path) -> Iterator[Line]:
    """Upload, then read in each way."""
    channel = setup.client.create_channel()
    built = [package(f"name{number // 4}", f"{number % 4}.0") for number in range(files)]
    yield setup.measured("upload", lambda: _uploads(setup.client, channel, built))
    base = f"{setup.client.url}/{channel}/noarch"
    index = said(SHARD_INDEX, setup.client.get(f"/{channel}/noarch/{SHARD_INDEX}").content)
    shard = shard_address(next(iter(index["shards"].values())))
    script = folder / "page.lua"
    body = json.dumps({"query": _PAGE % channel}).replace("\\", "\\\\")
    script.write_text(_SCRIPT.replace("{}", body))
    asked: dict[str, Sequence[str | Path]] = {
        "shard GET": (f"{base}/{shard}",),
        "repodata.json GET": (f"{base}/repodata.json",),
        "GraphQL page": ("-s", script, f"{setup.client.url}/api/graphql"),
    }
    for request, arguments in asked.items():
        yield setup.measured(request, lambda each=arguments: _wrk(each, seconds))


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
            data, *options, env={"GRAPHREPO_LOG_LEVEL": "warning", **where}, patience=600
        ) as on,
        httpx.Client(base_url=on.url, timeout=60, trust_env=False) as http,
    ):
        postgres = where.get("GRAPHREPO_DATABASE")
        client = Client(http, "olga", token)
        yield Setup(place, workers, client, psutil.Process(on.process.pid), postgres)


def _row(line: Line) -> str:
    return (
        f"| {line.place} | {line.workers} | {line.request} | {line.per_second:.0f} |"
        f" {line.server_ms:.2f} | {line.database_ms:.2f} | {line.transactions:.2f} |"
    )


_HEAD = """| rows, bytes | workers | request | a second | server ms | PostgreSQL ms | transactions |
|---|---|---|---|---|---|---|"""


def main() -> None:
    """Measure all places and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 3])
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    lines: list[Line] = []
    print(_HEAD)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="graphrepo-scale-")))
        database = stack.enter_context(own_server())
        s3 = stack.enter_context(shared_s3(folder / "s3"))
        for workers in asked.workers:
            run_sql(database.url, f"CREATE DATABASE scale{workers}")
            url = urlunsplit(urlsplit(database.url)._replace(path=f"/scale{workers}"))
            apart = {"GRAPHREPO_DATABASE": url, "GRAPHREPO_STORE": s3.url(), **KEYS}
            places = {"SQLite, directory": {}, "PostgreSQL, S3": apart}
            for place, where in places.items():
                with _setup(place, workers, folder, where) as setup:
                    for line in measure(setup, asked.files, asked.seconds, folder):
                        print(_row(line), flush=True)
                        lines.append(line)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(line) for line in lines], indent=1))


if __name__ == "__main__":
    main()
