"""A running server with an owner and two channels, set up through the command line alone."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.builders import Built
from tests.cli.calls import told
from tests.kept import filled
from tests.processes import PASSWORD, made, serving
from tests.waiting import PATIENCE


@dataclass(frozen=True)
class Site:
    """The server's address and data, and a key of olga, who owns its channels.

    ``open`` is a public channel, ``closed`` a private one.
    """

    url: str
    data: Path
    token: str

    def command(self, *arguments: str, typed: str = "") -> str:
        """Run a command on the data directory and return what it printed."""
        return told(*arguments, "--data", self.data, typed=typed)

    def publish(self, channel: str, *packages: Built) -> None:
        """Upload packages as their owner."""
        for built in packages:
            httpx.post(
                f"{self.url}/api/v1/upload/{channel}",
                headers={"Authorization": f"Bearer {self.token}", "X-File-Name": built.filename},
                content=built.data,
                timeout=PATIENCE,
            ).raise_for_status()


@contextmanager
def new_site(data: Path) -> Generator[Site]:
    """Serve a fresh data directory."""
    token = filled(data, _set_up)
    with serving(data) as server:
        yield Site(server.url, data, token)


def _set_up(data: Path) -> str:
    # Processes of their own: while one has the database open, its newest rows stand beside the
    # file that is copied.
    made("user", "create", "olga", "--password-stdin", "--data", data, typed=f"{PASSWORD}\n")
    made("channel", "create", "open", "--owner", "olga", "--data", data)
    made("channel", "create", "closed", "--owner", "olga", "--private", "--data", data)
    return made("key", "create", "olga", "site", "--data", data)
