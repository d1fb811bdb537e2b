"""Calls of the program inside this process: half a second less each.

For commands that a test needs on its way, and for those whose words alone it looks at. A process
of its own (``tests/processes.py``) tells status, output and errors apart as a shell sees them.
"""

from pathlib import Path

from click.testing import CliRunner

from graphrepo.cli.program import graphrepo
from tests.processes import database_of


def called(*arguments: str | Path, typed: str = "") -> tuple[int, str]:
    """Call the program inside this process and return its status and all that it said."""
    env = {"GRAPHREPO_DATA": "/nonexistent", **database_of(arguments, {})}
    result = CliRunner(env=env).invoke(graphrepo, [*map(str, arguments)], input=typed)
    return result.exit_code, result.output


def told(*arguments: str | Path, typed: str = "") -> str:
    """Call a command that must succeed, and return what it printed."""
    status, said = called(*arguments, typed=typed)
    assert status == 0, said
    return said.strip()
