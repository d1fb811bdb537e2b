"""Where the blobs are: an address that an operator writes, read into a value.

file:///srv/graphrepo/blobs                     a directory
s3://bucket/prefix?endpoint=https://…&region=…  Amazon S3, and what speaks its language
gs://bucket/prefix                              Google Cloud Storage
az://container/prefix?account=…                 Azure Blob Storage
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from graphrepo.errors import InvalidInputError

# What each may say behind the question mark.
_OPTIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "file": frozenset(),
        "s3": frozenset({"endpoint", "region", "path_style", "public_endpoint", "conditional_put"}),
        "gs": frozenset(),
        "az": frozenset({"account"}),
    }
)

STORE_SECRETS: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
)
"""The variables that hold what no address may; keys of ``StoreAddress.secrets``."""

_SWITCHES: Final = frozenset({"path_style", "conditional_put"})


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """An address of a store, checked as far as that goes without asking it."""

    scheme: str  # file, s3, gs, az
    bucket: str = ""  # Azure calls it a container; a directory has none
    prefix: str = ""  # without slashes at its ends; of a directory, its absolute path
    options: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    secrets: Mapping[str, str] = field(
        default_factory=dict[str, str], repr=False, compare=False, hash=False
    )

    @property
    def directory(self) -> Path | None:
        """The directory, where it is one."""
        return Path(self.prefix) if self.scheme == "file" else None


def parse_address(text: str) -> StoreAddress:
    """Return the address that the text writes.

    Raises:
        InvalidInputError: It is none; the message says what is wrong, without its options.
    """
    parts = urlsplit(text)
    plain = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
    if parts.scheme not in _OPTIONS:
        raise InvalidInputError(f"{plain!r} must begin with file://, s3://, gs:// or az://.")
    if parts.username or parts.password or parts.fragment:
        message = f"{plain!r} must hold no credentials: give those as environment variables."
        raise InvalidInputError(message)
    if parts.scheme == "file":
        return StoreAddress("file", prefix=_directory(plain, parts.netloc, parts.path))
    if not parts.netloc:
        raise InvalidInputError(f"{plain!r} names no bucket: write {parts.scheme}://BUCKET/PREFIX.")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    _check_options(parts.scheme, options)
    prefix = unquote(parts.path).strip("/")
    return StoreAddress(parts.scheme, parts.netloc, prefix, options)


def _directory(plain: str, host: str, path: str) -> str:
    if host or not path.startswith("/"):
        message = f"{plain!r} must name an absolute path: write file:///PATH, with three slashes."
        raise InvalidInputError(message)
    return unquote(path)


def _check_options(scheme: str, options: Mapping[str, str]) -> None:
    known = _OPTIONS[scheme]
    for name, value in options.items():
        if name not in known:
            listed = ", ".join(sorted(known)) or "nothing"
            raise InvalidInputError(f"{name!r} is no option of {scheme}://, which knows {listed}.")
        if name.endswith("endpoint") and not value.startswith(("http://", "https://")):
            raise InvalidInputError(
                f"{name} must begin with http:// or https://, unlike {value!r}."
            )
        if name in _SWITCHES and value not in {"yes", "no"}:
            raise InvalidInputError(f"{name} must be yes or no, unlike {value!r}.")
    if scheme == "az" and not options.get("account"):
        raise InvalidInputError("az:// needs its storage account: add ?account=NAME.")
