"""``graphrepo gc``: what the store holds and nothing needs."""

from datetime import timedelta
from pathlib import Path

import click

from graphrepo.cli.data import data_option, work_in


@click.command()
@data_option
@click.option("--delete", is_flag=True, help="Delete it; without this it is only counted.")
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=24.0,
    show_default=True,
    help="Hours that bytes are left alone; longer than any upload takes.",
)
def gc(*, data: Path, delete: bool, grace: float) -> None:
    """Find stored bytes that no row names, and uploads that were broken off.

    A running server deletes by itself what it knows to be out of use; this finds what crashes and
    refused uploads left. It is safe beside a server as long as no upload takes longer than the
    grace. Only without a server may the grace be 0.
    """
    hours = timedelta(hours=grace)
    found = work_in(data, lambda registry: registry.collection.collect(hours, delete=delete))
    told = f"{found.blobs} blobs of {found.size} bytes and {found.staged} broken-off uploads"
    click.echo(f"Deleted {told}." if delete else f"Would delete {told}; --delete does it.")
