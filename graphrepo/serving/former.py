"""Answers given before, by the bytes of the requests that got them (``web.repeats``)."""

from typing import Final, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from graphrepo.intake.body import Message
from graphrepo.web.repeats import Again

_MOST: Final = 1024  # answers
_BYTES: Final = 32 * 1024 * 1024  # of requests and bodies; most bodies lie in memory anyway


class Former(NamedTuple):
    """An answer, and whom to ask whether it is still one."""

    again: Again
    head: bytes  # the status line and its fields, without what is of one request alone
    body: bytes

    @property
    def size(self) -> int:
        """Return about how many bytes it holds."""
        return len(self.head) + len(self.body)


class FormerAnswers:
    """Those of one process."""

    def __init__(self, most: int = _MOST, most_bytes: int = _BYTES) -> None:
        """Keep none yet, and never more than that."""
        self._most = most
        self._most_bytes = most_bytes
        self._kept: dict[bytes, Former] = {}
        self._size = 0

    def find(self, request: bytes) -> Former | None:
        """Return the answer that these very bytes got."""
        return self._kept.get(request)

    def drop(self, request: bytes) -> None:
        """Forget an answer that is none any more."""
        former = self._kept.pop(request, None)
        if former is not None:
            self._size -= len(request) + former.size

    def keep(self, request: bytes, offer: Message) -> None:
        """Keep what the application offers after its answer."""
        start, body = offer["start"], offer["body"]["body"]
        lines = b"".join(b"%b: %b\r\n" % field for field in start["headers"])
        former = Former(offer["again"], STATUS_LINE[start["status"]] + lines, body)
        self.drop(request)
        self._size += len(request) + former.size
        if len(self._kept) >= self._most or self._size > self._most_bytes:
            self._kept.clear()
            self._size = len(request) + former.size
        self._kept[request] = former
