"""A server that is killed at any moment has lost nothing and left nothing half done.

Each round finds what the round before left, keeps the server busy with several clients, and ends
it with SIGKILL: the real one at a moment of chance, the tests' own exactly at a step of a change.
With ``--rounds 300`` there are hundreds.
"""

import signal
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event

import httpx
import psutil
import pytest

from graphrepo.steps import Step
from tests.cli.calls import called
from tests.crash.ledger import Ledger
from tests.crash.load import found_in, keep_busy
from tests.processes import PROGRAM, Serving, serving
from tests.server import Client, with_people

CLIENTS = 4
ROUNDS = 4
FUSED = (sys.executable, "-m", "tests.crash.program")
PLACES = [
    *((step,) for step in Step),
    *((step, "--render") for step in (Step.KEEP, Step.SYNC, Step.NAME)),
]
"""Every step of an upload, and those of a render before its document is there."""


@dataclass
class Victim:
    """An installation that crashes, and what its clients know of it."""

    data: Path
    token: str
    chance: Random
    channel: str = ""
    ledger: Ledger = field(default_factory=Ledger)

    @contextmanager
    def serving(self, program: Sequence[str] = PROGRAM, *options: str) -> Generator[Serving]:
        """Serve, and find everything as it was left."""
        with serving(self.data, *options, program=program) as server:
            with self.client(server.url) as client:
                if self.channel:
                    self.ledger.settle(found_in(client, self.channel, self.ledger))
                else:
                    self.channel = client.create_channel()
            yield server

    @contextmanager
    def client(self, url: str) -> Generator[Client]:
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:
            yield Client(http, "olga", self.token)

    @contextmanager
    def busy(self, url: str) -> Generator[None]:
        """Keep a server busy until it is gone; whatever a client was told wrongly is raised."""
        with ExitStack() as stack:
            pool = stack.enter_context(ThreadPoolExecutor(CLIENTS))
            working = [
                pool.submit(
                    keep_busy,
                    stack.enter_context(self.client(url)),
                    self.channel,
                    f"client{number}",
                    self.ledger,
                    Random(self.chance.random()),  # noqa: S311 - the same load in every run
                )
                for number in range(CLIENTS)
            ]
            yield
            for work in working:
                work.result()

    def check(self) -> None:
        """Find rows, bytes and documents sound, and nothing left over once it was collected."""
        here = ("--data", str(self.data))
        status, text = called("verify", *here)
        assert status == 0, text
        assert called("gc", "--delete", "--grace", "0", *here)[0] == 0
        assert not any((self.data / "blobs" / "staging").iterdir())
        assert called("gc", "--grace", "0", *here)[1].startswith("Would delete 0 blobs")


@pytest.fixture
def victim(tmp_path: Path) -> Victim:
    data = tmp_path / "data"
    return Victim(data, with_people(data)["olga"], Random(str(tmp_path.name)))  # noqa: S311


def kill(process: int) -> None:
    """End a server and its workers at once."""
    parent = psutil.Process(process)
    everybody = [*parent.children(recursive=True), parent]
    for one in everybody:
        one.kill()
    psutil.wait_procs(everybody, timeout=20)


def test_a_crash_at_any_moment_does_no_harm(victim: Victim, pytestconfig: pytest.Config) -> None:
    for _ in range(pytestconfig.getoption("--rounds") or ROUNDS):
        with victim.serving() as server, victim.busy(server.url):
            Event().wait(victim.chance.uniform(0.05, 1.0))  # the moment is what is tried
            kill(server.process.pid)
        victim.check()
    assert victim.ledger.acknowledged > 0
    with victim.serving():
        pass


def test_a_crash_at_each_step_does_no_harm(victim: Victim, pytestconfig: pytest.Config) -> None:
    for number in range(pytestconfig.getoption("--rounds") or len(PLACES)):
        step, *render = PLACES[number % len(PLACES)]
        nth = str(victim.chance.randint(1, 6))
        with (
            victim.serving(FUSED, "--step", step, "--nth", nth, *render) as server,
            victim.busy(server.url),
        ):
            server.process.send_signal(signal.SIGUSR1)
            assert server.process.wait(80) < 0, f"never came to {step} {render}"
        victim.check()
    with victim.serving():
        pass
