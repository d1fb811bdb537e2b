"""The worker of background jobs, turned by hand."""

from datetime import timedelta

from graphrepo.intake.converting import convert
from graphrepo.registry.background import Means, job_worker
from graphrepo.registry.copying import Fetch, Fetched
from graphrepo.registry.job_rows import claim
from graphrepo.registry.job_views import JobKind, JobResult, JobView, Turn
from graphrepo.registry.job_worker import JobWorker, Work
from tests.registry.world import Person, World

LEASE = timedelta(seconds=8)


async def nowhere(url: str) -> Fetched:
    raise AssertionError(f"nothing is fetched here, and {url} neither")


def worker(world: World, fetch: Fetch = nowhere) -> JobWorker:
    return job_worker(world.registry, world.database, Means(fetch, convert), world.clock)


def worker_of(
    world: World,
    work: Work,
    *,
    kind: type[JobWorker] = JobWorker,
    renewal: float = 60,
    look: float = 60,
) -> JobWorker:
    """Return a worker that does every item in one way."""
    works = dict.fromkeys(JobKind, work)
    queued = world.registry.jobs.queued
    return kind(world.database, world.clock, works, queued, renewal=renewal, look=look)


def do_all(world: World, fetch: Fetch = nowhere) -> int:
    """Do what waits and return the number of items."""
    working = worker(world, fetch)
    done = 0
    while world.run(working.once()):
        done += 1
    return done


def seen(person: Person, job: JobView) -> JobView | None:
    return person.world.run(person.world.registry.jobs.get(person.viewer, job.id))


def found(person: Person, job: JobView) -> JobView:
    view = seen(person, job)
    assert view is not None
    return view


def results(person: Person, job: JobView) -> tuple[JobResult, ...]:
    return person.world.run(person.world.registry.jobs.results([job.id]))[job.id]


def delete_packages(person: Person, channel: str, *names: str) -> JobView:
    removal = person.world.registry.mass_removal
    return person.world.run(removal.start(person.viewer, channel, names))


def claimed(world: World, holder: str) -> Turn:
    """Take the next item as another process would, for ``LEASE``."""
    now = int(world.clock().timestamp() * 1000)
    lease = LEASE // timedelta(milliseconds=1)
    turn = world.run(world.database.transact(claim, holder, now, lease))
    assert turn is not None
    return turn
