"""Orders and windows as clients write them, and how they become the registry's.

Clients that build queries from types send every field of an input, the unused ones as null.
So null means absent everywhere, also where exactly one field is to be chosen (``orderBy``).
"""

from typing import Final

import strawberry

from graphrepo.errors import InvalidInputError, NotFoundError
from graphrepo.graphql.enums import (
    ChannelOrderByFieldField,
    ChannelOrderBySimilarityField,
    OrderDirection,
    PackageOrderByFieldField,
    PackageOrderBySimilarityField,
    PackageVariantOrderByFieldField,
    UserOrderByFieldField,
)
from graphrepo.graphql.filters import Parts, where_of
from graphrepo.registry.requests import ListQuery, Order
from graphrepo.registry.views import Window

DEFAULT_LIMIT: Final = 50
_LONGEST_ID: Final = 18  # digits that fit into 64 bits, whatever they are
_MAX_PAGE: Final = 2**31  # so that the offset stays within 64 bits


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


def number_of(ident: str) -> int:
    """Return the row's number in an id of the schema.

    Raises:
        NotFoundError: it is no number, so nothing has this id.
    """
    if not (ident.isascii() and ident.isdecimal() and len(ident) <= _LONGEST_ID):
        raise NotFoundError("There is nothing with this id; check it.")
    return int(ident)


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
    filters: Parts | None, order: OrderBy | None, limit: int | None, page: int | None
) -> ListQuery:
    """Return the registry's question for a filtered, ordered page.

    Raises:
        QueryTooComplexError: the filter is too large or nested too deeply.
    """
    return ListQuery(window_of(limit, page), where_of(filters), _list_order(order))
