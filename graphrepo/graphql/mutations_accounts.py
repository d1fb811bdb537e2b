"""Accounts: one's own password, and everybody's in the hands of administrators."""

import strawberry

from graphrepo.graphql.context import Info, changing
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.types_account import User
from graphrepo.registry.requests import UserChange
from graphrepo.registry.views import UserView


@graph_type
class AccountMutations:
    """Accounts of people and machines."""

    @field(User)
    @staticmethod
    async def create_user(
        info: Info, login: str, password: str | None = None, is_admin: bool | None = None
    ) -> UserView:
        """Create a user; without a password nobody can sign in as them yet."""
        accounts = changing(info).registry.administration
        viewer = info.context.viewer
        return await accounts.create_user(viewer, login, password, is_admin=bool(is_admin))

    @field(User)
    @staticmethod
    async def update_user(
        info: Info,
        login: str,
        is_admin: bool | None = None,
        is_disabled: bool | None = None,
        password: str | None = None,
    ) -> UserView:
        """Change a user; null leaves a value as it is. A new password ends their sessions."""
        change = UserChange(is_admin=is_admin, is_disabled=is_disabled, password=password)
        accounts = changing(info).registry.administration
        return await accounts.update_user(info.context.viewer, login, change)

    @field()
    @staticmethod
    async def change_password(info: Info, current_password: str, new_password: str) -> bool:
        """Change one's own password; all other sessions end."""
        accounts = changing(info).registry.administration
        await accounts.change_password(info.context.viewer, current_password, new_password)
        return True

    @field()
    @staticmethod
    async def end_session(info: Info, id: strawberry.ID) -> bool:  # noqa: A002 - the schema's name
        """Sign a browser out of one's own account."""
        await changing(info).registry.sessions.end(info.context.viewer, str(id))
        return True

    @field()
    @staticmethod
    async def end_other_sessions(info: Info) -> int:
        """Sign all browsers out of one's own account but this one; how many there were."""
        return await changing(info).registry.sessions.end_others(info.context.viewer)

    @field()
    @staticmethod
    async def end_user_sessions(info: Info, login: str) -> int:
        """Sign all browsers out of a user's account; their password and keys stay good."""
        return await changing(info).registry.sessions.end_all(info.context.viewer, login)
