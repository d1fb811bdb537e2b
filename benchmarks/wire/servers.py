"""The servers that are measured: graphrepo as people start it, and nginx on the same files."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import psutil

PROGRAM = (sys.executable, "-m", "graphrepo.cli")

_TICKS = os.sysconf("SC_CLK_TCK")
_MB = 1_000_000
_NGINX = shutil.which("nginx", path=f"{os.defpath}:/usr/sbin:/usr/local/sbin")
_POLL = 0.01  # seconds


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; ``process`` is its only worker or the parent of several."""

    url: str
    process: psutil.Process

    @property
    def port(self) -> int:
        """The port it listens on, on this machine's own address."""
        return urlsplit(self.url).port or 0

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        found = self.process.children(recursive=True)
        workers = [child for child in found if "resource_tracker" not in " ".join(child.cmdline())]
        return workers or [self.process]

    def cpu(self) -> float:
        """Return the processor seconds of all workers so far, from /proc/PID/stat."""
        return sum(_cpu_of(worker.pid) for worker in self.workers)

    def memory(self) -> float:
        """Return the resident megabytes of the largest worker."""
        return max(worker.memory_info().rss for worker in self.workers) / _MB

    def keep_to(self, cores: set[int]) -> None:
        """Run all threads of the workers on these cores alone, from now on."""
        for worker in self.workers:
            for thread in worker.threads():
                os.sched_setaffinity(thread.id, cores)


@contextmanager
def graphrepo(
    data: Path, *, workers: int = 1, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Serve a data directory as a person would, on a free port, from the first answer on."""
    port = str(_free_port())
    command = (*PROGRAM, "serve", "--data", data, "--port", port, "--workers", str(workers))
    with (data / "server.log").open("w") as log:
        process = subprocess.Popen(
            command,
            env={**_environment(), **(settings or {})},
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        with _stopped(process):
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, "/healthz")
            yield Server(url, psutil.Process(process.pid))


@contextmanager
def nginx(data: Path) -> Iterator[Server | None]:
    """Serve the blobs of a data directory with nginx, one worker; none without the program."""
    if _NGINX is None:
        yield None
        return
    port = _free_port()
    folder = data / "nginx"
    folder.mkdir(exist_ok=True)
    config = folder / "nginx.conf"
    config.write_text(
        _CONFIG.format(
            user="user root;" if os.geteuid() == 0 else "",  # else it could not read our files
            folder=folder,
            port=port,
            root=data / "blobs" / "blobs",
        )
    )
    process = subprocess.Popen((_NGINX, "-p", folder, "-c", config, "-e", folder / "error.log"))
    with _stopped(process):
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, "/")
        yield Server(url, psutil.Process(process.pid))


def command(*arguments: str | Path) -> str:
    """Run a command of graphrepo and return what it prints."""
    done = subprocess.run(
        (*PROGRAM, *arguments), env=_environment(), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def first_cores() -> set[int]:
    """Return the cores of the servers, where the clients have one of their own."""
    return os.sched_getaffinity(0) - {last_core()} or {last_core()}


def last_core() -> int:
    """Return the core of the clients."""
    return max(os.sched_getaffinity(0))


def connect(url: str) -> HTTPConnection:
    """Return a connection to a server that sends small requests at once."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=300)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _environment() -> dict[str, str]:
    # What pip installs is compiled; under this variable a checkout would be anew at each start.
    unwanted = "PYTHONDONTWRITEBYTECODE"
    given = os.environ.items()  # noqa: TID251 - what a child inherits
    return {
        name: value
        for name, value in given
        if name != unwanted and not name.startswith("GRAPHREPO_")
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _wait_for(url: str, path: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            connection = connect(url)
            connection.request("GET", path)
            connection.getresponse().read()
            connection.close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL)  # noqa: TID251 - a fresh process tells nothing else


@contextmanager
def _stopped(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS  # utime, stime: proc(5)


_CONFIG = """\
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    sendfile on;
    tcp_nopush on;
    access_log {folder}/access.log;
    keepalive_requests 1000000;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {root};
    }}
}}
"""
