"""The rows of work that goes on beside the requests."""

from pony import orm

from graphrepo.model.entities import Channel, db


class Job(db.Entity):
    """Work that somebody started and a worker does, one item after the other.

    ``user_id`` and ``key_id`` name rows that may be gone: then the rights of whoever started
    the job are gone as well. A foreign key that went to null would widen them instead.
    """

    _table_ = "job"
    id = orm.PrimaryKey(int, auto=True, size=64)
    kind = orm.Required(str, 20)  # registry.job_views.JobKind
    channel = orm.Required(Channel, column="channel_id")
    login = orm.Required(str, 60)
    user_id = orm.Optional(int, size=64)
    key_id = orm.Optional(int, size=64)
    state = orm.Required(str, 10)  # registry.job_views.JobState
    created_at = orm.Required(int, size=64)
    started_at = orm.Optional(int, size=64)
    finished_at = orm.Optional(int, size=64)
    served_at = orm.Required(int, size=64, default=0)  # when a worker last took an item of it
    holder = orm.Optional(str, 32, nullable=True)  # the worker that is at it,
    lease_until = orm.Required(int, size=64, default=0)  # and until when it is believed to be
    items = orm.Set("JobItem")
    orm.composite_index(state, served_at)


class JobItem(db.Entity):
    """One step of a job: what is asked, and what came of it."""

    _table_ = "job_item"
    job = orm.Required(Job, column="job_id")
    place = orm.Required(int, size=64)
    asked = orm.Required(str)  # JSON object; its keys are the kind's own
    state = orm.Required(str, 10)  # registry.job_views.ItemState
    attempts = orm.Required(int, size=64, default=0)  # begun and not ended by a clean stop
    result = orm.Optional(str, nullable=True)  # JSON object once it is done or failed
    orm.PrimaryKey(job, place)
