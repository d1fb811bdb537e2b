"""``graphrepo backup`` and ``restore``: an installation in another directory, and back."""

from pathlib import Path

import click

from graphrepo.cli.data import data_option, settings_of, store_of
from graphrepo.cli.following import Bar, jobs_option
from graphrepo.errors import InvalidInputError
from graphrepo.registry.backup import Copied, Place, back_up, restore
from graphrepo.settings import Settings

directory_argument = click.argument("directory", type=click.Path(file_okay=False, path_type=Path))


@click.command("backup")
@data_option
@jobs_option
@directory_argument
def backup_command(*, data: Path, directory: Path, jobs: int) -> None:
    """Copy everything to DIRECTORY, while a server may be running.

    A second run copies only what is new. The copy is a data directory itself: `graphrepo verify
    --data DIRECTORY` looks through it.
    """
    with Bar("copying") as bar:
        done = back_up(_here(data), kept_in(directory), bar, jobs=jobs)
    _tell(done, f"{directory} is a whole backup")


@click.command("restore")
@data_option
@jobs_option
@directory_argument
def restore_command(*, data: Path, directory: Path, jobs: int) -> None:
    """Bring the backup in DIRECTORY back to the data directory, which must have no database.

    What was interrupted is repeated: bytes that are there already are not copied again.
    """
    with Bar("copying") as bar:
        done = restore(kept_in(directory), _here(data), bar, jobs=jobs)
    _tell(done, f"{data} is what it was")


def kept_in(directory: Path) -> Place:
    """Return where rows and bytes are in the directory of a backup."""
    settings = Settings(data=directory.absolute())
    return Place(_file(settings), store_of(settings))


def _here(data: Path) -> Place:
    settings = settings_of(data)
    return Place(_file(settings), store_of(settings))


def _file(settings: Settings) -> Path:
    if isinstance(settings.database_address, str):
        raise InvalidInputError(
            "The rows are in a PostgreSQL: save them with pg_dump, and after that copy the store"
            " with its own tools."
        )
    return settings.database_address


def _tell(done: Copied, success: str) -> None:
    for blake3 in done.lost:
        click.echo(f"Blob {blake3} is missing or damaged and was not copied.", err=True)
    click.echo(f"Copied {done.blobs} blobs of {done.size} bytes.")
    if done.lost:
        click.echo("Everything else was copied; graphrepo verify tells what is missing.", err=True)
        raise click.exceptions.Exit(1)
    click.echo(f"{success}.")
