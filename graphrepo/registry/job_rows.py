"""Rows of jobs: started, handed to workers item by item, ended; inside ``transact``.

A worker claims one item of the job that was served least recently, so no job, however long,
keeps others waiting for more than an item. The claim holds for a while and is renewed; that of
a worker that dies runs out, and its item is claimed again. So every item must be of a kind
that can be done twice with the effect of once.

Workers go beside each other and beside uploads, which append to jobs. So whoever claims, ends
or appends holds the row of the job first; a claim passes over jobs that somebody else holds.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from graphrepo.access.viewer import Viewer
from graphrepo.errors import ConflictError
from graphrepo.model.database import locked, rows
from graphrepo.model.entities import Channel
from graphrepo.model.job_entities import Job
from graphrepo.registry.job_views import ItemState, JobKind, JobState, Outcome, Turn

MAX_UNFINISHED = 20
"""Jobs that one person may have waiting or running."""

_KEPT = 30 * 24 * 3600 * 1000  # ms that a finished job can be looked at


def check_room(viewer: Viewer) -> None:
    """Refuse another job to somebody who has enough of them.

    Raises:
        ConflictError: the viewer has too many unfinished jobs.
    """
    unfinished = rows(_UNFINISHED, login=viewer.login, twins=JobKind.TWINS.value)[0][0]
    if unfinished >= MAX_UNFINISHED:
        raise ConflictError(
            f"You have {unfinished} unfinished jobs; wait until one of them has ended."
        )


def insert_job(
    viewer: Viewer, kind: JobKind, channel_id: int, items: Iterable[Mapping[str, Any]], now: int
) -> int:
    """Queue a job in the viewer's name and return its id; forget the oldest ones."""
    rows("DELETE FROM job WHERE finished_at < $before", before=now - _KEPT)
    job = Job(
        kind=kind.value,
        channel=Channel[channel_id],
        login=viewer.login,
        user_id=viewer.user_id,
        key_id=_key_id(viewer),
        state=JobState.QUEUED.value,
        created_at=now,
    )
    job.flush()
    for place, asked in enumerate(items):
        append_item(job.id, place, asked)
    return job.id


def append_item(job_id: int, place: int, asked: Mapping[str, Any]) -> None:
    """Add an item to a job that has not ended, at the first free place."""
    rows(_APPEND, id=job_id, place=place, asked=json.dumps(asked, sort_keys=True))


def waiting(now: int) -> bool:
    """Return whether there is something to claim; reads only."""
    return bool(rows(f"SELECT j.id {_CLAIMABLE} LIMIT 1", now=now))


def claim(holder: str, now: int, span: int) -> Turn | None:
    """Give ``holder`` an item to do for ``span`` ms, if one waits."""
    for (ident,) in rows(_LEFT + locked("job", skips=True), now=now):
        rows(_FINISH, id=ident, now=now)
    found = rows(_NEXT.format(locked=locked("j", skips=True)), now=now)
    if not found:
        return None
    ident, kind, channel, login, user_id, key_id, place, asked, attempts = found[0]
    turn = Turn(
        job_id=ident,
        kind=JobKind(kind),
        channel=channel,
        login=login,
        user_id=user_id,
        key_id=key_id,
        place=place,
        asked=json.loads(asked),
        attempts=attempts,
    )
    rows(_CLAIM, id=turn.job_id, holder=holder, now=now, until=now + span)
    rows(_ATTEMPT, id=turn.job_id, place=turn.place)
    return turn


def renew(turn: Turn, holder: str, until: int) -> bool:
    """Hold on to a claimed item; return whether it is still the holder's."""
    rows(_RENEW, id=turn.job_id, holder=holder, until=until)
    return bool(rows(_HELD, id=turn.job_id, holder=holder))


def release(turn: Turn, holder: str) -> None:
    """Give a claimed item back undone, as if it had not been begun."""
    if rows(_HELD + locked("job"), id=turn.job_id, holder=holder):
        rows(_GIVE_BACK, id=turn.job_id, place=turn.place)
        rows(_LET_GO, id=turn.job_id)


def note(turn: Turn, outcome: Outcome) -> None:
    """Write down how an item ended, once: a second note of the same item changes nothing."""
    result = {"files": outcome.files, "code": outcome.code, "message": outcome.message}
    rows(
        _NOTE,
        id=turn.job_id,
        place=turn.place,
        state=(ItemState.FAILED if outcome.code else ItemState.DONE).value,
        result=json.dumps({name: value for name, value in result.items() if value}),
    )


def settle(turn: Turn, holder: str, outcome: Outcome, now: int) -> None:
    """Write down how an item ended, let go of its job, and end the job with its last item."""
    is_mine = rows(_HELD + locked("job"), id=turn.job_id, holder=holder)
    note(turn, outcome)
    if is_mine:
        rows(_LET_GO, id=turn.job_id)
    rows(_FINISH, id=turn.job_id, now=now)


def _key_id(viewer: Viewer) -> int | None:
    if viewer.key is None:
        return None
    sql = "SELECT id FROM api_key WHERE user_id = $user_id AND name = $name"
    found = rows(sql, user_id=viewer.user_id, name=viewer.key.name)
    return found[0][0] if found else 0  # 0 is no key: who came with a lost one has no rights


_UNFINISHED = """
    SELECT count(*) FROM job
    WHERE login = $login AND state IN ('queued', 'running') AND kind <> $twins
"""
_APPEND = """
    INSERT INTO job_item (job_id, place, asked, state, attempts)
    VALUES ($id, $place, $asked, 'queued', 0)
"""
# Claims last for seconds: one that reaches an hour ahead is from before the clock was set back.
_CLAIMABLE = """
    FROM job j WHERE j.state IN ('queued', 'running')
    AND (j.lease_until <= $now OR j.lease_until > $now + 3600000)
"""
_NEXT = f"""
    SELECT n.id, n.kind, c.name, n.login, n.user_id, n.key_id, i.place, i.asked, i.attempts
    FROM (SELECT j.* {_CLAIMABLE} ORDER BY j.served_at, j.id LIMIT 1 {{locked}}) AS n
    JOIN channel c ON c.id = n.channel_id
    JOIN job_item i ON i.job_id = n.id AND i.state = 'queued'
    ORDER BY i.place LIMIT 1
"""
_CLAIM = """
    UPDATE job SET state = 'running', holder = $holder, lease_until = $until, served_at = $now,
      started_at = coalesce(started_at, $now)
    WHERE id = $id
"""
_ATTEMPT = "UPDATE job_item SET attempts = attempts + 1 WHERE job_id = $id AND place = $place"
_GIVE_BACK = "UPDATE job_item SET attempts = attempts - 1 WHERE job_id = $id AND place = $place"
_RENEW = "UPDATE job SET lease_until = $until WHERE id = $id AND holder = $holder"
_HELD = "SELECT 1 FROM job WHERE id = $id AND holder = $holder"
_LET_GO = "UPDATE job SET holder = NULL, lease_until = 0 WHERE id = $id"
_NOTE = """
    UPDATE job_item SET state = $state, result = $result
    WHERE job_id = $id AND place = $place AND state = 'queued'
"""
_IS_DONE = """finished_at IS NULL AND NOT EXISTS
      (SELECT 1 FROM job_item i WHERE i.job_id = job.id AND i.state = 'queued')"""
_FINISH = f"""
    UPDATE job SET finished_at = $now, state = CASE
      WHEN EXISTS (SELECT 1 FROM job_item i WHERE i.job_id = job.id AND i.state = 'failed')
      THEN 'failed' ELSE 'done' END
    WHERE {_IS_DONE} AND id = $id
"""
# A worker may die between the note of the last item and the end of the job.
_LEFT = f"SELECT id FROM job WHERE {_IS_DONE} AND lease_until <= $now"
