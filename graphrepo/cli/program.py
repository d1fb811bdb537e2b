"""The program as a whole: its commands, and how its failures look.

Exit status: 0 done, 1 failed with one sentence on stderr, 2 called wrongly.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import click

from graphrepo import __version__
from graphrepo.errors import GraphrepoError

_COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "serve": "serve:serve",
        "user": "accounts:user",
        "key": "accounts:key",
        "channel": "channels:channel",
        "upload": "upload:upload",
        "audit": "audit:audit",
        "index": "index:index",
        "verify": "verify:verify",
        "gc": "gc:gc",
        "backup": "backup:backup_command",
        "restore": "backup:restore_command",
        "migrate-data": "migrate_data:migrate_data",
    }
)
"""Where each command stands: a module of this package and the name there."""


class _Failure(click.ClickException):
    """A domain error at the terminal: its sentence and nothing else."""

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - as click declares it
        click.echo(self.message, file=file, err=file is None)


class _Program(click.Group):
    """Loads the command that was called, for each needs other libraries; tells domain errors."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all of them, without loading any."""
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one; none where there is no such command."""
        del ctx
        module, _, name = _COMMANDS.get(cmd_name, "").partition(":")
        return getattr(import_module(f"graphrepo.cli.{module}"), name) if module else None

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click declares it
        try:
            return super().invoke(ctx)
        except GraphrepoError as error:
            raise _Failure(error.message) from error


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def graphrepo() -> None:
    """Run a conda package server, and upload packages to one."""


def main() -> None:
    """Run the command line of this process and exit with its status."""
    graphrepo(prog_name="graphrepo")
