"""Logs: one line for each request, and no secret in any of them.

Nothing here knows what a request is; callers hand in facts. ``mask`` runs over every line as
the last step, so a token that some library writes is hidden as well.
"""

import logging
import re
import sys
from dataclasses import dataclass

MASK = "*****"

_KEY = re.compile(r"gr-[A-Za-z0-9]{4,}")
_TOKEN_PATH = re.compile(r"(/t/+)[^/\s\"'?#]+")
_HEADER = re.compile(r"((?:authorization|x-api-key|cookie)['\"]?\s*[:=]\s*)[^\r\n]+", re.IGNORECASE)

logger = logging.getLogger("graphrepo")
requests = logging.getLogger("graphrepo.request")


def mask(text: str) -> str:
    """Return the text with everything that may be a credential replaced."""
    text = _TOKEN_PATH.sub(rf"\1{MASK}", text)
    return _HEADER.sub(rf"\1{MASK}", _KEY.sub(f"gr-{MASK}", text))


class MaskingFormatter(logging.Formatter):
    """Formats like ``logging.Formatter``, tracebacks included, then masks."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the masked line or lines."""
        return mask(super().format(record))


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What is worth knowing of a request that was answered; ``path`` has no query."""

    request_id: str
    method: str
    path: str
    status: int
    sent: int  # bytes of the body
    seconds: float
    login: str  # empty for a stranger


def log_request(facts: RequestFacts) -> None:
    """Write the request's line at level info."""
    requests.info(
        "%s %s %d %dB %.1fms id=%s user=%s",
        facts.method,
        _one_line(facts.path),
        facts.status,
        facts.sent,
        facts.seconds * 1000,
        facts.request_id,
        facts.login or "-",
    )


def log_failure(request_id: str, error: BaseException) -> None:
    """Write an unexpected failure with its traceback, under the id that the person was given."""
    logger.error("unexpected failure id=%s", request_id, exc_info=error)


def configure_logging(level: str) -> None:
    """Send the project's logs to standard error, masked; called once, by whoever starts."""
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger.handlers = [stream]
    logger.propagate = False
    logger.setLevel(level.upper())


def _one_line(path: str) -> str:
    # Whatever a stranger puts into an address stays on the line of its own request.
    return path.encode("unicode_escape").decode("ascii")[:500]
