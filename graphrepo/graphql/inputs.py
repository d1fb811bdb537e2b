"""Filters, orders and windows as clients write them, and how they become the registry's.

Clients that build queries from types send every field of an input, the unused ones as null.
So null means absent everywhere, also where exactly one field is to be chosen (``orderBy``).
"""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import strawberry

from graphrepo.errors import InvalidInputError, QueryTooComplexError
from graphrepo.graphql.enums import (
    ChannelOrderByFieldField,
    ChannelOrderBySimilarityField,
    OrderDirection,
    PackageOrderByFieldField,
    PackageOrderBySimilarityField,
    PackageVariantOrderByFieldField,
    UserOrderByFieldField,
)
from graphrepo.registry.requests import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Condition,
    Filter,
    ListQuery,
    Order,
    TextOperator,
)
from graphrepo.registry.views import Window

DEFAULT_LIMIT: Final = 50
_MAX_FILTER_SIZE: Final = 500  # comparisons and their values; each becomes a piece of SQL
_MAX_FILTER_DEPTH: Final = 10
_MAX_PAGE: Final = 2**31  # so that the offset stays within 64 bits


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


class _Filter(Protocol):
    def parts(self) -> Iterable[Filter]: ...


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
        parts += _flag("isPublic", value=self.is_public)
        parts += _flag("hasOwner", value=self.has_owner)
        parts += _flag("hasMirror", value=self.has_mirror)
        return parts


@strawberry.input(description="Which packages; every part that is given must hold.")
class PackageFilter:
    """Which packages."""

    and_: list["PackageFilter"] | None = strawberry.field(name="and", default=None)
    or_: list["PackageFilter"] | None = strawberry.field(name="or", default=None)
    name: StringFilter | None = None

    def parts(self) -> list[Filter]:
        """Return what must hold."""
        parts = _joined(self.and_, self.or_)
        parts += self.name.conditions("name") if self.name else ()
        return parts


@strawberry.input(description="Which users; every part that is given must hold.")
class UserFilter:
    """Which users."""

    and_: list["UserFilter"] | None = strawberry.field(name="and", default=None)
    or_: list["UserFilter"] | None = strawberry.field(name="or", default=None)
    login: StringFilter | None = None
    is_admin: bool | None = None

    def parts(self) -> list[Filter]:
        """Return what must hold."""
        parts = _joined(self.and_, self.or_)
        parts += self.login.conditions("login") if self.login else ()
        parts += _flag("isAdmin", value=self.is_admin)
        return parts


@strawberry.input(description="A field and a direction.")
class ChannelOrderByField:
    """An order of channels by one of their facts."""

    field: ChannelOrderByFieldField
    direction: OrderDirection


@strawberry.input(description="The most alike to a text first, or last if ASC; filters nothing.")
class ChannelOrderBySimilarity:
    """An order of channels by how alike they are to a text."""

    field: ChannelOrderBySimilarityField
    matches: str
    direction: OrderDirection | None = None


@strawberry.input(description="One way to order channels.")
class ChannelOrderBy:
    """One way to order channels."""

    by_field: ChannelOrderByField | None = None
    by_similarity: ChannelOrderBySimilarity | None = None


@strawberry.input(description="A field and a direction.")
class PackageOrderByField:
    """An order of packages by one of their facts."""

    field: PackageOrderByFieldField
    direction: OrderDirection


@strawberry.input(description="The most alike to a text first, or last if ASC; filters nothing.")
class PackageOrderBySimilarity:
    """An order of packages by how alike they are to a text."""

    field: PackageOrderBySimilarityField
    matches: str
    direction: OrderDirection | None = None


@strawberry.input(description="One way to order packages.")
class PackageOrderBy:
    """One way to order packages."""

    by_field: PackageOrderByField | None = None
    by_similarity: PackageOrderBySimilarity | None = None


@strawberry.input(description="A field and a direction.")
class PackageVariantOrderByField:
    """An order of files by one of their facts."""

    field: PackageVariantOrderByFieldField
    direction: OrderDirection


@strawberry.input(description="One way to order package files.")
class PackageVariantOrderBy:
    """One way to order package files."""

    by_field: PackageVariantOrderByField | None = None


@strawberry.input(description="A field and a direction.")
class UserOrderByField:
    """An order of users by one of their facts."""

    field: UserOrderByFieldField
    direction: OrderDirection


@strawberry.input(description="One way to order users.")
class UserOrderBy:
    """One way to order users."""

    by_field: UserOrderByField | None = None


OrderBy = ChannelOrderBy | PackageOrderBy | PackageVariantOrderBy | UserOrderBy


@strawberry.input(description="One file of a channel.")
class PackageVariantInput:
    """One file of a channel."""

    subdir: str
    filename: str


def window_of(limit: int | None, page: int | None) -> Window:
    """Return the window that a field's arguments name; the registry refuses too large a limit.

    Raises:
        InvalidInputError: the page lies beyond what any list can hold.
    """
    if page is not None and page > _MAX_PAGE:
        raise InvalidInputError(f"page is at most {_MAX_PAGE}.")
    return Window(DEFAULT_LIMIT if limit is None else limit, page or 0)


def order_of(order: OrderBy | None) -> Order | None:
    """Return the registry's order, none where the list keeps its own."""
    if order is None or order.by_field is None:
        return None
    chosen = order.by_field
    return Order(chosen.field.value, descending=chosen.direction is OrderDirection.DESC)


def _list_order(order: OrderBy | None) -> Order | None:
    similar = order.by_similarity if isinstance(order, ChannelOrderBy | PackageOrderBy) else None
    if order is None or similar is None:
        return order_of(order)
    if order.by_field is not None:
        raise InvalidInputError("orderBy takes byField or bySimilarity, not both.")
    descending = similar.direction is not OrderDirection.ASC
    return Order(similar.field.value, descending=descending, alike_to=similar.matches)


def list_query(
    filters: _Filter | None, order: OrderBy | None, limit: int | None, page: int | None
) -> ListQuery:
    """Return the registry's question for a filtered, ordered page.

    Raises:
        QueryTooComplexError: the filter is too large or nested too deeply.
    """
    where = _all_of(filters) if filters else EVERYTHING
    if _size(where, _MAX_FILTER_DEPTH) > _MAX_FILTER_SIZE:
        raise QueryTooComplexError(
            f"The filter has more than {_MAX_FILTER_SIZE} comparisons and values; ask in parts."
        )
    return ListQuery(window_of(limit, page), where, _list_order(order))


def _joined(every: Sequence[_Filter] | None, some: Sequence[_Filter] | None) -> list[Filter]:
    # An empty list of alternatives asks for nothing: builders of filters send it unasked.
    parts: list[Filter] = [_all_of(part) for part in every or ()]
    if some:
        parts.append(AnyOf(tuple(_all_of(part) for part in some)))
    return parts


def _flag(field: str, *, value: bool | None) -> list[Filter]:
    return [] if value is None else [Condition(field, TextOperator.EQ, value)]


def _all_of(filters: _Filter) -> Filter:
    return AllOf(tuple(filters.parts()))


def _size(where: Filter, depth_left: int) -> int:
    if isinstance(where, Condition):
        return 1 if isinstance(where.value, str | bool) else 1 + len(where.value)
    if not depth_left:
        raise QueryTooComplexError(f"The filter is nested over {_MAX_FILTER_DEPTH} levels.")
    return 1 + sum(_size(part, depth_left - 1) for part in where.parts)
