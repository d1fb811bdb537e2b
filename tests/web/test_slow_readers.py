"""Clients that ask for much and take little: they hold up nobody, and who takes nothing goes."""

import re
import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import Random
from threading import Event
from urllib.parse import urlsplit

import psutil
import pytest

from tests.builders import package
from tests.server import Server, running
from tests.waiting import until
from tests.web.wire import Wire

IDLE = 3  # seconds, on the server of these tests
SLOW = 40  # clients
ROOM = 8 * 1024  # bytes that a client's side holds unread
PIECE, PAUSE = 256 * 1024, 0.15  # bytes and seconds: the file takes longer than IDLE
LARGE = package("large", files={"share/noise": Random(1).randbytes(8 * 2**20)})  # noqa: S311


@dataclass(frozen=True)
class Site:
    """A server and the path of a file that its network cannot hold by itself."""

    kind: str
    server: Server
    path: str


@pytest.fixture(scope="module", params=["granian", "uvicorn"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Site]:
    data = tmp_path_factory.mktemp("slow") / "data"
    with (
        running(data, "--server", request.param, GRAPHREPO_IDLE_TIMEOUT=str(IDLE)) as started,
        started.client("olga") as olga,
    ):
        channel = olga.create_channel()
        olga.publish(channel, LARGE)
        yield Site(request.param, started, f"/{channel}/noarch/{LARGE.filename}")


@contextmanager
def reader(site: Site, *headers: str, room: int = ROOM) -> Generator[Wire]:
    """Ask for the file, with little room for the answer."""
    where = urlsplit(site.server.url)
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        opened.settimeout(30)
        opened.connect((where.hostname, where.port))
        wire = Wire(opened)
        wire.ask("GET", site.path, *headers)
        yield wire


def open_blobs(site: Site) -> int:
    """Return how many files of the store the server's workers hold open."""
    workers = psutil.Process(site.server.process).children(recursive=True)
    everybody = [psutil.Process(site.server.process), *workers]
    return sum("/blobs/" in file.path for each in everybody for file in each.open_files())


@pytest.mark.parametrize("headers", [(), ("Range: bytes=1-",)], ids=["whole", "a part"])
def test_many_who_take_nothing_hold_up_nobody(site: Site, headers: tuple[str, ...]) -> None:
    with ExitStack() as stack:
        for _ in range(SLOW):
            slow = stack.enter_context(reader(site, *headers))
            assert re.match(r"http/1.1 20[06] ", slow.read_head())
        with site.server.client() as other:
            assert other.get(site.path).content == LARGE.data
            assert other.get("/readyz").status_code == 200


def test_who_takes_nothing_is_let_go(site: Site) -> None:
    if site.kind == "granian":
        pytest.skip("granian opens its sockets out of reach, and waits for ever")
    with reader(site):
        until(lambda: open_blobs(site) == 1)
        until(lambda: open_blobs(site) == 0)
    with site.server.client() as other:
        assert other.get(site.path).content == LARGE.data


def test_who_takes_a_little_at_a_time_gets_everything(site: Site) -> None:
    with reader(site, "Connection: close", room=PIECE) as slow:
        assert " 200 " in slow.read_head()
        received = b""
        while piece := slow.socket.recv(PIECE, socket.MSG_WAITALL):
            received += piece
            Event().wait(PAUSE)  # all of them together are more than IDLE
    assert received == LARGE.data
