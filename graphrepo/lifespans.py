"""What runs along with the application, from its start to its end."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Final

from graphrepo.deferred import Deferred
from graphrepo.model.database import Database
from graphrepo.observability import RequestLog
from graphrepo.registry.job_worker import JobWorker
from graphrepo.registry.registry import Registry
from graphrepo.settings import Settings

if TYPE_CHECKING:
    from graphrepo.graphql.transport import Transport

Lifespan = Callable[[object], AbstractAsyncContextManager[None]]

_STORE_THREADS: Final = 32


def wait_widely(settings: Settings) -> Lifespan:
    """Give an object store more threads: they wait for its answers, not for a processor."""

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncGenerator[None]:
        if settings.blobs.directory is None:
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_STORE_THREADS))
        yield

    return lifespan


def work_along(
    database: Database, registry: Registry, worker: JobWorker, log: RequestLog
) -> Lifespan:
    """Open the database, do in the background what nobody waits for, and end both in order."""

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncGenerator[None]:
        database.open()
        await database.version()  # from here on it listens for the changes of others
        works = (registry.upkeep, registry.downloads, worker)
        running = [asyncio.create_task(work.run()) for work in works]
        try:
            yield
        finally:
            await registry.feed.close()
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            await asyncio.to_thread(database.close)
            log.flush()

    return lifespan


def warmed(graphql: Deferred["Transport"]) -> Lifespan:
    """Load GraphQL while the server answers already; ``/readyz`` waits for it, and tells."""

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncGenerator[None]:
        loading = asyncio.create_task(_warm(graphql))
        yield
        loading.cancel()
        await asyncio.wait([loading])

    return lifespan


async def _warm(graphql: Deferred["Transport"]) -> None:
    await graphql.get()
    gc.collect()
    # What is loaded stays for good. To look through all of it for garbage, every now and then,
    # would hold up requests for 50 ms and find nothing.
    gc.freeze()
