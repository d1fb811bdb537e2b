"""Clients that say nothing, or a byte at a time, hold up nobody and are let go in the end."""

import re
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from tests.processes import Serving, serving
from tests.waiting import PATIENCE
from tests.web.wire import Wire, connected

IDLE = 1  # seconds, on the server of these tests
SILENT = 120  # connections
PAUSE = 0.1  # seconds between two bytes

HEAD = b"GET /healthz HTTP/1.1\r\nHost: test\r\n"
BODY = b"Host: test\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
CHUNKED = b"Host: test\r\nTransfer-Encoding: chunked\r\n\r\n"

SHAPES: dict[str, tuple[bytes, bytes, list[str]]] = {
    "nothing": (b"", b"", []),
    "half a head": (HEAD, b"", []),
    "a head that trickles": (HEAD, b"X: x\r\n", []),
    "a second head that trickles": (HEAD + b"\r\n" + HEAD, b"X: x\r\n", ["200"]),
    "silence between requests": (HEAD + b"\r\n", b"", ["200"]),
    "half a body": (b"POST /api/graphql HTTP/1.1\r\n" + BODY + b"{", b"", ["400"]),
    "a body that trickles": (b"POST /api/graphql HTTP/1.1\r\n" + BODY, b" ", ["400"]),
    "a refused body that trickles": (b"POST /api/v1/upload/x HTTP/1.1\r\n" + BODY, b" ", ["401"]),
    "a chunk's size that trickles": (b"PUT /x/noarch/a HTTP/1.1\r\n" + CHUNKED, b"0", ["401"]),
}
"""What comes at once, what trickles after it, and the statuses of the answers."""


@pytest.fixture(scope="module", params=["granian", "uvicorn"])
def patient(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Serving]:
    data = tmp_path_factory.mktemp("patient") / "data"
    with serving(
        data, "--server", request.param, env={"GRAPHREPO_IDLE_TIMEOUT": str(IDLE)}
    ) as started:
        yield started


def trickled(server: Serving, first: bytes, more: bytes) -> list[str]:
    """Return the statuses of the answers until the server ends the connection."""
    with connected(server) as wire:
        wire.send(first)
        heard = wire.socket.recv(65536) if first.startswith(HEAD + b"\r\n") else b""
        wire.socket.settimeout(PAUSE)
        for _ in range(int(20 * IDLE / PAUSE)):
            try:
                while data := wire.socket.recv(65536):
                    heard += data
            except TimeoutError:
                wire.send(more)
            except ConnectionError:
                break
            else:
                break
        else:
            raise AssertionError("the connection stays open")
    return re.findall(r"HTTP/1\.[01] (\d{3})", heard.decode("latin-1"))


def test_whoever_is_slow_is_let_go(patient: Serving) -> None:
    with ThreadPoolExecutor(len(SHAPES)) as pool:
        running = {
            name: pool.submit(trickled, patient, first, more)
            for name, (first, more, _) in SHAPES.items()
        }
        found = {name: future.result() for name, future in running.items()}
    assert found == {name: statuses for name, (_, _, statuses) in SHAPES.items()}


def test_many_silent_connections_hold_up_nobody(patient: Serving) -> None:
    with ExitStack() as stack:
        silent: list[Wire] = [stack.enter_context(connected(patient)) for _ in range(SILENT)]
        for wire in silent[::2]:
            wire.send(HEAD)
        assert httpx.get(f"{patient.url}/healthz", trust_env=False, timeout=PATIENCE).text == "ok\n"
        assert {wire.read() for wire in silent} == {b""}
