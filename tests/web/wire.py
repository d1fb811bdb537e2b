"""Requests written by hand, for what no client library would do."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

_PATIENCE = 20  # seconds until a silent server fails the test


class Located(Protocol):
    """A server, wherever it runs."""

    @property
    def url(self) -> str: ...


@dataclass(frozen=True)
class Wire:
    """A connection to the server."""

    socket: socket.socket

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, method: str, path: str, *headers: str) -> None:
        """Send a request up to the end of its headers."""
        lines = (f"{method} {path} HTTP/1.1", "Host: test", *headers, "", "")
        self.send("\r\n".join(lines).encode("latin-1"))

    def read(self) -> bytes:
        """Return what the server sends until it closes."""
        return b"".join(iter(lambda: self.socket.recv(65536), b""))

    def read_head(self) -> str:
        """Return one answer's status line and headers, in lower case."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            if not byte:
                break
            head += byte
        return head.decode("latin-1").lower()


@contextmanager
def connected(server: Located) -> Generator[Wire]:
    """Connect to the server."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port or 0), timeout=_PATIENCE) as opened:
        yield Wire(opened)
