"""``graphrepo channel``: channels and their members."""

from pathlib import Path

import click

from graphrepo.access.policy import Role
from graphrepo.access.viewer import SYSTEM
from graphrepo.cli.data import data_option, work_in
from graphrepo.registry.requests import NewChannel


@click.group()
def channel() -> None:
    """Manage channels and who belongs to them."""


@channel.command("create")
@data_option
@click.argument("name")
@click.option("--owner", required=True, metavar="LOGIN", help="The user who owns it.")
@click.option("--private", is_flag=True, help="Only members may see it.")
@click.option("--description", metavar="TEXT", help="What the channel is for.")
def create(*, data: Path, name: str, owner: str, private: bool, description: str | None) -> None:
    """Create the channel NAME."""
    new = NewChannel(name=name, is_public=not private, description=description)
    made = work_in(data, lambda registry: registry.channels.create(SYSTEM, new, owner=owner))
    kind = "public" if made.is_public else "private"
    click.echo(f"Created the {kind} channel {made.name}, owned by {owner}.")


@channel.command("member")
@data_option
@click.argument("name")
@click.argument("login")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def member(*, data: Path, name: str, login: str, role: str) -> None:
    """Make the user LOGIN an owner, a contributor or a member of the channel NAME.

    Owners manage it, contributors upload, members download.
    """
    made = work_in(data, lambda registry: registry.members.add(SYSTEM, name, login, Role(role)))
    article = "an" if made.role is Role.OWNER else "a"
    click.echo(f"{made.login} is now {article} {made.role} of {made.channel}.")
