"""What the registry hands out: frozen values, never entities."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode

T = TypeVar("T")


def moment(milliseconds: int) -> datetime:
    """Return the aware UTC moment of a stored time."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def moment_or_none(milliseconds: int | None) -> datetime | None:
    """Return the moment, or none where the column is empty."""
    return None if milliseconds is None else moment(milliseconds)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list that is asked for: page numbers start at 0."""

    limit: int
    page: int = 0


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list: ``pages`` is at least 1, ``total`` counts all pages' items."""

    items: tuple[T, ...]
    current: int
    pages: int
    total: int


def page_of(items: tuple[T, ...], window: Window, total: int) -> Page[T]:
    """Return the page of ``window``, given the count of all."""
    pages = max(1, -(-total // window.limit)) if window.limit else 1
    return Page(items, window.page, pages, total)


@dataclass(frozen=True, slots=True)
class UserView:
    """A user, as others may see them."""

    id: int
    login: str
    is_admin: bool
    is_disabled: bool
    created_at: datetime


class AttestationPolicy(StrEnum):
    """What a channel makes of attestations."""

    OFF = "off"  # it keeps none
    ACCEPT = "accept"  # it keeps those that come
    REQUIRE = "require"  # it takes no file without one


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What an owner may set, beside name, description and visibility."""

    max_age: int = 0  # seconds that public metadata may be cached, 0 to 3600
    allow_v3: bool = True  # CEP 43
    allow_overwrite: bool = True  # whether force may replace a file
    current_repodata: bool = False  # conda's classic solver then reads the short list
    relation_base: str | None = None  # CEP 42: channels of this server, by name
    relation_overrides: str | None = None
    attestations: str = AttestationPolicy.ACCEPT  # one of the policies
    publish_twins: bool = False  # each uploaded .tar.bz2 gets a .conda beside it


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel; ``role`` is the viewer's own."""

    id: int
    name: str
    description: str | None
    logo: str | None
    is_public: bool
    settings: ChannelSettings
    revision: int
    created_at: datetime
    updated_at: datetime
    role: Role | None


@dataclass(frozen=True, slots=True)
class MemberView:
    """A user's place in a channel."""

    channel: str
    login: str
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """An API key without its token, which nobody can read again."""

    name: str
    description: str | None
    mode: AccessMode
    channel: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A message to those who install from a channel; ``level`` is a word of CEP 6."""

    id: int
    message: str
    level: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SubdirView:
    """One platform folder: how many live files, their bytes, its revision."""

    name: str
    artifact_count: int
    size: int
    revision: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PackageView:
    """All files of one name in a channel; ``total_size`` in bytes."""

    id: int
    channel_id: int
    name: str
    summary: str | None
    description: str | None
    urls: Mapping[str, tuple[str, ...]]  # dev, doc, home, source
    latest_version: str | None
    last_created_at: datetime | None
    total_size: int
    similarity: float | None = None  # 0 to 1, in a list ordered by it


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a package and the subdirs that have it."""

    package_id: int
    version: str
    platforms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArtifactView:
    """One package file of a channel."""

    id: int
    channel_id: int
    package_id: int
    name: str
    subdir: str
    filename: str
    version: str
    build: str
    build_number: int
    size: int
    md5: str
    sha256: str
    blake3: str
    license: str | None
    license_family: str | None
    uploader_id: int | None
    uploaded_at: datetime
    yanked_reason: str | None
    hidden: bool
    installed_size: int | None


@dataclass(frozen=True, slots=True)
class ArtifactInfoView:
    """The wide facts of a file: JSON texts as they were in the archive."""

    artifact_id: int
    index_json: str
    about_json: str | None
    run_exports_json: str | None


@dataclass(frozen=True, slots=True)
class Published:
    """What an upload led to; ``created`` is false where the same bytes were there."""

    artifact: ArtifactView
    created: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes to send: the blob that holds them and what HTTP says of them."""

    name: str
    blake3: str
    sha256: str
    size: int
    modified: datetime
    revision: int
    channel: ChannelView
    artifact_id: int | None = None  # of a package; documents and shards have none
    is_current: bool = True  # not where a full disk leaves no room for a newer one
