"""Trusted publishers of channels."""

import strawberry

from graphrepo.access import publishers
from graphrepo.graphql.context import Info, changing
from graphrepo.graphql.fields import field, graph_type
from graphrepo.graphql.inputs import number_of
from graphrepo.graphql.types_publisher import Publisher
from graphrepo.registry.publishers import PublisherView


@graph_type
class PublisherMutations:
    """CI jobs that may publish without a key of their own."""

    @field(Publisher)
    @staticmethod
    async def add_github_oidc_publisher(
        info: Info,
        channel_name: str,
        owner: str,
        repository: str,
        workflow: str,
        environment: str | None = None,
        ref: str | None = None,
    ) -> PublisherView:
        """Trust a workflow on GitHub: ``workflow`` is the name of its file."""
        asked = publishers.GithubPublisher(owner, repository, workflow, environment, ref)
        return await _add(info, channel_name, asked)

    @field(Publisher)
    @staticmethod
    async def add_gitlab_oidc_publisher(
        info: Info,
        channel_name: str,
        namespace: str,
        project: str,
        workflow: str | None = None,
        environment: str | None = None,
        ref: str | None = None,
    ) -> PublisherView:
        """Trust a pipeline on GitLab: ``workflow`` is its file, .gitlab-ci.yml unless given."""
        file = ".gitlab-ci.yml" if workflow is None else workflow
        asked = publishers.GitlabPublisher(namespace, project, file, environment, ref)
        return await _add(info, channel_name, asked)

    @field(Publisher)
    @staticmethod
    async def add_google_oidc_publisher(
        info: Info, channel_name: str, email: str, subject: str | None = None
    ) -> PublisherView:
        """Trust a service account of Google Cloud; ``subject`` is its number."""
        return await _add(info, channel_name, publishers.GooglePublisher(email, subject))

    @field()
    @staticmethod
    async def delete_oidc_publisher(
        info: Info,
        channel_name: str,
        id: strawberry.ID,  # noqa: A002 - the schema's name
    ) -> bool:
        """Trust a publisher no longer."""
        registry = changing(info).registry
        await registry.publishers.delete(info.context.viewer, channel_name, number_of(id))
        return True


async def _add(info: Info, channel: str, publisher: publishers.Publisher) -> PublisherView:
    return await changing(info).registry.publishers.add(info.context.viewer, channel, publisher)
