"""Processes of the program that begin with everything loaded.

What it is made of takes a server longer to load than all else it does until it answers, and the
tests start hundreds. So whoever starts the first makes a parent of them all: this file run as a
program, which loads what they need and then does nothing but fork. A child goes on as ``python -m``
would, with arguments, environment, standard streams, signals and an exit status of its own.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from select import select
from selectors import EVENT_READ, DefaultSelector
from socket import AF_UNIX, SOCK_SEQPACKET, recv_fds, send_fds, socket, socketpair
from typing import NamedTuple, TypedDict

LOADED = (
    *("graphrepo.cli.program", "graphrepo.cli.serve", "graphrepo.app"),
    *("graphrepo.graphql.context", "graphrepo.graphql.execution", "graphrepo.graphql.transport"),
    *("graphrepo.cli.accounts", "graphrepo.cli.channels", "graphrepo.cli.verify"),
    *("graphrepo.serving.former", "graphrepo.serving.protocol"),
    *("uvicorn", "uvicorn.lifespan.on", "uvicorn.loops.uvloop", "uvicorn.supervisors", "uvloop"),
)
"""What servers and frequent commands load; importing it opens no file and starts no thread."""

CAN_FORK = hasattr(os, "pidfd_open")  # on Linux

_LONGEST = 512 * 1024  # bytes of a request
_STATUS = 16  # bytes of a number that is told


class _Wish(TypedDict):
    """What is to become of a child, besides its standard streams."""

    module: str
    arguments: Sequence[str]
    env: Mapping[str, str]
    folder: str


class Forked:
    """A process that was forked, to be used like one of ``subprocess``."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], streams: Sequence[int]
    ) -> None:
        """Start ``python -m MODULE ARGUMENTS`` with its three standard streams."""
        _python, _m, module, *arguments = command
        wish = _Wish(module=module, arguments=arguments, env=env, folder=str(Path.cwd()))
        self._command = command
        self._status: int | None = None
        self._news, theirs = socketpair()
        with theirs:
            send_fds(_parent(), [json.dumps(wish).encode()], [*streams, theirs.fileno()])
        number, (self._handle,), _, _ = recv_fds(self._news, _STATUS, 1)
        self.pid = int(number)

    def poll(self) -> int | None:
        """Return the exit status if the process has ended."""
        return self._after(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit status, which is negative after a signal."""
        status = self._after(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(self._command, timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended, and its parent has not yet said so
                signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process."""
        self.send_signal(signal.SIGKILL)

    def _after(self, seconds: float | None) -> int | None:
        if self._status is None and select([self._news], [], [], seconds)[0]:
            self._status = int(self._news.recv(_STATUS))
            self._news.close()
            os.close(self._handle)
        return self._status


@cache
def _parent() -> socket:
    """Start the parent of all, which ends with this process, and whoever is left with it."""
    ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
    with theirs:
        number = theirs.fileno()
        process = subprocess.Popen(
            (sys.executable, "-m", "tests.forks", str(number)),
            pass_fds=[number],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=Path(__file__).parents[1],
        )
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


class _Child(NamedTuple):
    """A child that runs: its number, its handle, and where its end is told."""

    number: int
    handle: int
    news: socket


class _Parent:
    """Forks for each request, and tells of each child what it is and how it ended."""

    def __init__(self, requests: socket) -> None:
        """Take requests until the other side is closed."""
        self._requests = requests
        self._children: dict[int, _Child] = {}
        self._events = DefaultSelector()
        self._events.register(requests, EVENT_READ)

    def wish_of_a_child(self) -> _Wish | None:
        """Return in each child, with what was asked of it; in the parent at the end of all."""
        while True:
            for key, _ in self._events.select():
                if key.fd in self._children:
                    self._tell_the_end(self._children.pop(key.fd))
                    continue
                message, streams, _, _ = recv_fds(self._requests, _LONGEST, 4)
                if not message:
                    self._end_all()
                    return None
                if self._is_child(streams):
                    return json.loads(message)

    def _is_child(self, streams: Sequence[int]) -> bool:
        *standard, news = streams
        number = os.fork()
        if number == 0:
            self._let_go()
            for place, stream in enumerate(standard):
                os.dup2(stream, place)
        else:
            child = _Child(number, os.pidfd_open(number), socket(fileno=os.dup(news)))
            send_fds(child.news, [str(number).encode()], [child.handle])
            self._children[child.handle] = child
            self._events.register(child.handle, EVENT_READ)  # which it is at its end
        for stream in streams:
            os.close(stream)
        return number == 0

    def _let_go(self) -> None:
        """Close in a child what is the parent's."""
        for child in self._children.values():
            os.close(child.handle)
            child.news.close()
        self._events.close()
        self._requests.close()

    def _tell_the_end(self, child: _Child) -> None:
        self._events.unregister(child.handle)
        os.close(child.handle)
        _, status = os.waitpid(child.number, 0)
        with child.news, suppress(BrokenPipeError):  # where nobody wants to know
            child.news.send(str(os.waitstatus_to_exitcode(status)).encode())

    def _end_all(self) -> None:
        for child in self._children.values():
            signal.pidfd_send_signal(child.handle, signal.SIGKILL)


def _main(requests: socket) -> None:
    for name in LOADED:
        import_module(name)
    (_alone,) = Path("/proc/self/task").iterdir()  # a fork would lose other threads
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests and their servers
    gc.freeze()  # else a collection writes to all that the children share
    wish = _Parent(requests).wish_of_a_child()
    if wish is None:
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()  # noqa: TID251 - the child's own, as if it had been started with it
    os.environ.update(wish["env"])  # noqa: TID251
    os.chdir(wish["folder"])
    sys.argv[1:] = wish["arguments"]
    runpy.run_module(wish["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main(socket(fileno=int(sys.argv[1])))
