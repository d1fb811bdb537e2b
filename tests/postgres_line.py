"""A line to a PostgreSQL that breaks at a statement of one's choice, as when the server ends.

It passes the messages of the protocol on, and counts the statements. All connections break at
once, either before the server has seen a statement, or when it has done a COMMIT and its answer
is under way. New connections are taken at once, unless it is down.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

_QUERY, _READY = b"Q", b"Z"
_COMMIT = b"Q\0\0\0\x0bCOMMIT\0"
_NAME = ".s.PGSQL.5432"
_LENGTH = 4  # bytes, which count themselves


class Moment(Enum):
    """When a line breaks."""

    UNSEEN = "the server has not seen the statement"
    DONE = "the server has done the COMMIT"


class PostgresLine:
    """Listens in a folder; ``url`` leads there."""

    def __init__(self, url: str, folder: Path) -> None:
        """Lead to the server of ``url``, which listens in a folder as well."""
        there = urlsplit(url)
        self._there = f"{parse_qs(there.query)['host'][0]}/{_NAME}"
        self.url = urlunsplit(there._replace(query=urlencode({"host": folder})))
        self.is_down = False
        """Whether new connections are refused."""
        self.statements = 0
        """How many have passed."""
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._left: int | None = None
        self._moment = Moment.UNSEEN
        self._act: Callable[[], None] = self.cut
        self._here = socket.socket(socket.AF_UNIX)
        self._here.bind(f"{folder}/{_NAME}")
        self._here.listen(64)
        threading.Thread(target=self._take, daemon=True).start()

    def break_at(self, number: int, moment: Moment, act: Callable[[], None] | None = None) -> None:
        """Break at that statement, or COMMIT, of those from now on, counted from 1.

        ``act`` is done in place of breaking.
        """
        with self._lock:
            self._left, self._moment, self._act = number, moment, act or self.cut

    @property
    def has_broken(self) -> bool:
        """Whether it has come to the statement."""
        with self._lock:
            return self._left is None

    def mend(self) -> bool:
        """Break no more; return whether it had come to that."""
        with self._lock:
            has_broken, self._left = self._left is None, None
        return has_broken

    def cut(self) -> None:
        """Break all connections."""
        with self._lock:
            for end in self._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Break all connections, and take no more."""
        with suppress(OSError):
            self._here.shutdown(socket.SHUT_RDWR)
        self._here.close()
        self.cut()

    def _take(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._here.accept()
                if self.is_down:
                    near.close()
                    continue
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._there)
                with self._lock:
                    self._open |= {near, far}
                threading.Thread(target=self._connect, args=(near, far), daemon=True).start()

    def _connect(self, near: socket.socket, far: socket.socket) -> None:
        is_last = threading.Event()
        back = threading.Thread(target=self._answer, args=(near, far, is_last), daemon=True)
        with suppress(OSError):
            far.sendall(_greeting(near))
            back.start()
            for kind, message in _messages(near):
                moment = self._counted(message) if kind == _QUERY else None
                if moment is Moment.UNSEEN:
                    self._act()
                elif moment is Moment.DONE:
                    is_last.set()
                far.sendall(message)
        self._part(near, far)

    def _answer(self, near: socket.socket, far: socket.socket, is_last: threading.Event) -> None:
        with suppress(OSError):
            for kind, message in _messages(far):
                if kind == _READY and is_last.is_set():
                    self._act()
                near.sendall(message)
        self._part(near, far)

    def _counted(self, message: bytes) -> Moment | None:
        """Count a statement; return how the line breaks, if it does so now."""
        with self._lock:
            self.statements += 1
            if self._left is None or (self._moment is Moment.DONE and message != _COMMIT):
                return None
            self._left = self._left - 1 or None
            return self._moment if self._left is None else None

    def _part(self, *ends: socket.socket) -> None:
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        with self._lock:
            self._open -= set(ends)


def _greeting(near: socket.socket) -> bytes:
    """Return the first message, which has no kind."""
    length = _exactly(near, _LENGTH)
    return length + _exactly(near, int.from_bytes(length) - _LENGTH)


def _messages(end: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    """Yield messages with their kinds until the connection ends."""
    while True:
        kind = _exactly(end, 1)
        yield kind, kind + _greeting(end)


def _exactly(end: socket.socket, size: int) -> bytes:
    data = end.recv(size, socket.MSG_WAITALL)
    if len(data) < size:
        raise ConnectionResetError
    return data
