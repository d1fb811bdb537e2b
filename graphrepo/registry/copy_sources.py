"""Where packages are copied from, as a job remembers it: checked, and without credentials."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from graphrepo.conda.names import EXTENSIONS
from graphrepo.errors import InvalidInputError

_MAX_URL = 2000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WRITTEN = re.compile(r"[\x21-\x7e]+")  # an address as it travels: no spaces, no controls
_ENDINGS = tuple(f".{extension}" for extension in EXTENSIONS)
_TOKEN_PARTS = 2  # /t/<token> in front of a path of this server


@dataclass(frozen=True, slots=True)
class Source:
    """A package file to copy: its address, and the SHA-256 that it must have."""

    url: str
    sha256: str


def copy_item(source: Source, own: Collection[str]) -> dict[str, Any]:
    """Return the item of a job that copies the source.

    ``item`` names it to people; ``filename`` and ``sha256`` are what it must be; ``place`` holds
    channel and subdir where it is a file of this server.

    Args:
        source: as it was asked for. An address that begins with a slash is one of this server.
        own: the addresses of this server, scheme and authority without a slash at the end.

    Raises:
        InvalidInputError: the address or the digest is none.
    """
    url, sha256 = source.url.strip().partition("#")[0], source.sha256.strip().lower()
    if len(url) > _MAX_URL or not _WRITTEN.fullmatch(url):
        raise InvalidInputError(f"An address has 1 to {_MAX_URL} characters and no spaces.")
    if not _SHA256.fullmatch(sha256):
        raise InvalidInputError(f"The SHA-256 of {url} is not 64 hexadecimal digits.")
    parts = _split(url)
    path = tuple(unquote(part) for part in parts.path.split("/")[1:])
    if not path or not path[-1].endswith(_ENDINGS):
        raise InvalidInputError(f"{url} names no package file; it must end in .conda or .tar.bz2.")
    facts = {"filename": path[-1], "sha256": sha256}
    is_path = not (parts.scheme or parts.netloc) and url.startswith("/")
    if is_path or _origin(parts) in {_origin(urlsplit(base)) for base in own}:
        return {**_own_place(path), **facts}
    return {"item": _elsewhere(url, parts), **facts}


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # which is parsed only now
    except ValueError as error:
        raise InvalidInputError(f"{url} is no address.") from error
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port


def _own_place(path: tuple[str, ...]) -> dict[str, Any]:
    # The token of an address is dropped: who copies, reads in their own name.
    place = path[_TOKEN_PARTS:] if path[0] == "t" else path
    try:
        channel, subdir, filename = place
    except ValueError as error:
        message = "A file of this server is /CHANNEL/SUBDIR/FILE."
        raise InvalidInputError(message) from error
    return {"item": f"/{channel}/{subdir}/{filename}", "place": [channel, subdir]}


def _elsewhere(url: str, parts: SplitResult) -> str:
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInputError(f"{url} must begin with http:// or https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        message = "An address to copy from must not hold a user name or password."
        raise InvalidInputError(message)
    return url
