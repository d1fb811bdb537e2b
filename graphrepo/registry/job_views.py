"""What is known of background jobs: their kinds and states, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    """What a job does."""

    COPY = "copy"
    DELETE = "delete"
    TWINS = "twins"


class JobState(StrEnum):
    """How far a job is. It has failed if one of its items has."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ItemState(StrEnum):
    """How far one item of a job is; what a worker is at counts as queued."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobView:
    """A job. Its results are shown to ``may_see_results`` alone: they name what was asked for."""

    id: int
    kind: JobKind
    channel: str
    login: str
    state: JobState
    total: int
    done: int
    failed: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    may_see_results: bool


@dataclass(frozen=True, slots=True)
class JobResult:
    """What came of one item: the files that it changed (``subdir/filename``), or why it failed."""

    item: str
    ok: bool
    files: tuple[str, ...]
    code: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One item of a job in the hands of one worker. ``asked`` is the kind's own.

    ``user_id`` and ``key_id`` say in whose name: an account, and the API key that it used.
    """

    job_id: int
    kind: JobKind
    channel: str
    login: str
    user_id: int | None
    key_id: int | None
    place: int
    asked: Mapping[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an item ended: with the files that it changed, or with a failure."""

    files: tuple[str, ...] = ()
    code: str | None = None
    message: str | None = None
