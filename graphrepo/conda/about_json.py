"""The words about a package that people read: ``info/about.json`` (CEP 34)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from graphrepo.conda.json_fields import Document, as_object
from graphrepo.conda.json_text import parse_json

_PATH = "info/about.json"
_URLS = ("home", "dev_url", "doc_url", "source_url")


@dataclass(frozen=True)
class About:
    """What is set and fit to show; everything is optional."""

    summary: str | None = None
    description: str | None = None
    license: str | None = None
    license_family: str | None = None
    urls: Mapping[str, str] = field(default_factory=dict[str, str])
    """``home``, ``dev_url``, ``doc_url``, ``source_url``: http and https only."""


def read_about(data: bytes | None) -> About:
    """Read an about.json; a value of another type than usual counts as absent.

    Raises:
        InvalidMetadataError: it is no JSON object.
    """
    about: Document = {} if data is None else as_object(parse_json(data, _PATH), _PATH)
    return About(
        summary=word(about, "summary"),
        description=word(about, "description"),
        license=word(about, "license"),
        license_family=word(about, "license_family"),
        urls=addresses(about),
    )


def word(about: Document, key: str) -> str | None:
    """Return a string, or the first one of a list as rattler-build writes it."""
    value = about.get(key)
    if isinstance(value, list):
        value = next(iter(cast("list[object]", value)), None)
    return value.strip() or None if isinstance(value, str) else None


def addresses(about: Document) -> Mapping[str, str]:
    """Return the addresses by their keys; http and https only."""
    return {key: url for key in _URLS if (url := _url(about, key))}


def _url(about: Document, key: str) -> str | None:
    url = word(about, key)
    # Others, javascript: above all, must not become a link on a page.
    return url if url and url.lower().startswith(("http://", "https://")) else None
