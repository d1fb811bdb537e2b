"""What is said of each kind of file: its type, and how long whom it may be cached.

The table is channel-contract.md, section 3. Two of its rules were measured: micromamba reads
nothing but ``max-age=<digits>``, so it is always there; rattler forgets the ETag of a shard
index that says ``private`` or ``no-store``, so metadata never says either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from graphrepo.registry.views import ChannelView

_TYPES = {".json": "application/json", ".zst": "application/zstd", ".xml": "application/rss+xml"}
_SIGS = ".sigs"  # CEP 50: a list of attestations, followed by a digest where it is one of them
_BYTES = "application/octet-stream"
_YEAR = "max-age=31536000, immutable"


class Kind(Enum):
    """How a file of a channel may change."""

    METADATA = "a document of the channel's present state"
    SHARD = "named by its digest, as older lists of attestations are"
    SIDECAR = "the attestations of a package, which may become more"
    ARTIFACT = "a package, which its owner may be allowed to replace"


@dataclass(frozen=True, slots=True)
class Rule:
    """The Cache-Control of one kind on public and on private channels."""

    public: str
    private: str


CACHE_CONTROL: Mapping[Kind, Rule] = MappingProxyType(
    {
        Kind.METADATA: Rule("public, max-age={max_age}", "max-age=0, must-revalidate"),
        Kind.SHARD: Rule(f"public, {_YEAR}", f"private, {_YEAR}"),
        Kind.SIDECAR: Rule("no-cache", "private, no-cache"),
        Kind.ARTIFACT: Rule("public, max-age=3600", "private, max-age=3600"),
    }
)


def kind_of(name: str) -> Kind:
    """Return the kind of a file by its name; shards carry nothing but a digest in theirs."""
    if name.endswith((".conda", ".tar.bz2")):
        return Kind.ARTIFACT
    if _SIGS in name:
        return Kind.SIDECAR if name.endswith(_SIGS) else Kind.SHARD
    stem = name.removesuffix(".msgpack.zst")
    return Kind.SHARD if stem not in {name, "repodata_shards"} else Kind.METADATA


def content_type(name: str) -> str:
    """Return the media type; bytes are never labelled with a Content-Encoding."""
    if kind_of(name) is Kind.ARTIFACT:
        return _BYTES
    if _SIGS in name:
        return _TYPES[".json"]
    return next(kind for suffix, kind in _TYPES.items() if name.endswith(suffix))


def cache_control(name: str, channel: ChannelView) -> str:
    """Return the Cache-Control of a file of the channel."""
    kind = kind_of(name)
    rule = CACHE_CONTROL[kind]
    value = rule.public if channel.is_public else rule.private
    if kind is Kind.ARTIFACT and not channel.settings.allow_overwrite:
        return f"{value}, immutable"
    max_age = channel.settings.max_age
    fresh = (
        ", must-revalidate" if kind is Kind.METADATA and channel.is_public and not max_age else ""
    )
    return value.format(max_age=max_age) + fresh
