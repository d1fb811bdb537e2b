"""Three servers on one PostgreSQL and one object store, with nothing else in common.

Behind a client that goes round them, one is killed and the database is started anew, while
people upload and read. Nothing that was acknowledged is lost, nothing older than it is served,
and no request fails but those that were under way.
"""

import itertools
import signal
import time
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from tests.builders import Built, package
from tests.postgres_server import OwnServer, own_server
from tests.processes import Serving, serving
from tests.s3 import KEYS, S3Server
from tests.server import Client, with_people
from tests.waiting import PATIENCE, until
from tests.web.reading import SHARD_INDEX, digests_by_file, said, shard_address

WRITERS = 3
STEPS = 8
"""Uploads of each writer."""
ATTEMPTS = 20
"""Servers asked in turn before somebody gives up."""


@dataclass
class Failure:
    """A request that got no good answer."""

    begun: float
    why: str
    retry_after: str | None = None


@dataclass
class Round:
    """The servers in turn, and what became of the requests to them."""

    clients: list[Client]
    turn: "itertools.count[int]" = field(default_factory=itertools.count)
    failures: list[Failure] = field(default_factory=list[Failure])
    acknowledged: list[Built] = field(default_factory=list[Built])

    def ask(self, method: str, path: str, built: Built | None = None) -> httpx.Response:
        """Send a request to the next server, and to the one after it where that one fails."""
        for _ in range(ATTEMPTS):
            client = self.clients[next(self.turn) % len(self.clients)]
            begun = time.monotonic()
            try:
                answer = client.upload(path, built) if built else client.request(method, path)
            except httpx.TransportError as error:
                self.failures.append(Failure(begun, f"{client.url}: {error!r}"))
                continue
            if answer.status_code < 500:
                return answer
            after = answer.headers.get("retry-after")
            self.failures.append(Failure(begun, f"{answer.status_code} {answer.text}", after))
        raise AssertionError(self.failures[-ATTEMPTS:])


@dataclass(frozen=True)
class Site:
    """Three servers, a channel, and what they stand on."""

    round: Round
    servers: list[Serving]
    database: OwnServer
    channel: str


@pytest.fixture
def site(tmp_path: Path, s3: S3Server) -> Generator[Site]:
    def enter(server: AbstractContextManager[Serving]) -> Serving:
        return stack.enter_context(server)

    with ExitStack() as stack:
        database = stack.enter_context(own_server())
        place = {"GRAPHREPO_DATABASE": database.url, "GRAPHREPO_STORE": s3.url(), **KEYS}
        token = with_people(tmp_path / "a", **place)["olga"]
        waiting = [serving(tmp_path / name, env=place, patience=300) for name in "abc"]
        with ThreadPoolExecutor() as pool:
            servers = list(pool.map(enter, waiting))
        clients = [
            Client(
                stack.enter_context(httpx.Client(base_url=server.url, timeout=60)), "olga", token
            )
            for server in servers
        ]
        channel = clients[0].create_channel(is_public=False)
        yield Site(Round(clients), servers, database, channel)


def test_nothing_is_lost_or_stale_when_a_server_dies_and_the_database_restarts(site: Site) -> None:
    around = site.round
    with ThreadPoolExecutor() as pool:
        writers = [pool.submit(write, site, number) for number in range(WRITERS)]
        until(lambda: len(around.acknowledged) >= WRITERS)
        killed = kill(site.servers[2])
        del around.clients[2]
        until(lambda: len(around.acknowledged) >= 3 * WRITERS)
        stopped = time.monotonic()
        site.database.restart()
        started = time.monotonic()
        for writer in writers:
            writer.result()
    assert len(around.acknowledged) == WRITERS * STEPS
    for client in around.clients:
        check(Round([client]), site.channel, around.acknowledged)
    for failure in around.failures:
        is_of_restart = stopped - 10 <= failure.begun <= started and failure.retry_after
        assert failure.begun <= killed or is_of_restart, failure


def kill(server: Serving) -> float:
    """End a server and its workers at once; return when that was."""
    parent = psutil.Process(server.process.pid)
    for process in (parent, *parent.children(recursive=True)):
        process.send_signal(signal.SIGKILL)
    server.process.wait()
    return time.monotonic()


def write(site: Site, number: int) -> None:
    """Upload files of a name of one's own, and look for each as soon as it is acknowledged."""
    own: list[Built] = []
    for step in range(STEPS):
        built = package(f"writer{number}", f"{step}.0")
        answer = site.round.ask("POST", site.channel, built)
        assert answer.status_code in {200, 201}, answer.text
        own.append(built)
        site.round.acknowledged.append(built)
        for _ in site.round.clients:
            check(site.round, site.channel, own)


def check(around: Round, channel: str, files: Iterable[Built]) -> None:
    """See that documents list the files, and that their bytes are there."""
    wanted = {built.filename: built.sha256 for built in files}
    repodata = said("repodata.json", around.ask("GET", f"/{channel}/noarch/repodata.json").content)
    assert wanted.items() <= digests_by_file(repodata).items()
    index = said(SHARD_INDEX, around.ask("GET", f"/{channel}/noarch/{SHARD_INDEX}").content)
    for name in {filename.rpartition("-")[0].rpartition("-")[0] for filename in wanted}:
        path = f"/{channel}/noarch/{shard_address(index['shards'][name])}"
        listed = digests_by_file(said(SHARD_INDEX, around.ask("GET", path).content))
        own = {file: sha256 for file, sha256 in wanted.items() if file.startswith(f"{name}-")}
        assert own.items() <= listed.items()
    *_, last = files
    answer = around.ask("GET", f"/{channel}/noarch/{last.filename}")
    if answer.has_redirect_location:
        answer = httpx.get(answer.headers["location"], timeout=PATIENCE)
    assert answer.content == last.data
