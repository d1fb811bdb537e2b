"""Trusted publishers, as the owners of a channel see them."""

import inspect
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from graphrepo.access.publishers import Provider
from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.scalars import JSON
from graphrepo.registry.publishers import PublisherView
from graphrepo.registry.views import ChannelView


@strawberry.enum(description="The service whose jobs a publisher means.")
class OidcProvider(Enum):
    """The providers; each value is the registry's own."""

    GITHUB = Provider.GITHUB
    GITLAB = Provider.GITLAB
    GOOGLE = Provider.GOOGLE


def _written(name: str, meaning: str) -> Any:  # noqa: ANN401 - a field of Strawberry's
    def told(root: strawberry.Parent[PublisherView]) -> str | None:
        return root.identity.get(name)

    told.__doc__ = inspect.cleandoc(meaning)
    return field()(told)


@graph_type
class Publisher:
    """A CI job that may publish to the channel by a token of its service (OpenID Connect)."""

    issuer: str
    created_by: str
    created_at: datetime

    @field()
    @staticmethod
    def id(root: strawberry.Parent[PublisherView]) -> strawberry.ID:
        """What the publisher is deleted by."""
        return strawberry.ID(str(root.id))

    @field()
    @staticmethod
    def provider(root: strawberry.Parent[PublisherView]) -> OidcProvider:
        """The service that the job runs on."""
        return OidcProvider(root.provider)

    @field(JSON)
    @staticmethod
    def claims(root: strawberry.Parent[PublisherView]) -> object:
        """What the token must say, by claim; a text that ends in * is the beginning of a value."""
        return root.claims

    repository_owner = _written("owner", "The owner of the repository, on GitHub.")
    repository = _written("repository", "The repository, on GitHub.")
    namespace = _written("namespace", "The group or user of the project, on GitLab.")
    project = _written("project", "The project, on GitLab.")
    workflow = _written("workflow", "The file that describes the job.")
    environment = _written("environment", "The deployment environment; null where any will do.")
    ref = _written("ref", "The branch or tag, such as refs/heads/main; null where any will do.")
    email = _written("email", "The address of the service account, on Google Cloud.")
    subject = _written("subject", "The number of the service account, on Google Cloud.")


@field(list[Publisher])
async def oidc_publishers(
    root: strawberry.Parent[ChannelView], info: Info
) -> tuple[PublisherView, ...]:
    """The CI jobs that may publish to the channel; shown to those who manage it."""
    return await info.context.loaders.publishers(root.id) or ()
