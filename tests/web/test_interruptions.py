"""Clients that leave, wait for a word, or are refused while they still send."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from random import Random

import httpx
import psutil
import pytest
from blake3 import blake3

from tests.builders import Built, package
from tests.server import MAX_UPLOAD, Client, Server, running
from tests.waiting import until
from tests.web.conftest import Shelf
from tests.web.wire import connected

pytestmark = pytest.mark.both_servers

MEBI = 1024 * 1024
FORM_HEAD = (
    b"--frontier\r\n"
    b'Content-Disposition: form-data; name="file"; filename="a-1-0.conda"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n"
)
FORM = "Content-Type: multipart/form-data; boundary=frontier"
RAW = "X-File-Name: a-1-0.conda"


@pytest.fixture
def channel(owner: Client) -> str:
    return owner.create_channel()


def bearer(server: Server) -> str:
    return f"Authorization: Bearer {server.tokens['olga']}"


@pytest.mark.parametrize("form", [RAW, FORM])
@pytest.mark.parametrize("length", ["Content-Length: 3000000", "Transfer-Encoding: chunked"])
def test_an_upload_that_is_cut_off_leaves_nothing(
    server: Server, channel: str, form: str, length: str
) -> None:
    data = (FORM_HEAD if form == FORM else b"") + bytes(2 * MEBI)
    framed = b"%x\r\n%s\r\n" % (len(data), data) if "chunked" in length else data
    with connected(server) as wire:
        wire.ask("POST", f"/api/v1/upload/{channel}", bearer(server), length, form)
        wire.send(framed)
        until(lambda: server.under_way)
    until(lambda: not server.under_way)
    line = f"POST /api/v1/upload/{channel} 400"
    until(lambda: line in server.log.read_text())


def test_who_is_refused_sees_why_and_may_go_on(server: Server, shelf: Shelf) -> None:
    data = bytes(3 * MEBI)
    with connected(server) as wire:
        for _ in range(2):
            wire.ask("PUT", f"/{shelf.public}/noarch/a-1-0.conda", f"Content-Length: {len(data)}")
            wire.send(data)
            head = wire.read_head()
            assert head.startswith("http/1.1 401")
            assert "connection: close" not in head
            wire.socket.recv(1000)


def test_who_asks_first_is_refused_without_sending(server: Server, shelf: Shelf) -> None:
    path = f"/api/v1/upload/{shelf.public}"
    with connected(server) as wire:
        wire.ask("POST", path, "Content-Length: 1000000000", "Expect: 100-continue", RAW)
        answer = wire.read()
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"100 continue" not in answer.lower()


def test_too_large_a_file_is_refused_by_its_announced_size(server: Server, channel: str) -> None:
    size = f"Content-Length: {MAX_UPLOAD + 1}"
    with connected(server) as wire:
        wire.ask(
            "POST", f"/api/v1/upload/{channel}", bearer(server), size, "Expect: 100-continue", RAW
        )
        answer = wire.read()
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"100 continue" not in answer.lower()


def test_who_asks_first_and_may_upload_is_told_to_go_on(server: Server, channel: str) -> None:
    built = package("asked")
    with connected(server) as wire:
        wire.ask(
            "POST",
            f"/api/v1/upload/{channel}",
            bearer(server),
            f"Content-Length: {built.size}",
            "Expect: 100-continue",
            f"X-File-Name: {built.filename}",
            "Connection: close",
        )
        assert wire.read_head().startswith("http/1.1 100")
        wire.send(built.data)
        assert wire.read().startswith(b"HTTP/1.1 201")


def big_package(seed: int) -> Built:
    """Return a package that takes many chunks to send; another seed, other bytes."""
    noise = Random(seed).randbytes(3_500_000)  # noqa: S311 - the same bytes in every run
    return package(f"big-{seed}", files={"share/noise": noise})


def test_a_download_that_is_broken_off_ends_quietly(
    server: Server, owner: Client, channel: str
) -> None:
    built = big_package(1)
    owner.publish(channel, built)
    path = f"/{channel}/noarch/{built.filename}"
    with connected(server) as wire:
        wire.ask("GET", path, "Range: bytes=1-")
        assert wire.read_head().startswith("http/1.1 206")
    until(lambda: f"GET {path} 206" in server.log.read_text())
    assert "Traceback" not in server.log.read_text()
    assert owner.get(path).content == built.data


@pytest.mark.parametrize("asked", [{"Range": "bytes=1-"}])
def test_a_stored_file_that_lost_its_end_breaks_the_download(
    server: Server, owner: Client, channel: str, asked: dict[str, str]
) -> None:
    built = big_package(2)
    owner.publish(channel, built)
    name = blake3(built.data).hexdigest()
    blob = server.data / "blobs" / "blobs" / name[:2] / name
    blob.chmod(0o600)
    os.truncate(blob, built.size - 1_000_000)
    with pytest.raises(httpx.RemoteProtocolError):
        owner.get(f"/{channel}/noarch/{built.filename}", headers=asked)


@pytest.fixture(params=["granian", "uvicorn"])
def roomy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Server]:
    """Serve with the limit that a server has by itself."""
    with running(tmp_path_factory.mktemp("roomy") / "data", "--server", request.param) as server:
        yield server


def peak_memory(server: Server) -> int:
    """Return the most bytes that any of the server's processes ever had in memory at once."""
    parent = psutil.Process(server.process)
    pids = (parent.pid, *(child.pid for child in parent.children(recursive=True)))
    statuses = (Path(f"/proc/{pid}/status").read_text() for pid in pids)
    return max(int(status.split("VmHWM:")[1].split()[0]) for status in statuses) * 1024


def pieces(head: bytes, tail: bytes) -> Iterator[bytes]:
    """Yield a body of 300 MiB."""
    yield head
    for _ in range(300):
        yield bytes(MEBI)
    yield tail


def test_memory_does_not_grow_with_an_upload(roomy: Server) -> None:
    with roomy.client("olga") as olga:
        channel = olga.create_channel()
        path = f"/api/v1/upload/{channel}"
        olga.publish(channel, package("warm-up"))
        before = peak_memory(roomy)
        raw = olga.request("PUT", f"/{channel}/noarch/a-1-0.conda", content=pieces(b"", b""))
        kind = {"Content-Type": FORM.removeprefix("Content-Type: ")}
        form = olga.request(
            "POST", path, headers=kind, content=pieces(FORM_HEAD, b"\r\n--frontier--\r\n")
        )
    assert raw.status_code == form.status_code == 422  # it was all read, and is no archive
    assert peak_memory(roomy) - before < 40 * MEBI
    assert roomy.under_way == []
