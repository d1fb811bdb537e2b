"""Quarantine: what administrators withdraw, change and release."""

from datetime import datetime

import strawberry

from graphrepo.graphql.context import Info, changing
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.inputs import number_of
from graphrepo.graphql.types_quarantine import (
    Outcome,
    Quarantine,
    QuarantineAction,
    QuarantineResult,
)
from graphrepo.registry.quarantine_views import (
    ChannelFile,
    NewQuarantine,
    QuarantineChange,
    QuarantineView,
    Selection,
)


@strawberry.input(description="One file of the server.")
class QuarantineFileInput:
    """One file of the server."""

    channel_name: str
    subdir: str
    filename: str


@graph_type
class QuarantineMutations:
    """What administrators withdraw."""

    @field(QuarantineResult)
    @staticmethod
    async def apply_quarantine(
        info: Info,
        action: QuarantineAction,
        reason: str,
        files: list[QuarantineFileInput] | None = None,
        match_spec: str | None = None,
        created_at_from: datetime | None = None,
        created_at_to: datetime | None = None,
        channels: list[str] | None = None,
        dry_run: bool | None = None,
    ) -> Outcome:
        """Withdraw the files given, or those that spec and times mean; dryRun only lists."""
        selection = Selection(
            tuple(
                ChannelFile(file.channel_name, file.subdir, file.filename) for file in files or ()
            ),
            match_spec=match_spec,
            uploaded_from=created_at_from,
            uploaded_to=created_at_to,
            channels=tuple(channels or ()),
        )
        quarantines, viewer = changing(info).registry.quarantines, info.context.viewer
        if dry_run:
            return Outcome(None, await quarantines.select(viewer, selection))
        new = NewQuarantine(action.value, reason, selection)
        return Outcome(*await quarantines.apply(viewer, new))

    @field(Quarantine)
    @staticmethod
    async def update_quarantine(
        info: Info,
        id: strawberry.ID,  # noqa: A002 - the schema's name
        action: QuarantineAction | None = None,
        reason: str | None = None,
    ) -> QuarantineView:
        """Change what a quarantine does to its files, or why; null leaves a value as it is."""
        change = QuarantineChange(action.value if action else None, reason)
        quarantines = changing(info).registry.quarantines
        return await quarantines.update(info.context.viewer, number_of(id), change)

    @field(Quarantine)
    @staticmethod
    async def revoke_quarantine(
        info: Info,
        id: strawberry.ID,  # noqa: A002 - the schema's name
    ) -> QuarantineView:
        """Release the files, each as it was."""
        quarantines = changing(info).registry.quarantines
        return await quarantines.revoke(info.context.viewer, number_of(id))
