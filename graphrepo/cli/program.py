"""The program as a whole: its commands, and how its failures look.

Exit status: 0 done, 1 failed with one sentence on stderr, 2 called wrongly.
"""

from typing import Any

import click

from graphrepo import __version__
from graphrepo.cli.accounts import key, user
from graphrepo.cli.audit import audit
from graphrepo.cli.backup import backup_command, restore_command
from graphrepo.cli.channels import channel
from graphrepo.cli.gc import gc
from graphrepo.cli.index import index
from graphrepo.cli.migrate_data import migrate_data
from graphrepo.cli.serve import serve
from graphrepo.cli.upload import upload
from graphrepo.cli.verify import verify
from graphrepo.errors import GraphrepoError


class _Failure(click.ClickException):
    """A domain error at the terminal: its sentence and nothing else."""

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - as click declares it
        click.echo(self.message, file=file, err=file is None)


class _Program(click.Group):
    """Turns domain errors into an exit status, whichever command met them."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click declares it
        try:
            return super().invoke(ctx)
        except GraphrepoError as error:
            raise _Failure(error.message) from error


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def graphrepo() -> None:
    """Run a conda package server, and upload packages to one."""


for command in (serve, user, key, channel, upload):
    graphrepo.add_command(command)
for command in (audit, index, verify, gc, backup_command, restore_command, migrate_data):
    graphrepo.add_command(command)


def main() -> None:
    """Run the command line of this process and exit with its status."""
    graphrepo(prog_name="graphrepo")
