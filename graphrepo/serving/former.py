"""Answers given before, by the bytes of the requests that got them (``web.repeats``).

One field is left out of the bytes: proxies write there which client a request came from.
"""

import re
from typing import Final, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from graphrepo.intake.body import Message
from graphrepo.web.repeats import Again

_FORWARDED_FOR: Final = b"\r\nX-Forwarded-For: "  # as proxies write it; others' count as bytes
_ADDRESSES: Final = re.compile(rb"[0-9A-Fa-f.:\[\], ]*(?=\r\n)")
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

    def find(self, key: bytes) -> Former | None:
        """Return the answer to requests of that key (``divided``)."""
        return self._kept.get(key)

    def keep(self, key: bytes, offer: Message | None) -> None:
        """Keep what the application offers after its answer, in the place of what was kept."""
        self._drop(key)
        if offer is None:
            return
        start, body = offer["start"], offer["body"]["body"]
        lines = b"".join(b"%b: %b\r\n" % field for field in start["headers"])
        former = Former(offer["again"], STATUS_LINE[start["status"]] + lines, body)
        self._size += len(key) + former.size
        if len(self._kept) >= self._most or self._size > self._most_bytes:
            self._kept.clear()
            self._size = len(key) + former.size
        self._kept[key] = former

    def _drop(self, key: bytes) -> None:
        former = self._kept.pop(key, None)
        if former is not None:
            self._size -= len(key) + former.size


def divided(request: bytes) -> tuple[bytes, str]:
    """Return the key of a request, and what its last X-Forwarded-For says, which is not in there.

    What is left out has been read by nobody, so it may hold nothing but addresses, and must stand
    within the head: behind a plain request it would be the beginning of another.
    """
    if _FORWARDED_FOR not in request:
        return request, ""
    place = request.rfind(_FORWARDED_FOR)
    told = _ADDRESSES.match(request, place + len(_FORWARDED_FOR)) if place > 0 else None
    if told is None or request.endswith(b"\r\n", 0, place):
        return request, ""
    return request[:place] + request[told.end() :], told[0].decode("latin-1")
