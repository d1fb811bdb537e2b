"""Addresses that a package gives of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphrepo.graphql.enums import UrlKind
from graphrepo.graphql.fields import graph_type


@dataclass(frozen=True, slots=True)
class Link:
    """An address; ``order`` is its place among those of its kind, from 0."""

    url: str
    kind: UrlKind
    order: int


@graph_type
class Url:
    """An address that a package gives of itself."""

    url: str
    kind: UrlKind
    order: int


def links(urls: Mapping[str, str | Sequence[str]]) -> tuple[Link, ...]:
    """Return addresses by kind as a list; ``dev_url`` and ``dev`` mean the same."""
    return tuple(
        Link(url, UrlKind(kind.removesuffix("_url")), order)
        for kind, given in urls.items()
        for order, url in enumerate([given] if isinstance(given, str) else given)
    )
