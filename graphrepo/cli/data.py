"""The data directory: the option that names it, and the registry inside it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click

from graphrepo.blobs.opening import open_store
from graphrepo.blobs.store import BlobStore
from graphrepo.model.database import Database
from graphrepo.model.engine import Pool
from graphrepo.registry.registry import Registry, assemble
from graphrepo.settings import Settings

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


def work_in(data: Path, work: Callable[[Registry], Awaitable[T]]) -> T:
    """Do something with the registry of a data directory, which a server may be using too.

    Raises:
        UnavailableError: The directory cannot be used; and whatever ``work`` raises.
    """
    return asyncio.run(_work(settings_of(data), work))


async def _work(settings: Settings, work: Callable[[Registry], Awaitable[T]]) -> T:
    database = Database(settings.database_address, Pool(readers=1, writers=1))
    database.open()
    try:
        return await work(assemble(database, store_of(settings)))
    finally:
        database.close()
