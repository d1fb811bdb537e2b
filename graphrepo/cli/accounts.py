"""``graphrepo user`` and ``graphrepo key``: who there is, and their tokens."""

import sys
from datetime import timedelta
from pathlib import Path

import click

from graphrepo.access.viewer import SYSTEM, AccessMode
from graphrepo.cli.data import data_option, work_in
from graphrepo.clock import system_clock
from graphrepo.registry.requests import NewApiKey, UserChange


@click.group()
def user() -> None:
    """Manage the accounts of people and machines."""


@user.command("create")
@data_option
@click.argument("login")
@click.option("--admin", is_flag=True, help="May do everything on this server.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create_user(*, data: Path, login: str, admin: bool, password_stdin: bool) -> None:
    """Create the user LOGIN.

    The password is asked for; without a terminal the user gets none and acts through API keys.
    """
    password = _password(from_stdin=password_stdin)
    made = work_in(
        data, lambda registry: registry.accounts.create_user(login, password, is_admin=admin)
    )
    kind = "administrator" if made.is_admin else "user"
    click.echo(f"Created the {kind} {made.login}{'' if password else ', without a password'}.")


@user.command("change")
@data_option
@click.argument("login")
@click.option("--admin/--no-admin", default=None, help="May do everything on this server, or not.")
@click.option("--disable/--enable", default=None, help="Nobody can act as the user, or again.")
@click.option("--password", "asks", is_flag=True, help="Ask for a new password.")
@click.option("--password-stdin", is_flag=True, help="Read a new password from standard input.")
def change_user(
    *,
    data: Path,
    login: str,
    admin: bool | None,
    disable: bool | None,
    asks: bool,
    password_stdin: bool,
) -> None:
    """Change the user LOGIN; what no option names stays as it is.

    A new password and --disable end the user's sessions. A disabled user's keys are good again
    after --enable.
    """
    if admin is None and disable is None and not (asks or password_stdin):
        raise click.UsageError("Name what to change: --admin, --disable, --password, …")
    password = _password(from_stdin=password_stdin) if asks or password_stdin else None
    if asks and password is None:
        raise click.UsageError("No terminal is there to ask at; use --password-stdin.")
    change = UserChange(is_admin=admin, is_disabled=disable, password=password)
    made = work_in(
        data, lambda registry: registry.administration.update_user(SYSTEM, login, change)
    )
    kind = "an administrator" if made.is_admin else "no administrator"
    state = "disabled" if made.is_disabled else "enabled"
    click.echo(f"{login} is {kind}, {state}{', with a new password' if password else ''}.")


@user.command("sign-out")
@data_option
@click.argument("login")
def end_sessions(*, data: Path, login: str) -> None:
    """End all sessions of the user LOGIN; their password and API keys stay good."""
    ended = work_in(data, lambda registry: registry.sessions.end_all(SYSTEM, login))
    click.echo(f"Signed {login} out of {ended} {'browser' if ended == 1 else 'browsers'}.")


@click.group()
def key() -> None:
    """Manage the API keys of users."""


@key.command("create")
@data_option
@click.argument("login")
@click.argument("name")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in AccessMode]),
    default=AccessMode.ALL.value,
    show_default=True,
    help="How far the key reaches into the user's rights.",
)
@click.option("--channel", help="The only channel that the key is good for.")
@click.option("--expires-days", type=click.IntRange(min=1), help="Days from now that it lives.")
def create_key(
    *,
    data: Path,
    login: str,
    name: str,
    mode: str,
    channel: str | None,
    expires_days: int | None,
) -> None:
    """Create the API key NAME for the user LOGIN and print its token, which is shown once."""
    expires_at = None if expires_days is None else system_clock() + timedelta(days=expires_days)
    new = NewApiKey(name=name, mode=AccessMode(mode), channel=channel, expires_at=expires_at)
    _made, token = work_in(data, lambda registry: registry.keys.create(SYSTEM, new, owner=login))
    click.echo(token)


def _password(*, from_stdin: bool) -> str | None:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return None
