"""``graphrepo migrate-data``: an installation moves to another database, another store, or both."""

import sys
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from graphrepo.blobs.carrying import carry
from graphrepo.blobs.store import BlobEntry, BlobStore
from graphrepo.cli.data import data_option, settings_of, store_of
from graphrepo.clock import milliseconds, system_clock
from graphrepo.errors import NotFoundError
from graphrepo.model.transfer import carry_rows, count_rows
from graphrepo.settings import Settings

_AT_ONCE: Final = 4  # blobs


@click.command("migrate-data")
@data_option
@click.option("--to-database", metavar="URL", help="As GRAPHREPO_DATABASE would name it.")
@click.option("--to-store", metavar="URL", help="As GRAPHREPO_STORE would name it.")
def migrate_data(*, data: Path, to_database: str | None, to_store: str | None) -> None:
    """Copy all rows to another database, and all packages to another store.

    Where they come from, the settings say as for a server; all servers must be stopped. What is
    copied is compared by digest. Run it again after an interruption, and it goes on.
    """
    given = {"database": to_database, "store": to_store}
    instead = {name: url for name, url in given.items() if url}
    if not instead:
        raise click.UsageError("Give --to-database, --to-store, or both.")
    source = settings_of(data)
    _check_there(source.database_address)
    target = replace(Settings.from_environment(None, **instead), data=source.data)
    # Bytes before rows: what the new database names is there from its first moment on.
    if to_store:
        _carry_blobs(store_of(source), store_of(target))
    if to_database:
        _carry_rows(source, target)
    variables = " and ".join(f"GRAPHREPO_{name.upper()}" for name in instead)
    click.echo(f"Done; set {variables} to it, and start the server.")


def _check_there(database: Path | str) -> None:
    """Refuse to move from where nothing is; a new file would be made there otherwise."""
    if isinstance(database, Path) and not database.exists():
        raise NotFoundError(f"There is no database {database}; check --data.")


def _carry_blobs(source: BlobStore, target: BlobStore) -> None:
    target.check()
    entries = list(source.entries())
    with _bar() as bar, ThreadPoolExecutor(_AT_ONCE) as pool:
        task = bar.add_task("packages and documents", total=sum(each.size for each in entries))

        def bring(entry: BlobEntry) -> bool:
            is_new = carry(source, target, entry)
            bar.advance(task, entry.size)
            return is_new

        new = sum(_all(pool, [pool.submit(bring, entry) for entry in entries]))
    click.echo(f"Copied {new} blobs; {len(entries) - new} were there.")


def _all(pool: ThreadPoolExecutor, calls: Iterable[Future[bool]]) -> Iterable[bool]:
    """Yield what calls return; the first that fails ends those that have not begun."""
    try:
        for call in calls:
            yield call.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _carry_rows(source: Settings, target: Settings) -> None:
    old, new = source.database_address, target.database_address
    with _bar() as bar:
        task = bar.add_task("rows", total=count_rows(old))
        now = milliseconds(system_clock())
        carried = carry_rows(old, new, now, lambda count: bar.advance(task, count))
    verb = "Copied" if carried.is_new else "Found all"
    click.echo(f"{verb} {carried.rows} rows of {carried.tables} tables.")


def _bar() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f}%"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),
    )
