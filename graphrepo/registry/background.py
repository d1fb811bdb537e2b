"""What goes on beside the requests of one process, wired to the registry."""

from graphrepo.clock import Clock, system_clock
from graphrepo.model.database import Database
from graphrepo.registry.copying import Fetch
from graphrepo.registry.job_views import JobKind, Outcome, Turn
from graphrepo.registry.job_worker import JobWorker
from graphrepo.registry.registry import Registry


def job_worker(
    registry: Registry, database: Database, fetch: Fetch, clock: Clock = system_clock
) -> JobWorker:
    """Return the worker of this process; ``fetch`` brings files from elsewhere into staging."""

    async def copy(turn: Turn) -> Outcome:
        return await registry.copying.work(turn, fetch)

    works = {
        JobKind.COPY: copy,
        JobKind.DELETE: registry.mass_removal.work,
        JobKind.TWINS: registry.twins.work,
    }
    return JobWorker(database, clock, works, registry.jobs.queued)
