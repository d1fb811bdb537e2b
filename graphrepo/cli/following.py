"""Long work at the terminal: a bar on standard error, and nothing where that is no terminal."""

import os
import sys
from threading import Lock
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    show_default="one for each core",
    help="How many files are read at once.",
)


def bars() -> Progress:
    """Return bars of bytes on standard error, which vanish at the end."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
        # The bars let lines through that go to a terminal; a file or pipe gets its own.
        redirect_stdout=sys.stdout.isatty(),
    )


class Bar:
    """A ``Listener`` that draws; it hears from any thread."""

    def __init__(self, title: str) -> None:
        """Draw nothing before the ``with`` block."""
        self._progress = bars()
        self._task = self._progress.add_task(title, total=None)
        self._lock = Lock()

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self._progress.stop()

    def expects(self, blobs: int, size: int) -> None:
        """Hear how much there is to read; a second round begins anew."""
        del blobs  # the bar measures bytes
        self._progress.reset(self._task, total=size)

    def has_read(self, size: int) -> None:
        """Move on."""
        with self._lock:
            self._progress.advance(self._task, size)
