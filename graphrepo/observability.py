"""Logs: one line for each request, and no secret in any of them.

Nothing here knows what a request is; callers hand in facts. ``mask`` runs over every line as
the last step, so a token that some library writes is hidden as well.
"""

import asyncio
import json
import logging
import re
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from graphrepo.clock import Clock, system_clock

Write = Callable[[str], object]

MASK = "*****"

_KEY = re.compile(r"gr-[A-Za-z0-9]{4,}")
_TOKEN_PATH = re.compile(r"(/t/+)[^/\s\"'?#]+")
_HEADER_NAMES = ("authorization", "x-api-key", "cookie")
_HEADER = re.compile(rf"((?:{'|'.join(_HEADER_NAMES)})['\"]?\s*[:=]\s*)[^\r\n]+", re.IGNORECASE)

_PAUSE: Final = 0.1  # seconds
_MANY: Final = 1000  # lines
_LONGEST: Final = 500  # characters of a path

logger = logging.getLogger("graphrepo")
requests = logging.getLogger("graphrepo.request")


def mask(text: str) -> str:
    """Return the text with everything that may be a credential replaced."""
    text = _KEY.sub(f"gr-{MASK}", _TOKEN_PATH.sub(rf"\1{MASK}", text))
    lowered = text.lower()
    if any(name in lowered for name in _HEADER_NAMES):  # plain search is many times as fast
        text = _HEADER.sub(rf"\1{MASK}", text)
    return text


class MaskingFormatter(logging.Formatter):
    """Formats like ``logging.Formatter``, tracebacks included, then masks."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the masked line or lines."""
        return mask(super().format(record))


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object on one line, each of its texts masked."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the masked line."""
        told = {
            "at": _moment(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname,
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        if record.exc_info:
            told["exception"] = mask(self.formatException(record.exc_info))
        return json.dumps(told)


class RequestFacts(NamedTuple):
    """What is worth knowing of a request that was answered; ``path`` has no query."""

    request_id: str
    method: str
    path: str
    status: int
    sent: int  # bytes of the body
    seconds: float
    login: str  # empty for a stranger
    client: str = ""  # their address, where it is known
    received: int = 0  # bytes of the request's body that were read


Noted = tuple[datetime, RequestFacts]


class RequestLog:
    """The lines of answered requests, at level info: written together, a moment later.

    To make a log record of each and to write it at once takes longer than an answer from memory.
    """

    def __init__(
        self,
        clock: Clock = system_clock,
        write: Write | None = None,
        *,
        as_json: bool = False,
    ) -> None:
        """Write to standard error unless told otherwise; only on the event loop."""
        self._text = _json_text if as_json else _text
        self._clock = clock
        self._write = write or _to_standard_error
        self._waiting: list[Noted] = []

    def note(self, facts: RequestFacts) -> None:
        """Have the request's line written within a tenth of a second."""
        if not requests.isEnabledFor(logging.INFO):
            return
        if not self._waiting:
            asyncio.get_running_loop().call_later(_PAUSE, self.flush)
        self._waiting.append((self._clock(), facts))
        if len(self._waiting) >= _MANY:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._write(self._text(waiting))


def log_failure(request_id: str, error: BaseException) -> None:
    """Write an unexpected failure with its traceback, under the id that the person was given."""
    logger.error("unexpected failure id=%s", request_id, exc_info=error)


def configure_logging(level: str, *, as_json: bool = False) -> None:
    """Send the project's logs to standard error, masked; called once, by whoever starts."""
    stream = logging.StreamHandler(sys.stderr)
    plain = MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    stream.setFormatter(JsonFormatter() if as_json else plain)
    logger.handlers = [stream]
    logger.propagate = False
    logger.setLevel(level.upper())


def _text(noted: Sequence[Noted]) -> str:
    return mask("".join([_line(at, facts) for at, facts in noted]))  # once, for it takes its time


def _json_text(noted: Sequence[Noted]) -> str:
    return "".join(_json_line(at, facts) for at, facts in noted)


def _line(at: datetime, facts: RequestFacts) -> str:
    """Return the line in the form of ``configure_logging``, so that all lines look alike."""
    return (
        f"{_second(int(at.timestamp()))},{at.microsecond // 1000:03d} INFO graphrepo.request:"
        f" {facts.method} {_one_line(facts.path)} {facts.status} {facts.sent}B"
        f" {facts.seconds * 1000:.1f}ms id={facts.request_id} user={facts.login or '-'}"
        f" from={facts.client or '-'}\n"
    )


def _json_line(at: datetime, facts: RequestFacts) -> str:
    """Return the line in the form of ``JsonFormatter``, with a field for each fact."""
    told = {
        "at": _moment(at),
        "level": "INFO",
        "logger": requests.name,
        "method": facts.method,
        "path": mask(facts.path[:_LONGEST]),
        "status": facts.status,
        "bytes": facts.sent,
        "ms": round(facts.seconds * 1000, 1),
        "id": facts.request_id,
        "user": facts.login or None,
        "from": mask(facts.client) or None,
    }
    return json.dumps(told) + "\n"


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


@lru_cache(maxsize=2)
def _second(timestamp: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(timestamp))


def _to_standard_error(text: str) -> None:
    # On a full disk lines are lost, as the handlers of ``logging`` lose theirs, and no request is.
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


@lru_cache(maxsize=256)
def _one_line(path: str) -> str:
    # Whatever a stranger puts into an address stays on the line of its own request.
    if path.isascii() and path.isprintable() and "\\" not in path:
        return path[:_LONGEST]
    return path.encode("unicode_escape").decode("ascii")[:_LONGEST]
