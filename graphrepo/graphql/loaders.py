"""One loader for each relation of a request.

Resolvers ask for one row's relation at a time. A loader waits until every row of a level has
asked, then makes one call of the registry's batch forms: the number of statements follows from
the shape of the query, never from the number of rows. A relation with arguments (a page of
packages, say) has a loader for each set of arguments in the query.
"""

from collections.abc import Awaitable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from graphrepo.access.policy import Role
from graphrepo.access.viewer import Viewer
from graphrepo.conda.json_fields import Document
from graphrepo.graphql.loading import Fetch, Relation
from graphrepo.graphql.scalars import json_value
from graphrepo.registry.attestation_lists import AttestationView
from graphrepo.registry.publishers import PublisherView
from graphrepo.registry.registry import Registry
from graphrepo.registry.requests import (
    Condition,
    ListQuery,
    TextOperator,
    VariantQuery,
)
from graphrepo.registry.views import (
    ArtifactView,
    ChannelView,
    MemberView,
    PackageView,
    Page,
    VersionView,
    Window,
)

K = TypeVar("K")
V = TypeVar("V")

_NAMES_AT_ONCE = 500  # the longest page of the registry


class Loaders:
    """The relations of one request, as its viewer may see them.

    Those without arguments are attributes, called with the key whose relation is wanted: the
    id of a channel, a package or a file, unless the name says otherwise.
    """

    def __init__(self, registry: Registry, viewer: Viewer) -> None:
        """Start with nothing loaded."""
        self._registry = registry
        self._viewer = viewer
        self._relations: list[Relation[Any, Any]] = []
        self._with_arguments: dict[Hashable, Relation[Any, Any]] = {}
        self.channel = self._of(self._channels)  # none where the viewer may not read it
        self.channel_named = self._of(self._channels_named, at_once=_NAMES_AT_ONCE)
        self.channel_size = self._of(registry.channels.sizes)
        self.subdirs = self._of(registry.channels.subdirs)
        self.owner_login = self._of(registry.channels.owners)  # of the first owner
        self.members = self._of(self._members)
        self.notices = self._of(registry.notices.by_channel)
        self.publishers = self._of(self._publishers)
        self.user = self._of(registry.accounts.users_by_id)
        self.user_named = self._of(registry.accounts.users_by_login)
        self.package = self._of(registry.catalog.packages_by_id)
        self.package_named = self._of(registry.catalog.packages_by_name)  # channel id and name
        self.latest = self._of(registry.catalog.latest_of)
        self.platforms = self._of(registry.catalog.platforms_of)
        self.latest_verified = self._of(registry.attesting.latest_verified)
        self.info = self._of(registry.catalog.infos)
        self.about = self._of(self._abouts)  # info/about.json, empty where there is none
        self.patches = self._of(registry.patching.changes_of)  # the keys that they write
        self.blocked = self._of(registry.quarantines.blocked)
        self.file_downloads = self._of(registry.download_counts.of_files)
        self.paths = self._of(registry.search.paths_of)

    def forget(self) -> None:
        """Load everything anew from here on: a mutation has changed something."""
        self._with_arguments.clear()
        for relation in self._relations:
            relation.forget()

    def memberships(
        self, user_id: int, roles: tuple[Role, ...], query: ListQuery
    ) -> Awaitable[Page[ChannelView] | None]:
        """Return the page of the readable channels of a user."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[ChannelView]]:
            return await self._registry.channels.memberships(self._viewer, ids, roles, query)

        return self.relation(("memberships", roles, query), user_id, fetch)

    def packages(self, channel_id: int, query: ListQuery) -> Awaitable[Page[PackageView] | None]:
        """Return the page of a channel's packages."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[PackageView]]:
            return await self._registry.catalog.packages_of(ids, query)

        return self.relation(("packages", query), channel_id, fetch)

    def versions(self, package_id: int, window: Window) -> Awaitable[Page[VersionView] | None]:
        """Return the page of a package's versions."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[VersionView]]:
            return await self._registry.catalog.versions_of(ids, window)

        return self.relation(("versions", window), package_id, fetch)

    def dependents(self, package_id: int, window: Window) -> Awaitable[Page[PackageView] | None]:
        """Return the page of the packages that depend on a package."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[PackageView]]:
            return await self._registry.catalog.dependents_of(ids, window)

        return self.relation(("dependents", window), package_id, fetch)

    def variants(
        self, package_id: int, query: VariantQuery
    ) -> Awaitable[Page[ArtifactView] | None]:
        """Return the page of a package's files."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[ArtifactView]]:
            return await self._registry.catalog.variants_of(ids, query)

        return self.relation(("variants", query), package_id, fetch)

    def quarantined(
        self, quarantine_id: int, window: Window
    ) -> Awaitable[Page[ArtifactView] | None]:
        """Return the page of a quarantine's files."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[ArtifactView]]:
            return await self._registry.quarantines.files_of(ids, window)

        return self.relation(("quarantined", window), quarantine_id, fetch)

    def attestations(
        self, artifact_id: int, window: Window
    ) -> Awaitable[Page[AttestationView] | None]:
        """Return the page of a file's attestations."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[AttestationView]]:
            return await self._registry.attesting.pages(ids, window)

        return self.relation(("attestations", window), artifact_id, fetch)

    def relation(self, name: Hashable, key: K, fetch: Fetch[K, V]) -> Awaitable[V | None]:
        """Return a relation of a name, read with one of the registry's batch forms.

        The name holds the arguments that ``fetch`` reads with.
        """
        relation = self._with_arguments.get(name)
        if relation is None:
            relation = self._with_arguments[name] = Relation(fetch)
        return relation(key)

    def _of(self, fetch: Fetch[K, V], at_once: int | None = None) -> Relation[K, V]:
        relation = Relation(fetch, at_once)
        self._relations.append(relation)
        return relation

    async def _channels(self, ids: Sequence[int]) -> Mapping[int, ChannelView]:
        return await self._registry.channels.by_id(self._viewer, ids)

    async def _channels_named(self, names: Sequence[str]) -> Mapping[str, ChannelView]:
        named = Condition("name", TextOperator.IN, tuple(names))
        page = await self._registry.channels.page(
            self._viewer, ListQuery(Window(_NAMES_AT_ONCE), named)
        )
        return {view.name: view for view in page.items}

    async def _members(self, ids: Sequence[int]) -> Mapping[int, tuple[MemberView, ...]]:
        return await self._registry.members.by_channel(self._viewer, ids)

    async def _publishers(self, ids: Sequence[int]) -> Mapping[int, tuple[PublisherView, ...]]:
        return await self._registry.publishers.by_channel(self._viewer, ids)

    async def _abouts(self, ids: Sequence[int]) -> Mapping[int, Document]:
        found = await self.info.load(ids)
        texts = {ident: info.about_json for ident in ids if (info := found[ident])}
        return {ident: {} if text is None else json_value(text) for ident, text in texts.items()}
