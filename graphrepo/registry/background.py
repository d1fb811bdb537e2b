"""What goes on beside the requests of one process, wired to the registry."""

from dataclasses import dataclass

from graphrepo.clock import Clock, system_clock
from graphrepo.model.database import Database
from graphrepo.registry.copying import Fetch
from graphrepo.registry.job_views import JobKind, Outcome, Turn
from graphrepo.registry.job_worker import JobWorker
from graphrepo.registry.registry import Registry
from graphrepo.registry.twins import Convert


@dataclass(frozen=True, slots=True)
class Means:
    """What jobs need beside the registry: the network, and a converter of packages."""

    fetch: Fetch
    convert: Convert


def job_worker(
    registry: Registry, database: Database, means: Means, clock: Clock = system_clock
) -> JobWorker:
    """Return the worker of this process."""

    async def copy(turn: Turn) -> Outcome:
        return await registry.copying.work(turn, means.fetch)

    async def make_twin(turn: Turn) -> Outcome:
        return await registry.twins.work(turn, means.convert)

    works = {
        JobKind.COPY: copy,
        JobKind.DELETE: registry.mass_removal.work,
        JobKind.TWINS: make_twin,
    }
    return JobWorker(database, clock, works, registry.jobs.queued)
