"""Servers that several processes of a test run share, each looked after by a process of its own.

- whoever uses a server holds a shared lock on its folder, which the system drops with their
  process;
- the keeper starts the server and then waits for that lock alone. So nothing that happens to
  the tests, not even their sudden death, leaves a server or its folder behind.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

Serve = Callable[[Path], AbstractContextManager[str]]
"""Serves from an empty folder, and says what its users must know."""

_READY = "ready"


@contextmanager
def kept(folder: Path, program: str) -> Generator[str]:
    """Use the server of a folder and return what it said; whoever comes first starts it.

    ``program`` is a module that calls ``leave_a_keeper`` when it is run.
    """
    with ExitStack() as stack:
        with _locked(folder.parent, fcntl.LOCK_EX):  # one at a time looks whether it is there
            stack.enter_context(_used(folder))
            if not (folder / _READY).exists():
                _start_keeper(folder, program)
        yield (folder / _READY).read_text()


def leave_a_keeper(folder: Path, serve: Serve) -> None:
    """End this process as soon as the server is ready, and leave a child behind that keeps it."""
    ours, theirs = os.pipe()
    if os.fork():
        os.close(theirs)
        sys.exit(0 if os.read(ours, 1) else "The server did not start.")
    os.close(ours)
    with _alone_at_last(folder, serve(folder)) as said:
        (folder / _READY).write_text(said)
        os.write(theirs, b"r")


@contextmanager
def _alone_at_last(folder: Path, serving: AbstractContextManager[str]) -> Generator[str]:
    """Serve, and go on when the block is left until nobody uses the folder; then take it away."""
    with ExitStack() as alone:
        with serving as said:
            yield said
            # Held until the folder is gone: who comes now waits for that, and starts anew.
            alone.enter_context(_locked(folder, fcntl.LOCK_EX))
        shutil.rmtree(folder)


def _start_keeper(folder: Path, program: str) -> None:
    log = folder / "keeper.log"
    with log.open("w") as told:
        started = subprocess.run(
            (sys.executable, "-m", program, folder),
            cwd=Path(__file__).parents[1],
            stdout=told,
            stderr=told,
            start_new_session=True,  # Ctrl-C is for the tests
            check=False,
        )
    assert started.returncode == 0, log.read_text()


@contextmanager
def _used(folder: Path) -> Generator[None]:
    while True:
        folder.mkdir(exist_ok=True)
        with _locked(folder, fcntl.LOCK_SH) as descriptor:
            if os.fstat(descriptor).st_nlink:  # else a keeper took it away while we waited
                yield
                return


@contextmanager
def _locked(folder: Path, kind: int) -> Generator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, kind)
        yield descriptor
    finally:
        os.close(descriptor)
