"""Lists of jobs, and rows of jobs as one viewer sees them; inside a session."""

from graphrepo.access.policy import Action, may, may_administer_server
from graphrepo.access.viewer import Viewer
from graphrepo.model.database import Row, rows
from graphrepo.registry.channel_rows import CHANNEL_COLUMNS, channel_view
from graphrepo.registry.filters import Where, window_values
from graphrepo.registry.gate import access_to, permitted, readable, viewer_values
from graphrepo.registry.job_views import JobKind, JobState, JobView
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.views import Page, moment, moment_or_none, page_of


def find_job(viewer: Viewer, ident: int) -> JobView | None:
    """Return a job if the viewer may see it."""
    found = rows(f"{_SELECT} WHERE j.id = $id", id=ident, user_id=viewer.user_id)
    return _seen(viewer, found[0]) if found else None


def existing_job(viewer: Viewer, ident: int) -> JobView:
    """Return a job that its starter has just queued, in the same transaction."""
    found = rows(f"{_SELECT} WHERE j.id = $id", id=ident, user_id=viewer.user_id)
    return _job_view(viewer, found[0])


def active_job(viewer: Viewer, channel: str, kind: JobKind) -> JobView | None:
    """Return the newest unfinished job of a kind in a channel, if the viewer may see one."""
    found = rows(_ACTIVE, channel=channel, kind=kind.value, user_id=viewer.user_id)
    seen = (_seen(viewer, row) for row in found)
    return next((job for job in seen if job is not None), None)


def jobs_page(viewer: Viewer, query: ListQuery) -> Page[JobView]:
    """Return a page of the jobs that the viewer may see, newest first."""
    where = Where(_FIELDS)
    condition = f"{_visible(viewer)} AND {where.condition(query.where)}"
    values = viewer_values(viewer) | where.values
    total = rows(f"SELECT count(*) {_FROM} WHERE {condition}", **values)[0][0]
    found = rows(
        f"{_SELECT} WHERE {condition} ORDER BY j.id DESC LIMIT $limit OFFSET $offset",
        **values,
        **window_values(query.window),
    )
    return page_of(tuple(_job_view(viewer, row) for row in found), query.window, total)


def _visible(viewer: Viewer) -> str:
    """Return as a condition what ``_seen`` decides for one row."""
    if not _everywhere(viewer):
        return permitted(viewer, Action.UPLOAD)
    started = f"(j.user_id = $user_id AND {readable(viewer)})"
    return f"({started} OR {permitted(viewer, Action.UPLOAD)})"


def _seen(viewer: Viewer, row: Row) -> JobView | None:
    access = access_to(channel_view(row[_OWN_COLUMNS:]))
    mine = _is_starter(viewer, row[_USER]) and may(viewer, Action.READ, access)
    return _job_view(viewer, row) if mine or may(viewer, Action.UPLOAD, access) else None


def _job_view(viewer: Viewer, row: Row) -> JobView:
    (ident, kind, user_id, login, state, created, started, finished) = row[:_COUNTS]
    total, done, failed = row[_COUNTS:_OWN_COLUMNS]
    return JobView(
        id=ident,
        kind=JobKind(kind),
        channel=channel_view(row[_OWN_COLUMNS:]).name,
        login=login,
        state=JobState(state),
        total=total,
        done=done,
        failed=failed,
        created_at=moment(created),
        started_at=moment_or_none(started),
        finished_at=moment_or_none(finished),
        may_see_results=_is_starter(viewer, user_id) or may_administer_server(viewer),
    )


def _is_starter(viewer: Viewer, user_id: int | None) -> bool:
    return user_id is not None and viewer.user_id == user_id and _everywhere(viewer)


def _everywhere(viewer: Viewer) -> bool:
    # A key of one channel must not read what the job says of other ones.
    return viewer.key is None or viewer.key.channel is None


_USER, _COUNTS, _OWN_COLUMNS = 2, 8, 11  # places in a row of _SELECT
_FIELDS = {
    "type": "j.kind",
    "state": "j.state",
    "channelName": "c.name",
    "startedBy": "j.login",
}
_COUNT = "(SELECT count(*) FROM job_item i WHERE i.job_id = j.id"
_FROM = """
    FROM job j JOIN channel c ON c.id = j.channel_id
    LEFT JOIN member m ON m.channel_id = c.id AND m.user_id = $user_id
"""
_SELECT = f"""
    SELECT j.id, j.kind, j.user_id, j.login, j.state, j.created_at, j.started_at, j.finished_at,
      {_COUNT}), {_COUNT} AND i.state = 'done'), {_COUNT} AND i.state = 'failed'),
      {CHANNEL_COLUMNS} {_FROM}
"""
_ACTIVE = f"""{_SELECT}
    WHERE c.name = $channel AND j.kind = $kind AND j.state IN ('queued', 'running')
    ORDER BY j.id DESC
"""
