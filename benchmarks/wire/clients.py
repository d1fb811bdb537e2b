"""Those who load the servers: wrk, uploaders, and readers that are slow."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.records import SUBDIR
from benchmarks.wire.servers import Server, connect, last_core
from tests.builders import Built, package

_REQUESTS = re.compile(r"(\d+) requests in ([\d.]+)(ms|s|m)")
_TRANSFER = re.compile(r"Transfer/sec:\s+([\d.]+)(B|KB|MB|GB)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_BYTES = {"B": 1.0, "KB": 1024.0, "MB": 1024.0**2, "GB": 1024.0**3}
_CREATED = 201
_NAMES = 6  # packages that the smallest channel holds already
_SIP = 64 * 1024  # bytes that a slow reader takes
_REST = 0.05  # seconds between two of them


class NotMeasuredError(Exception):
    """What was timed is not what should be: the figures would be wrong."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a series of requests took: seconds on the wall, processor seconds of the server."""

    count: int
    wall: float
    cpu: float
    megabytes: float = 0.0
    """Received in a second."""

    @property
    def rate(self) -> float:
        """Requests in a second."""
        return self.count / self.wall

    @property
    def per_cpu(self) -> float:
        """Requests in a processor second of the server."""
        return self.count / self.cpu


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that is repeated."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    status: int = 200


def wrk(server: Server, asked: Asked, connections: int, seconds: int) -> Load:
    """Repeat a request over some connections, with wrk on the last core.

    Raises:
        NotMeasuredError: an answer is not what it should be.
    """
    check(server, asked)
    headers = [f"-H{name}: {value}" for name, value in asked.headers.items()]
    return _wrk(server, [*headers, server.url + asked.path], connections, seconds)


def wrk_script(
    server: Server, script: Path, arguments: Sequence[str], connections: int, seconds: int
) -> Load:
    """Send the requests that a script of wrk makes of its arguments."""
    rest = ["-s", str(script), server.url, "--", *arguments]
    return _wrk(server, rest, connections, seconds)


def _wrk(server: Server, rest: Sequence[str], connections: int, seconds: int) -> Load:
    program = ["taskset", "-c", str(last_core()), "wrk", "-t1", f"-c{connections}"]
    before = server.cpu()
    done = subprocess.run(
        [*program, f"-d{seconds}s", *rest], capture_output=True, text=True, check=True
    )
    cpu = server.cpu() - before
    requests, transfer = _REQUESTS.search(done.stdout), _TRANSFER.search(done.stdout)
    if "Non-2xx" in done.stdout or requests is None or transfer is None:
        raise NotMeasuredError(done.stdout)
    wall = float(requests[2]) * _SECONDS[requests[3]]
    return Load(int(requests[1]), wall, cpu, float(transfer[1]) * _BYTES[transfer[2]] / 1e6)


def check(server: Server, asked: Asked) -> None:
    """Make sure that a request is answered as it should be, and have it answered once."""
    connection = connect(server.url)
    connection.request("GET", asked.path, headers=dict(asked.headers))
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != asked.status:
        raise NotMeasuredError(f"{asked.path} gave {answer.status} instead of {asked.status}.")


def slow_readers(server: Server, asked: Sequence[Asked], seconds: float) -> float:
    """Read several answers slowly and at once; return the most megabytes the server held."""
    readers = [socket.create_connection(("127.0.0.1", server.port)) for _ in asked]
    for reader, each in zip(readers, asked, strict=True):
        headers = "".join(f"{name}: {value}\r\n" for name, value in each.headers.items())
        reader.sendall(f"GET {each.path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
    most = 0.0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for reader in readers:
            reader.recv(_SIP)
        most = max(most, server.memory())
        time.sleep(_REST)  # noqa: TID251 - the pace is the point
    for reader in readers:
        reader.close()
    return most


def small_packages(count: int) -> list[Built]:
    """Return packages of about 5 KB that no channel has, of names that every channel has."""
    series = os.urandom(4).hex()
    return [
        package(
            f"probe-{number % _NAMES}",
            "3.0",
            build=f"b{series}_{number}",
            subdir=SUBDIR,
            files={"share/data": os.urandom(3_800)},
        )
        for number in range(count)
    ]


def upload_all(
    server: Server, channel: str, token: str, packages: Sequence[Built], *, clients: int = 1
) -> Load:
    """Upload the packages, each client over one connection and one package after the other.

    Raises:
        NotMeasuredError: an upload is not acknowledged as new.
    """

    def upload(share: Sequence[Built]) -> None:
        connection = connect(server.url)
        for built in share:
            headers = {"X-File-Name": built.filename, "Authorization": f"Bearer {token}"}
            connection.request("POST", f"/api/v1/upload/{channel}", built.data, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != _CREATED:
                raise NotMeasuredError(f"{built.filename}: {answer.status} {text[:200]!r}")
        connection.close()

    cpu, wall = server.cpu(), time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(upload, (packages[number::clients] for number in range(clients))))
    wall = time.perf_counter() - wall
    return Load(len(packages), wall, server.cpu() - cpu)


def send_file(server: Server, channel: str, token: str, file: Path) -> float:
    """Upload a large file with curl; return the seconds until it is acknowledged."""
    begin = time.perf_counter()
    done = subprocess.run(
        (
            *("curl", "-sS", "-w", "%{http_code}", "-X", "POST", "-T", file),
            *("-H", f"X-File-Name: {file.name}", "-H", f"Authorization: Bearer {token}"),
            *("-H", "Expect:", f"{server.url}/api/v1/upload/{channel}"),
        ),
        capture_output=True,
        text=True,
        check=True,
    )
    if not done.stdout.endswith(str(_CREATED)):
        raise NotMeasuredError(f"{file.name}: {done.stdout}")
    return time.perf_counter() - begin
