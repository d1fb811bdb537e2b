"""One loader for each relation of a request.

Resolvers ask for one row's relation at a time. A loader waits until every row of a level has
asked, then makes one call of the registry's batch forms: the number of statements follows from
the shape of the query, never from the number of rows. A relation with arguments (a page of
packages, say) has a loader for each set of arguments in the query.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from graphrepo.access.policy import Role
from graphrepo.access.viewer import Viewer
from graphrepo.conda.about_json import About, read_about
from graphrepo.graphql.loading import Ready
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
    ArtifactInfoView,
    ArtifactView,
    ChannelView,
    MemberView,
    NoticeView,
    PackageView,
    Page,
    SubdirView,
    UserView,
    VersionView,
    Window,
)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_NAMES_AT_ONCE = 500  # the longest page of the registry


class Loaders:
    """The relations of one request, as its viewer may see them."""

    def __init__(self, registry: Registry, viewer: Viewer) -> None:
        """Start with nothing loaded."""
        self._registry = registry
        self._viewer = viewer
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}
        self._loaded: dict[Hashable, dict[Any, Any]] = {}

    def forget(self) -> None:
        """Load everything anew from here on: a mutation has changed something."""
        self._loaders.clear()
        self._loaded.clear()

    def channel(self, ident: int) -> Awaitable[ChannelView | None]:
        """Return a channel, or none where the viewer may not read it."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, ChannelView]:
            return await self._registry.channels.by_id(self._viewer, ids)

        return self._load("channel", ident, fetch)

    def channel_named(self, name: str) -> Awaitable[ChannelView | None]:
        """Return a channel by name, or none where the viewer may not read it."""

        async def fetch(names: Sequence[str]) -> Mapping[str, ChannelView]:
            named = Condition("name", TextOperator.IN, tuple(names))
            query = ListQuery(Window(_NAMES_AT_ONCE), named)
            page = await self._registry.channels.page(self._viewer, query)
            return {view.name: view for view in page.items}

        return self._load("channel by name", name, fetch, at_once=_NAMES_AT_ONCE)

    def channel_size(self, ident: int) -> Awaitable[int | None]:
        """Return the bytes of a channel's files."""
        return self._load("channel size", ident, self._registry.channels.sizes)

    def subdirs(self, ident: int) -> Awaitable[tuple[SubdirView, ...] | None]:
        """Return the subdirs of a channel."""
        return self._load("subdirs", ident, self._registry.channels.subdirs)

    def owner_login(self, ident: int) -> Awaitable[str | None]:
        """Return the login of a channel's first owner."""
        return self._load("owner", ident, self._registry.channels.owners)

    def members(self, ident: int) -> Awaitable[tuple[MemberView, ...] | None]:
        """Return the members of a channel, as far as they are shown to the viewer."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, tuple[MemberView, ...]]:
            return await self._registry.members.by_channel(self._viewer, ids)

        return self._load("members", ident, fetch)

    def memberships(
        self, user_id: int, roles: tuple[Role, ...], query: ListQuery
    ) -> Awaitable[Page[ChannelView] | None]:
        """Return the page of the readable channels of a user."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[ChannelView]]:
            return await self._registry.channels.memberships(self._viewer, ids, roles, query)

        return self._load(("memberships", roles, query), user_id, fetch)

    def notices(self, channel_id: int) -> Awaitable[tuple[NoticeView, ...] | None]:
        """Return the notices of a channel."""
        return self._load("notices", channel_id, self._registry.notices.by_channel)

    def publishers(self, channel_id: int) -> Awaitable[tuple[PublisherView, ...] | None]:
        """Return the publishers of a channel, as far as they are shown to the viewer."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, tuple[PublisherView, ...]]:
            return await self._registry.publishers.by_channel(self._viewer, ids)

        return self._load("publishers", channel_id, fetch)

    def user(self, ident: int) -> Awaitable[UserView | None]:
        """Return a user by id."""
        return self._load("user", ident, self._registry.accounts.users_by_id)

    def user_named(self, login: str) -> Awaitable[UserView | None]:
        """Return a user by login."""
        return self._load("user by login", login, self._registry.accounts.users_by_login)

    def packages(self, channel_id: int, query: ListQuery) -> Awaitable[Page[PackageView] | None]:
        """Return the page of a channel's packages."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[PackageView]]:
            return await self._registry.catalog.packages_of(ids, query)

        return self._load(("packages", query), channel_id, fetch)

    def package(self, ident: int) -> Awaitable[PackageView | None]:
        """Return a package by id."""
        return self._load("package", ident, self._registry.catalog.packages_by_id)

    def package_named(self, channel_id: int, name: str) -> Awaitable[PackageView | None]:
        """Return a package by channel and name."""
        fetch = self._registry.catalog.packages_by_name
        return self._load("package by name", (channel_id, name), fetch)

    def versions(self, package_id: int, window: Window) -> Awaitable[Page[VersionView] | None]:
        """Return the page of a package's versions."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[VersionView]]:
            return await self._registry.catalog.versions_of(ids, window)

        return self._load(("versions", window), package_id, fetch)

    def latest(self, package_id: int) -> Awaitable[VersionView | None]:
        """Return a package's latest version."""
        return self._load("latest", package_id, self._registry.catalog.latest_of)

    def platforms(self, package_id: int) -> Awaitable[tuple[str, ...] | None]:
        """Return the subdirs that hold files of a package."""
        return self._load("platforms", package_id, self._registry.catalog.platforms_of)

    def variants(
        self, package_id: int, query: VariantQuery
    ) -> Awaitable[Page[ArtifactView] | None]:
        """Return the page of a package's files."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[ArtifactView]]:
            return await self._registry.catalog.variants_of(ids, query)

        return self._load(("variants", query), package_id, fetch)

    def quarantined(
        self, quarantine_id: int, window: Window
    ) -> Awaitable[Page[ArtifactView] | None]:
        """Return the page of a quarantine's files."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[ArtifactView]]:
            return await self._registry.quarantines.files_of(ids, window)

        return self._load(("quarantined", window), quarantine_id, fetch)

    def attestations(
        self, artifact_id: int, window: Window
    ) -> Awaitable[Page[AttestationView] | None]:
        """Return the page of a file's attestations."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, Page[AttestationView]]:
            return await self._registry.attesting.pages(ids, window)

        return self._load(("attestations", window), artifact_id, fetch)

    def latest_verified(self, package_id: int) -> Awaitable[bool | None]:
        """Return whether all files of a package's latest version have attestations."""
        return self._load("verified", package_id, self._registry.attesting.latest_verified)

    def info(self, artifact_id: int) -> Awaitable[ArtifactInfoView | None]:
        """Return the wide facts of a file."""
        return self._load("info", artifact_id, self._registry.catalog.infos)

    def patches(self, artifact_id: int) -> Awaitable[Mapping[str, Any] | None]:
        """Return the keys that patches write in the record of a file."""
        return self._load("patches", artifact_id, self._registry.patching.changes_of)

    def blocked(self, artifact_id: int) -> Awaitable[bool | None]:
        """Return whether quarantine has taken a file away."""
        return self._load("blocked", artifact_id, self._registry.quarantines.blocked)

    def file_downloads(self, artifact_id: int) -> Awaitable[int | None]:
        """Return how often a file was downloaded."""
        fetch = self._registry.download_counts.of_files
        return self._load("file downloads", artifact_id, fetch)

    def paths(self, artifact_id: int) -> Awaitable[tuple[str, ...] | None]:
        """Return the paths that a file installs, if they are kept."""
        return self._load("paths", artifact_id, self._registry.search.paths_of)

    def about(self, artifact_id: int) -> Awaitable[About | None]:
        """Return what the metadata of a file says to people."""

        async def fetch(ids: Sequence[int]) -> Mapping[int, About]:
            found = await asyncio.gather(*map(self.info, ids))
            return {info.artifact_id: _about(info) for info in found if info is not None}

        return self._load("about", artifact_id, fetch)

    def relation(
        self,
        name: Hashable,
        key: K,
        fetch: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
    ) -> Awaitable[V | None]:
        """Return a relation of a name, read with one of the registry's batch forms."""
        return self._load(name, key, fetch)

    def _load(
        self,
        relation: Hashable,
        key: K,
        fetch: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
        *,
        at_once: int | None = None,
    ) -> Awaitable[V | None]:
        loaded = self._loaded.setdefault(relation, {})
        if key in loaded:
            return Ready(loaded[key])
        loader = self._loaders.get(relation)
        if loader is None:

            async def aligned(keys: list[K]) -> list[V | None]:
                found = await fetch(keys)
                values = [found.get(wanted) for wanted in keys]
                loaded.update(zip(keys, values, strict=True))
                return values

            loader = DataLoader(load_fn=aligned, max_batch_size=at_once)
            self._loaders[relation] = loader
        return loader.load(key)


def _about(info: ArtifactInfoView) -> About:
    return read_about(None if info.about_json is None else info.about_json.encode())
