"""Preconditions and ranges of HTTP (RFC 9110, sections 13 and 14), as functions of values.

The server knows two things about a file: a strong ETag, and the second of its last change.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import NamedTuple

_ETAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
# "*+" gives nothing back: to divide many blanks in all ways would take seconds.
_RANGE = re.compile(r"bytes\s*+=\s*+([0-9]{0,18})\s*+-\s*+([0-9]{0,18})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Validators:
    """What a client may compare its copy with."""

    etag: str  # strong, with its quotes
    modified: datetime

    @property
    def last_modified(self) -> str:
        """The moment as HTTP writes it, in whole seconds."""
        return format_datetime(self.modified.astimezone(UTC), usegmt=True)


class Span(NamedTuple):
    """A part of a file: ``length`` bytes from ``start``."""

    start: int
    length: int


class Unsatisfiable(Exception):  # noqa: N818 - the standard's word
    """The range lies behind the end of the file."""


def is_unchanged(headers: Mapping[str, str], validators: Validators) -> bool:
    """Return whether the client's copy is good, so that 304 says enough.

    ``If-None-Match`` settles it where it is sent; its comparison is the weak one (13.1.2).
    """
    tags = headers.get("if-none-match")
    if tags is not None:
        if tags == validators.etag:
            return True
        known = {match[2] for match in _ETAG.finditer(tags)}
        return tags.strip() == "*" or validators.etag in known
    since = _moment(headers["if-modified-since"]) if "if-modified-since" in headers else None
    return since is not None and validators.modified.replace(microsecond=0) <= since


def span_of(headers: Mapping[str, str], validators: Validators, size: int) -> Span | None:
    """Return the part of ``size`` bytes that is asked for, or ``None`` for the whole.

    Several ranges, other units and malformed ones mean the whole, and so does an ``If-Range``
    that no longer holds (14.2).

    Raises:
        Unsatisfiable: The range is well-formed and has nothing to give.
    """
    if "range" not in headers:
        return None
    asked = _RANGE.fullmatch(headers["range"].strip())
    if asked is None or not _if_range_holds(headers.get("if-range"), validators):
        return None
    first, last = asked[1], asked[2]
    if first:
        return _from_first(int(first), int(last) if last else size - 1, size)
    return _suffix(int(last), size) if last else None


def _from_first(first: int, last: int, size: int) -> Span | None:
    if first >= size:
        raise Unsatisfiable
    return Span(first, min(last, size - 1) - first + 1) if first <= last else None


def _suffix(length: int, size: int) -> Span:
    if length == 0 or size == 0:
        raise Unsatisfiable
    return Span(max(0, size - length), min(length, size))


def _if_range_holds(value: str | None, validators: Validators) -> bool:
    # A weak tag never holds here, and a date only if it is exactly ours (13.1.5).
    if value is None:
        return True
    if value.startswith(('"', "W/")):
        return value.strip() == validators.etag
    return _moment(value) == validators.modified.replace(microsecond=0)


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # the second of numbers that no machine word holds
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
