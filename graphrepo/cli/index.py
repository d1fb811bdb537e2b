"""``graphrepo index``: the documents that conda clients read."""

from pathlib import Path

import click

from graphrepo.access.viewer import SYSTEM
from graphrepo.cli.data import data_option, work_in


@click.group()
def index() -> None:
    """Look after the documents that conda clients read."""


@index.command("verify")
@data_option
@click.argument("channel", required=False)
def verify(*, data: Path, channel: str | None) -> None:
    """Render every document anew, of CHANNEL or of all channels, and compare with what is served.

    Each difference is named on a line of its own; the exit status is then 1.
    """
    found = work_in(data, lambda registry: registry.verification.index(SYSTEM, channel))
    for each in found.differences:
        click.echo(f"{each.channel}/{each.subdir}/{each.document}: {each.problem}", err=True)
    verdict = f"{len(found.differences)} differences" if found.differences else "no difference"
    click.echo(f"Compared {found.documents} documents of {found.subdirs} subdirs: {verdict}.")
    if found.differences:
        raise click.exceptions.Exit(1)
