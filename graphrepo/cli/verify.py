"""``graphrepo verify``: is everything sound, and what can be repaired?"""

from pathlib import Path

import click

from graphrepo.cli.backup import kept_in
from graphrepo.cli.data import data_option, work_in
from graphrepo.cli.following import Bar, jobs_option
from graphrepo.registry.registry import Registry
from graphrepo.registry.soundness import Verdict, Wanted


@click.command()
@data_option
@jobs_option
@click.option("--resume", is_flag=True, help="Go on where the last run was interrupted.")
@click.option("--repair", is_flag=True, help="Make good what can be; see the manual first.")
@click.option(
    "--backup",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --repair: the directory of a backup, to take lost bytes from.",
)
def verify(*, data: Path, jobs: int, resume: bool, repair: bool, backup: Path | None) -> None:
    """Hold rows, stored bytes and served documents against each other.

    Every stored file that is in use is read and its digests are compared. Each fault is named on
    a line of its own; the exit status is 1 if one is left. A server may be running meanwhile.
    """
    if backup is not None and not repair:
        raise click.UsageError("--backup is where --repair takes bytes from; give both or neither.")
    store = None if backup is None else kept_in(backup).store
    wanted = Wanted(jobs=jobs, resume=resume, repair=repair, backup=store)
    with Bar("reading") as bar:

        async def work(registry: Registry) -> Verdict:
            return await registry.soundness.verify(bar, wanted)

        verdict = work_in(data, work)
    for fault in verdict.faults:
        click.echo(str(fault), err=True)
    left = sum(not fault.is_repaired for fault in verdict.faults)
    repaired = len(verdict.faults) - left
    told = f"{left} faults" if left else "no fault"
    told += f" left, {repaired} repaired" if repaired else ""
    click.echo(f"Verified {verdict.blobs} blobs and {verdict.documents} documents: {told}.")
    if not verdict.is_sound:
        raise click.exceptions.Exit(1)
