"""The program as a person would start it: real processes, their output and exit status."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, Protocol

from tests.databases import on_postgres, postgres_of
from tests.forks import CAN_FORK, Forked

PROGRAM = (sys.executable, "-m", "graphrepo.cli")
PASSWORD = "correct horse battery"
_PATIENCE = 90  # seconds, after which a process that hangs is killed and its test fails


@dataclass(frozen=True)
class Ran:
    """What a finished command said."""

    status: int
    out: str
    err: str


class Process(Protocol):
    """A process of the program."""

    @property
    def pid(self) -> int: ...

    def send_signal(self, number: int, /) -> None: ...

    def kill(self) -> None: ...

    def terminate(self) -> None: ...

    def wait(self, timeout: float | None = None) -> int: ...


@dataclass(frozen=True)
class Serving:
    """A running ``graphrepo serve``; ``said`` is what it prints from now on."""

    process: Process
    said: IO[str]
    data: Path
    url: str
    setup_token: str | None

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(_PATIENCE)


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without graphrepo's variables, and these laid over it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GRAPHREPO_")}  # noqa: TID251 - what a child inherits
    return {**own, "PYTHONPATH": str(Path(__file__).parents[1]), **variables}


def database_of(arguments: Sequence[str | Path], env: Mapping[str, str]) -> dict[str, str]:
    """Return what names the database of a data directory, where the tests run on PostgreSQL."""
    named = arguments[arguments.index("--data") + 1] if "--data" in arguments else None
    data = named or env.get("GRAPHREPO_DATA")
    if data is None or "GRAPHREPO_DATABASE" in env or not on_postgres():
        return {}
    return {"GRAPHREPO_DATABASE": postgres_of(Path(data))}


def run(
    *arguments: str | Path,
    typed: str = "",
    env: Mapping[str, str] | None = None,
    program: Sequence[str] = PROGRAM,
) -> Ran:
    """Run a command to its end; ``typed`` comes through a pipe, not from a terminal."""
    own = environment(**{**database_of(arguments, env or {}), **(env or {})})
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        keyboard, line = os.pipe()
        os.write(line, typed.encode())
        os.close(line)
        process = _started(
            (*program, *map(str, arguments)), own, (keyboard, out.fileno(), err.fileno())
        )
        os.close(keyboard)
        with _killed_after(_PATIENCE, process):
            status = process.wait()
        out.seek(0)
        err.seek(0)
        return Ran(status, out.read(), err.read())


def made(*arguments: str | Path, typed: str = "") -> str:
    """Run a command that must succeed without a complaint, and return what it printed."""
    ran = run(*arguments, typed=typed)
    assert (ran.status, ran.err) == (0, "")
    return ran.out.strip()


def on_a_terminal(*arguments: str | Path, typed: Sequence[str]) -> str:
    """Run a command on a terminal, type a line whenever it asks, and return the whole screen."""
    ours, theirs = os.openpty()
    # The terminal that the leader of a new session opens becomes its own: passwords are asked
    # for there, wherever standard input comes from.
    shell = ("sh", "-c", 'exec "$@" <>"$0" >&0 2>&0', os.ttyname(theirs))
    command = (*shell, *PROGRAM, *map(str, arguments))
    env = environment(**database_of(arguments, {}))
    with subprocess.Popen(command, env=env, stdin=theirs, start_new_session=True) as run:
        os.close(theirs)
        screen = b"".join(_dialogue(ours, iter(typed)))
    os.close(ours)
    assert run.returncode == 0, screen
    return screen.decode()


def _dialogue(terminal: int, typed: Iterator[str]) -> Iterator[bytes]:
    last = b""
    with suppress(OSError):  # EIO: the other side is closed
        while shown := os.read(terminal, 4096):
            yield shown
            last = (last + shown)[-2:]  # a prompt may come in pieces
            if last == b": " and (line := next(typed, None)) is not None:
                os.write(terminal, f"{line}\n".encode())


@contextmanager
def serving(
    data: Path,
    *options: str,
    env: Mapping[str, str] | None = None,
    is_first: bool = False,
    is_new: bool = False,
    program: Sequence[str] = PROGRAM,
    patience: float = _PATIENCE,
) -> Generator[Serving]:
    """Serve on a free port; ``is_first`` waits for the set-up link too. Stops at the end.

    A server that does not answer within ``patience`` seconds hangs, and is killed. For tests of
    the start itself, ``is_new`` makes it one that nobody has loaded anything for.
    """
    command = (*program, "serve", "--data", str(data), "--port", "0", *options)
    own = environment(**{**database_of(command, env or {}), **(env or {})})
    ours, theirs = os.pipe()
    with open(ours) as said, (data.parent / f"{data.name}.log").open("a") as log:  # noqa: PTH123 - no path
        with open(theirs), open(os.devnull) as silence:  # noqa: PTH123
            streams = (silence.fileno(), theirs, log.fileno())
            process = _started(command, own, streams, is_new=is_new)
        try:
            with _killed_after(patience, process):
                url, token = _greeting(said, is_first=is_first)
            yield Serving(process, said, data, url, token)
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _started(
    command: Sequence[str],
    env: Mapping[str, str],
    streams: tuple[int, int, int],
    *,
    is_new: bool = False,
) -> Process:
    if CAN_FORK and not is_new:
        return Forked(command, env, streams)
    typed, out, err = streams
    return subprocess.Popen(command, env=env, stdin=typed, stdout=out, stderr=err)


@contextmanager
def _killed_after(seconds: float, process: Process) -> Generator[None]:
    guard = Timer(seconds, process.kill)
    guard.start()
    try:
        yield
    finally:
        guard.cancel()


def _greeting(said: IO[str], *, is_first: bool) -> tuple[str, str | None]:
    url = _after(said.readline(), r"Serving at (https?://\S+)")
    link = rf"Create the first administrator at {re.escape(url)}/setup\?token=(gr-\w{{40}})"
    return url, _after(said.readline(), link) if is_first else None


def _after(line: str, pattern: str) -> str:
    found = re.fullmatch(pattern, line.rstrip("\n"))
    assert found, line
    return found[1]
