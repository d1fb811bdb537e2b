"""Filters as clients write them, and how they become the registry's.

A field that is null is absent: clients that build queries from types send all of them.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final, Protocol

import strawberry

from graphrepo.errors import QueryTooComplexError
from graphrepo.graphql.enums import BackgroundJobState, BackgroundJobType, QuarantineAction
from graphrepo.registry.requests import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Condition,
    Filter,
    TextOperator,
)

_MAX_SIZE: Final = 500  # comparisons and their values; each becomes a piece of SQL
_MAX_DEPTH: Final = 10


class Parts(Protocol):
    """A filter: what must hold together."""

    def parts(self) -> Iterable[Filter]:
        """Return what must hold."""
        ...


@strawberry.input(description="Comparisons of a text; every one that is given must hold.")
class StringFilter:
    """Comparisons of a text."""

    eq: str | None = None
    ne: str | None = None
    is_in: list[str] | None = None
    is_not_in: list[str] | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    contains: str | None = None

    def conditions(self, field: str) -> list[Filter]:
        """Return what must hold of the registry's field."""
        given: dict[TextOperator, str | Sequence[str] | None] = {
            TextOperator.EQ: self.eq,
            TextOperator.NE: self.ne,
            TextOperator.IN: None if self.is_in is None else tuple(self.is_in),
            TextOperator.NOT_IN: None if self.is_not_in is None else tuple(self.is_not_in),
            TextOperator.STARTS_WITH: self.starts_with,
            TextOperator.ENDS_WITH: self.ends_with,
            TextOperator.CONTAINS: self.contains,
        }
        return [
            Condition(field, operator, value)
            for operator, value in given.items()
            if value is not None
        ]


@strawberry.input(description="Which channels; every part that is given must hold.")
class ChannelFilter:
    """Which channels."""

    and_: list["ChannelFilter"] | None = strawberry.field(name="and", default=None)
    or_: list["ChannelFilter"] | None = strawberry.field(name="or", default=None)
    name: StringFilter | None = None
    owner: StringFilter | None = None
    namespace: StringFilter | None = None
    is_public: bool | None = None
    has_owner: bool | None = None
    has_mirror: bool | None = None

    def parts(self) -> list[Filter]:
        """Return what must hold."""
        parts = _joined(self.and_, self.or_)
        parts += self.name.conditions("name") if self.name else ()
        parts += self.owner.conditions("owner") if self.owner else ()
        parts += self.namespace.conditions("owner") if self.namespace else ()
        parts += _equal("isPublic", self.is_public)
        parts += _equal("hasOwner", self.has_owner)
        parts += _equal("hasMirror", self.has_mirror)
        return parts


@strawberry.input(description="Which packages; every part that is given must hold.")
class PackageFilter:
    """Which packages."""

    and_: list["PackageFilter"] | None = strawberry.field(name="and", default=None)
    or_: list["PackageFilter"] | None = strawberry.field(name="or", default=None)
    name: StringFilter | None = None
    channel_name: StringFilter | None = None
    platform: str | None = strawberry.field(
        description="A platform, or noarch, that a file of the package is for.", default=None
    )

    def parts(self) -> list[Filter]:
        """Return what must hold."""
        parts = _joined(self.and_, self.or_)
        parts += self.name.conditions("name") if self.name else ()
        parts += self.channel_name.conditions("channelName") if self.channel_name else ()
        parts += _equal("platform", self.platform)
        return parts


@strawberry.input(description="Which users; every part that is given must hold.")
class UserFilter:
    """Which users."""

    and_: list["UserFilter"] | None = strawberry.field(name="and", default=None)
    or_: list["UserFilter"] | None = strawberry.field(name="or", default=None)
    login: StringFilter | None = None
    is_admin: bool | None = None
    is_disabled: bool | None = None

    def parts(self) -> list[Filter]:
        """Return what must hold."""
        parts = _joined(self.and_, self.or_)
        parts += self.login.conditions("login") if self.login else ()
        parts += _equal("isAdmin", self.is_admin)
        parts += _equal("isDisabled", self.is_disabled)
        return parts


@strawberry.input(description="Which quarantines; every part that is given must hold.")
class QuarantineFilter:
    """Which quarantines."""

    and_: list["QuarantineFilter"] | None = strawberry.field(name="and", default=None)
    or_: list["QuarantineFilter"] | None = strawberry.field(name="or", default=None)
    action: QuarantineAction | None = None
    reason: StringFilter | None = None
    created_by: StringFilter | None = None
    is_active: bool | None = None

    def parts(self) -> list[Filter]:
        """Return what must hold."""
        parts = _joined(self.and_, self.or_)
        parts += _word("action", self.action)
        parts += self.reason.conditions("reason") if self.reason else ()
        parts += self.created_by.conditions("createdBy") if self.created_by else ()
        parts += _equal("isActive", self.is_active)
        return parts


@strawberry.input(description="Which background jobs; every part that is given must hold.")
class BackgroundJobFilter:
    """Which background jobs."""

    and_: list["BackgroundJobFilter"] | None = strawberry.field(name="and", default=None)
    or_: list["BackgroundJobFilter"] | None = strawberry.field(name="or", default=None)
    type: BackgroundJobType | None = None
    state: BackgroundJobState | None = None
    channel_name: StringFilter | None = None
    started_by: StringFilter | None = None

    def parts(self) -> list[Filter]:
        """Return what must hold."""
        parts = _joined(self.and_, self.or_)
        parts += _word("type", self.type)
        parts += _word("state", self.state)
        parts += self.channel_name.conditions("channelName") if self.channel_name else ()
        parts += self.started_by.conditions("startedBy") if self.started_by else ()
        return parts


@strawberry.input(description="Which events; every part that is given must hold.")
class EventFilter:
    """Which lines of the audit log."""

    and_: list["EventFilter"] | None = strawberry.field(name="and", default=None)
    or_: list["EventFilter"] | None = strawberry.field(name="or", default=None)
    channel_name: StringFilter | None = None
    actor: StringFilter | None = None
    action: StringFilter | None = None

    def parts(self) -> list[Filter]:
        """Return what must hold."""
        parts = _joined(self.and_, self.or_)
        parts += self.channel_name.conditions("channelName") if self.channel_name else ()
        parts += self.actor.conditions("actor") if self.actor else ()
        parts += self.action.conditions("action") if self.action else ()
        return parts


def where_of(filters: Parts | None) -> Filter:
    """Return the registry's filter; none holds for everything.

    Raises:
        QueryTooComplexError: the filter is too large or nested too deeply.
    """
    where = _all_of(filters) if filters else EVERYTHING
    if _size(where, _MAX_DEPTH) > _MAX_SIZE:
        raise QueryTooComplexError(
            f"The filter has more than {_MAX_SIZE} comparisons and values; ask in parts."
        )
    return where


def _joined(every: Sequence[Parts] | None, some: Sequence[Parts] | None) -> list[Filter]:
    # An empty list of alternatives asks for nothing: builders of filters send it unasked.
    parts: list[Filter] = [_all_of(part) for part in every or ()]
    if some:
        parts.append(AnyOf(tuple(_all_of(part) for part in some)))
    return parts


def _equal(field: str, value: str | bool | None) -> list[Filter]:  # noqa: FBT001 - what is asked for
    return [] if value is None else [Condition(field, TextOperator.EQ, value)]


def _word(field: str, value: Enum | None) -> list[Filter]:
    """Return what must hold of a field with a word of the registry, itself an enum's."""
    return [] if value is None else [Condition(field, TextOperator.EQ, value.value.value)]


def _all_of(filters: Parts) -> Filter:
    return AllOf(tuple(filters.parts()))


def _size(where: Filter, depth_left: int) -> int:
    if isinstance(where, Condition):
        return 1 if isinstance(where.value, str | bool) else 1 + len(where.value)
    if not depth_left:
        raise QueryTooComplexError(f"The filter is nested over {_MAX_DEPTH} levels.")
    return 1 + sum(_size(part, depth_left - 1) for part in where.parts)
