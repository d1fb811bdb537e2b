"""Calls of the program that never get to the data: no process, half a second less each."""

from click.testing import CliRunner

from graphrepo.cli.program import graphrepo


def called(*arguments: str) -> tuple[int, str]:
    """Call the program inside this process and return its status and all that it said."""
    result = CliRunner(env={"GRAPHREPO_DATA": "/nonexistent"}).invoke(graphrepo, arguments)
    return result.exit_code, result.output
