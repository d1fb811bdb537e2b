"""``graphrepo serve`` with a watch that ends the process, as a loss of power would, at a step.

``serve --data D --port 0 --step STEP --nth N [--render]``: at the N-th time that the step is taken,
with ``--render`` by a render, which runs on a thread for long reads, else by anything else. It
counts from SIGUSR1 on, so that one may look around before.
"""

import argparse
import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from threading import Lock, current_thread
from types import FrameType

import uvicorn

from graphrepo.app import create_app
from graphrepo.observability import configure_logging
from graphrepo.settings import Settings
from graphrepo.steps import Step


class Fuse:
    """A ``Watch`` that burns down with each step it was made for."""

    def __init__(self, step: Step, nth: int, *, render: bool) -> None:
        """Burn ``nth`` times."""
        self._step = step
        self._left = nth
        self._render = render
        self._lock = Lock()
        self._is_lit = False

    def light(self, _number: int, _frame: FrameType | None) -> None:
        """Begin to count; the handler of a signal."""
        self._is_lit = True

    def __call__(self, step: Step) -> None:
        """Take note of a step."""
        renders = current_thread().name.startswith("graphrepo-survey")
        if not self._is_lit or step is not self._step or renders != self._render:
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Serve until the fuse has burnt down."""
    parser = argparse.ArgumentParser()
    parser.add_argument("serve")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--step", type=Step, required=True)
    parser.add_argument("--nth", type=int, required=True)
    parser.add_argument("--render", action="store_true")
    told = parser.parse_args()
    configure_logging("info")
    fuse = Fuse(told.step, told.nth, render=told.render)
    signal.signal(signal.SIGUSR1, fuse.light)
    app = create_app(replace(Settings.from_environment(), data=told.data), watch=fuse)
    config = uvicorn.Config(app, lifespan="on", log_config=None, access_log=False)
    with socket.create_server(("127.0.0.1", told.port)) as listener:
        sys.stdout.write(f"Serving at http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
