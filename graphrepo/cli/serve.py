"""``graphrepo serve``: prepare the data once, then hand over to a web server."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import click

from graphrepo.access.passwords import Hasher
from graphrepo.cli.data import data_option, opened, settings_of, store_of
from graphrepo.cli.servers import SERVERS, Address, claimed
from graphrepo.clock import system_clock
from graphrepo.errors import ConflictError
from graphrepo.registry.accounts import Accounts
from graphrepo.registry.attempts import Attempts
from graphrepo.registry.guesses import Guesses
from graphrepo.settings import Settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here
_POLL = 0.05  # seconds


@click.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port; 0 takes a free one.",
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--server", type=click.Choice(sorted(SERVERS)), default="uvicorn", show_default=True)
def serve(*, data: Path, host: str, port: int, workers: int, server: str) -> None:
    """Serve the channels of a data directory, until SIGTERM or Ctrl-C.

    GRAPHREPO_ADMIN_LOGIN and GRAPHREPO_ADMIN_PASSWORD create an administrator. Without them and
    without any user, a link is printed where the first administrator is created.
    """
    settings = settings_of(data)
    with claimed(host, port) as address:
        store_of(settings).check()  # a wrong address shows here, not at the first upload
        # Before the workers start: several must not each create the administrator.
        setup_token = asyncio.run(_prepare(settings))
        greeting = _greeting(settings.base_url or _url(address), setup_token)
        with _announcement(address, greeting):
            SERVERS[server](settings, address, workers)


async def _prepare(settings: Settings) -> str | None:
    """Create the administrator, or return the token of the set-up link where one is needed."""
    with opened(settings) as database:
        # Not the whole registry: a process that only starts others need not load it.
        guesses = Guesses(database, system_clock, settings.attempts.seconds)
        accounts = Accounts(
            database, system_clock, Hasher(), Attempts(system_clock, settings.attempts), guesses
        )
        if settings.admin_login is not None:
            with suppress(ConflictError):  # created by an earlier start
                await accounts.create_user(
                    settings.admin_login, settings.admin_password, is_admin=True
                )
        return await accounts.open_setup()


def _greeting(url: str, setup_token: str | None) -> str:
    lines = [f"Serving at {url}"]
    if setup_token is not None:
        lines.append(f"Create the first administrator at {url}/setup?token={setup_token}")
    return "\n".join(lines)


def _url(address: Address) -> str:
    host = _EVERYWHERE.get(address.host, address.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{address.port}"


@contextmanager
def _announcement(address: Address, greeting: str) -> Generator[None]:
    """Print the greeting as soon as the server answers, so that a script may go by it."""
    stopped = Event()
    Thread(target=_announce, args=(address, greeting, stopped), daemon=True).start()
    try:
        yield
    finally:
        stopped.set()


def _announce(address: Address, greeting: str, stopped: Event) -> None:
    host = _EVERYWHERE.get(address.host, address.host)
    while not stopped.wait(_POLL):
        with suppress(OSError), socket.create_connection((host, address.port), timeout=1):
            click.echo(greeting)
            return
