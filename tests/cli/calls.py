"""Calls of the program inside this process: half a second less each."""

from click.testing import CliRunner

from graphrepo.cli.program import graphrepo
from tests.processes import database_of


def called(*arguments: str) -> tuple[int, str]:
    """Call the program inside this process and return its status and all that it said."""
    env = {"GRAPHREPO_DATA": "/nonexistent", **database_of(arguments, {})}
    result = CliRunner(env=env).invoke(graphrepo, arguments)
    return result.exit_code, result.output
