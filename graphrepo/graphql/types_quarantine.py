"""Quarantines, as administrators see them."""

from dataclasses import dataclass
from datetime import datetime

import strawberry

from graphrepo.graphql.context import Info
from graphrepo.graphql.enums import QuarantineAction
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.inputs import window_of
from graphrepo.graphql.loading import existing
from graphrepo.graphql.types_page import PageCounts
from graphrepo.graphql.types_variant import PackageVariantPageResult
from graphrepo.registry.quarantine_views import QuarantineView
from graphrepo.registry.views import ArtifactView, Page


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a selection means, and the quarantine that was made of it, if one was."""

    quarantine: QuarantineView | None
    file_ids: tuple[int, ...]


@graph_type
class Quarantine:
    """Files that an administrator has withdrawn; what their owners say of them waits."""

    reason: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None

    @field()
    @staticmethod
    def id(root: strawberry.Parent[QuarantineView]) -> strawberry.ID:
        """What the quarantine is changed and revoked by."""
        return strawberry.ID(str(root.id))

    @field()
    @staticmethod
    def action(root: strawberry.Parent[QuarantineView]) -> QuarantineAction:
        """What it does to its files."""
        return QuarantineAction(root.action)

    @field()
    @staticmethod
    def is_active(root: strawberry.Parent[QuarantineView]) -> bool:
        """Whether it is in force: not revoked."""
        return root.revoked_at is None

    @field()
    @staticmethod
    def match_spec(root: strawberry.Parent[QuarantineView]) -> str | None:
        """The MatchSpec that its files were selected by."""
        return root.selection.match_spec

    @field()
    @staticmethod
    def created_at_from(root: strawberry.Parent[QuarantineView]) -> datetime | None:
        """Its files were uploaded then or later."""
        return root.selection.uploaded_from

    @field()
    @staticmethod
    def created_at_to(root: strawberry.Parent[QuarantineView]) -> datetime | None:
        """Its files were uploaded then or earlier."""
        return root.selection.uploaded_to

    @field(list[str])
    @staticmethod
    def channels(root: strawberry.Parent[QuarantineView]) -> tuple[str, ...]:
        """The channels that its files were selected in; none stands for all."""
        return root.selection.channels

    @field()
    @staticmethod
    def total_count(root: strawberry.Parent[QuarantineView]) -> int:
        """How many files are in it."""
        return root.files

    @field(PackageVariantPageResult)
    @staticmethod
    async def variants(
        root: strawberry.Parent[QuarantineView],
        info: Info,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[ArtifactView]:
        """Its files."""
        window = window_of(limit, page)
        return await existing(info.context.loaders.quarantined(root.id, window))


@graph_type
class QuarantinePageResult(PageCounts):
    """A page of quarantines."""

    @field(list[Quarantine])
    @staticmethod
    def page(root: strawberry.Parent[Page[QuarantineView]]) -> tuple[QuarantineView, ...]:
        """The quarantines of this page."""
        return root.items


@graph_type
class QuarantineResult:
    """What a selection means, and the quarantine that was made of it."""

    @field(Quarantine | None)
    @staticmethod
    def quarantine(root: strawberry.Parent[Outcome]) -> QuarantineView | None:
        """The quarantine; null for a dry run."""
        return root.quarantine

    @field()
    @staticmethod
    def dry_run(root: strawberry.Parent[Outcome]) -> bool:
        """Whether nothing was changed."""
        return root.quarantine is None

    @field()
    @staticmethod
    def total_count(root: strawberry.Parent[Outcome]) -> int:
        """How many files are meant."""
        return len(root.file_ids)

    @field(PackageVariantPageResult)
    @staticmethod
    async def variants(
        root: strawberry.Parent[Outcome],
        info: Info,
        limit: int | None = None,
        page: int | None = None,
    ) -> Page[ArtifactView]:
        """The files that are meant, by channel, subdir and name."""
        window = window_of(limit, page)
        return await info.context.registry.quarantines.files(root.file_ids, window)
