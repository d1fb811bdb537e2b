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
from threading import Timer

from tests.databases import on_postgres, postgres_of

PROGRAM = (sys.executable, "-m", "graphrepo.cli")
PASSWORD = "correct horse battery"
_PATIENCE = 90  # seconds, after which a process that hangs is killed and its test fails


@dataclass(frozen=True)
class Ran:
    """What a finished command said."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Serving:
    """A running ``graphrepo serve``."""

    process: subprocess.Popen[str]
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


def run(*arguments: str | Path, typed: str = "", env: Mapping[str, str] | None = None) -> Ran:
    """Run a command to its end; ``typed`` comes through a pipe, not from a terminal."""
    done = subprocess.run(
        (*PROGRAM, *map(str, arguments)),
        input=typed,
        env=environment(**{**database_of(arguments, env or {}), **(env or {})}),
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


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
    program: Sequence[str] = PROGRAM,
    patience: float = _PATIENCE,
) -> Generator[Serving]:
    """Serve on a free port; ``is_first`` waits for the set-up link too. Stops at the end.

    A server that does not answer within ``patience`` seconds hangs, and is killed.
    """
    command = (*program, "serve", "--data", str(data), "--port", "0", *options)
    with (data.parent / f"{data.name}.log").open("a") as log:
        process = subprocess.Popen(
            command,
            env=environment(**{**database_of(command, env or {}), **(env or {})}),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        guard = Timer(patience, process.kill)
        guard.start()
        try:
            assert process.stdout is not None
            url = _after(process.stdout.readline(), r"Serving at (https?://\S+)")
            link = rf"Create the first administrator at {re.escape(url)}/setup\?token=(gr-\w{{40}})"
            token = _after(process.stdout.readline(), link) if is_first else None
            guard.cancel()
            yield Serving(process, data, url, token)
        finally:
            guard.cancel()
            process.terminate()
            with process:
                process.wait(_PATIENCE)


def _after(line: str, pattern: str) -> str:
    found = re.fullmatch(pattern, line.rstrip("\n"))
    assert found, line
    return found[1]
