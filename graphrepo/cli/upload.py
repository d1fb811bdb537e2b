"""``graphrepo upload``: the client, and what its user sees of it."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import click

from graphrepo import client
from graphrepo.cli.following import bars
from graphrepo.client import Outcome, Target, Verdict

if TYPE_CHECKING:
    from rich.progress import TaskID


def _server(_context: click.Context, _option: click.Parameter, value: str) -> str:
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in {"http", "https"} and parts.hostname is not None
    except ValueError:  # a bracket without its fellow
        is_address = False
    if not is_address:
        raise click.BadParameter("give the server's address, such as https://conda.example.org.")
    return value


@click.command()
@click.option("--data", expose_value=False, hidden=True)  # every command takes it; unused here
@click.argument("channel")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--url",
    required=True,
    envvar="GRAPHREPO_URL",
    show_envvar=True,
    callback=_server,
    help="The server's address.",
)
@click.option(
    "--token",
    required=True,
    envvar="GRAPHREPO_TOKEN",
    show_envvar=True,
    help="An API key; the variable keeps it out of the list of processes.",
)
@click.option("--force", is_flag=True, help="Replace files of the same name.")
@click.option("--skip-existing", is_flag=True, help="Leave files of the same name.")
def upload(
    *, channel: str, files: tuple[Path, ...], url: str, token: str, force: bool, skip_existing: bool
) -> None:
    """Upload each FILE to CHANNEL over HTTP.

    A file that is there already with the same content is success. The exit status is 1 if any
    file failed; the others are uploaded all the same.
    """
    if force and skip_existing:
        raise click.UsageError("--force and --skip-existing exclude each other; give one of them.")
    target = Target(url, channel, token, force=force, skip_existing=skip_existing)
    paths = tuple(dict.fromkeys(files))
    with _Display(paths) as display:
        outcomes = asyncio.run(client.upload(target, paths, display))
    counts = Counter(outcome.verdict for outcome in outcomes)
    click.echo(", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]))
    if counts[Verdict.FAILED]:
        sys.exit(1)


class _Display:
    """A line for each finished file; on a terminal also bars for those on their way."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._bars = bars()
        self._sizes = {path: _size(path) for path in files}
        self._total = self._bars.add_task("total", total=sum(self._sizes.values()))
        self._tasks: dict[Path, TaskID] = {}
        self._sent: Counter[Path] = Counter()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def started(self, path: Path, size: int) -> None:
        self._forget(path)
        self._tasks[path] = self._bars.add_task(path.name, total=size)

    def sent(self, path: Path, size: int) -> None:
        self._sent[path] += size
        self._bars.advance(self._tasks[path], size)
        self._bars.advance(self._total, size)

    def finished(self, outcome: Outcome) -> None:
        self._forget(outcome.path)
        self._bars.advance(self._total, self._sizes[outcome.path])
        failed = outcome.verdict is Verdict.FAILED
        reason = f": {outcome.message}" if outcome.message else ""
        click.echo(f"{outcome.path.name}: {outcome.verdict}{reason}", err=failed)

    def _forget(self, path: Path) -> None:
        """Take an attempt's bar and bytes away; what counts are whole files."""
        self._bars.advance(self._total, -self._sent.pop(path, 0))
        if path in self._tasks:
            self._bars.remove_task(self._tasks.pop(path))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
