"""The data directory: the option that names it, and the registry inside it."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from graphrepo.blobs.opening import open_store
from graphrepo.blobs.store import BlobStore
from graphrepo.model.database import Database
from graphrepo.model.engine import Pool
from graphrepo.settings import Settings

if TYPE_CHECKING:
    from graphrepo.registry.registry import Registry

T = TypeVar("T")

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="GRAPHREPO_DATA",
    show_envvar=True,
    default="./graphrepo-data",
    show_default=True,
    help="Where the database and the packages are.",
)


def settings_of(data: Path) -> Settings:
    """Return the settings of the environment, with this data directory.

    Raises:
        InvalidInputError: A variable's value is none of its kind.
    """
    # Absolute, for Pony takes a relative name to start from its own directory.
    return replace(Settings.from_environment(), data=data.absolute())


def store_of(settings: Settings) -> BlobStore:
    """Return the blob store of the settings.

    Raises:
        UnavailableError: Its credentials are incomplete, or an extra is not installed.
    """
    lends = settings.redirect_artifacts
    return open_store(settings.blobs, settings.scratch, lends=lends)


def work_in(data: Path, work: Callable[["Registry"], Awaitable[T]]) -> T:
    """Do something with the registry of a data directory, which a server may be using too.

    Raises:
        UnavailableError: The directory cannot be used; and whatever ``work`` raises.
    """
    return asyncio.run(_work(settings_of(data), work))


@contextmanager
def opened(settings: Settings) -> Generator[Database]:
    """Open the database of the settings for a while, its tables brought up to date.

    Raises:
        UnavailableError: It cannot be used.
    """
    database = Database(settings.database_address, Pool(readers=1, writers=1))
    database.open()
    try:
        yield database
    finally:
        database.close()


async def _work(settings: Settings, work: Callable[["Registry"], Awaitable[T]]) -> T:
    # Here, not above: it is most of the program, and ``serve`` starts without it.
    from graphrepo.registry.registry import assemble  # noqa: PLC0415

    with opened(settings) as database:
        return await work(assemble(database, store_of(settings)))
