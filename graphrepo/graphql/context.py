"""What every resolver of a request shares."""

import asyncio
from dataclasses import dataclass, field

import strawberry

from graphrepo.access.viewer import Viewer
from graphrepo.graphql.loaders import Loaders
from graphrepo.registry.registry import Registry


@dataclass(frozen=True, slots=True)
class Instance:
    """What this installation says of itself."""

    version: str
    max_upload_bytes: int
    name: str = "graphrepo"


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, through which address, and the relations loaded for it so far."""

    registry: Registry
    viewer: Viewer
    loaders: Loaders
    instance: Instance
    address: str
    """Where clients reach the server: scheme and authority, no slash at the end."""
    origin: str = ""
    """The same as this request names it, where ``address`` is a public one."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a subscription will miss no change any more."""


Info = strawberry.Info[Context, None]


def changing(info: Info) -> Context:
    """Return the context of a mutation, with nothing loaded.

    Mutations of one document run one after the other: none may answer from rows that were
    loaded for the one before.
    """
    info.context.loaders.forget()
    return info.context
