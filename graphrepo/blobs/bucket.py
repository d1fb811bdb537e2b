"""Objects in a bucket, in this package's words; the only module that knows obstore.

Its synchronous functions are used, on the caller's thread: the asynchronous ones keep a
runtime that aborted the interpreter at its end.
"""

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, BinaryIO, Final, Literal

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import AzureStore, GCSStore, S3Store

from graphrepo.blobs.address import StoreAddress
from graphrepo.errors import StorageFullError, UnavailableError

Method = Literal["GET", "HEAD"]

_TYPE: Final = "application/octet-stream"
_STAMP: Final = "committed"  # a valid name in all three clouds
_PART: Final = 8 * 1024 * 1024
_PARTS: Final = 10_000  # S3 takes no more in one upload
_LANES: Final = 4  # parts under way at once: with _PART what an upload holds in memory
_CONNECT: Final = "5s"
_ANSWER: Final = "60s"  # for one request with its body: a part, a block, a small blob
_RETRIES: Final = 3
_PATIENCE: Final = timedelta(seconds=60)  # for all tries of one request

_NO_BUCKET: Final = re.compile(r"NoSuchBucket|ContainerNotFound|bucket does not exist")
# Where obstore looks for the role of the machine, once it has found no other credentials.
_NO_KEYS: Final = re.compile(r"/latest/(api/token|meta-data)|computeMetadata|metadata/identity")
_NO_RANGE: Final = "status code: 416"
_NO_ROOM: Final = re.compile(r"QuotaExceeded|StorageFull|InsufficientStorage|status code: 507")
_REASONS: Final = (
    re.compile(r"<Code>(\w+)</Code>"),
    re.compile(r"status code: (\d{3} [A-Za-z ]+)"),
    re.compile(r"HTTP error: ([a-z ]+)"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an object: bytes, and when it was written by the writer's clock."""

    size: int
    stamp: datetime


class Bucket:
    """One prefix of one bucket; keys are relative to it.

    Every method blocks, and raises ``UnavailableError`` when the store does not answer or
    refuses, and ``StorageFullError`` when it has no room.
    """

    def __init__(self, address: StoreAddress) -> None:
        """Name the bucket; nothing is asked of it yet.

        Raises:
            UnavailableError: the credentials are incomplete.
        """
        self.name = address.bucket
        with self._answers():
            self._store = _connect(address, retries=_RETRIES)
            self._once = _connect(address, retries=0)
            self._public = _connect(_public(address), retries=_RETRIES)

    def facts(self, key: str) -> Facts | None:
        """Return what is known of an object, or none if there is no such."""
        with self._answers():
            try:
                found = obstore.get(self._store, key, options={"head": True})
            except FileNotFoundError as error:
                return self._nothing(error)
        meta, written = found.meta, found.attributes.get(_STAMP)
        # What another tool put there has the store's own time alone.
        stamp = datetime.fromisoformat(written) if written else meta["last_modified"]
        return Facts(meta["size"], stamp.astimezone(UTC))

    def create(self, key: str, data: bytes, stamp: datetime) -> bool:
        """Write an object unless there is one, in one step; return whether it was written."""
        with self._answers():
            try:
                obstore.put(self._store, key, data, attributes=_marks(stamp), mode="create")
            except AlreadyExistsError:
                return False
            except NotImplementedError:  # a server without If-None-Match: two steps
                if self.facts(key) is not None:
                    return False
                self.write(key, data, stamp)
            return True

    def write(self, key: str, data: bytes, stamp: datetime) -> None:
        """Write an object, in the place of one that may be there."""
        with self._answers():
            obstore.put(self._store, key, data, attributes=_marks(stamp), use_multipart=False)

    def stream(self, key: str, file: BinaryIO, size: int, stamp: datetime) -> None:
        """Write a file's bytes in parts, from its position on; it appears whole or not at all.

        Holds no more than a few parts in memory. Parts of a try that failed stay with the
        store, out of sight, until it drops them by a rule of its own.
        """
        part = max(_PART, -(-size // _PARTS))
        with self._answers():
            obstore.put(
                self._store,
                key,
                file,
                attributes=_marks(stamp),
                use_multipart=True,
                chunk_size=part,
                max_concurrency=_LANES,
            )

    def read(self, key: str, start: int, length: int) -> tuple[bytes, int] | None:
        """Return bytes of an object and its whole size, or none if there is no such.

        The part must begin before the end, unless the object is empty.
        """
        with self._answers():
            try:
                part = (start, start + length)
                found = obstore.get(self._store, key, options={"range": part})
                return bytes(found.bytes()), found.meta["size"]
            except FileNotFoundError as error:
                return self._nothing(error)
            except BaseError as error:
                if _NO_RANGE in str(error):  # no range of an empty object can be given
                    return b"", 0
                raise

    def remove(self, key: str) -> None:
        """Remove an object if it is there; the request is sent once and never repeated."""
        with self._answers():
            try:
                obstore.delete(self._once, key)
            except FileNotFoundError as error:
                self._nothing(error)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys below a prefix, a page of the store in memory at a time."""
        with self._answers():
            pages = obstore.list(self._store, prefix, chunk_size=1000)  # pyright: ignore[reportUnknownMemberType]
            for page in pages:
                yield from (meta["path"] for meta in page)

    def sign(self, key: str, method: Method, span: timedelta) -> str:
        """Return a URL under which anybody may read the object for a while."""
        with self._answers():
            return obstore.sign(self._public, method, key, span)

    def _nothing(self, error: FileNotFoundError) -> None:
        """Tell a missing object, which is an answer, from a missing bucket, which is none."""
        if _NO_BUCKET.search(str(error)):
            raise self._failure(error) from error

    @contextmanager
    def _answers(self) -> Generator[None]:
        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> StorageFullError | UnavailableError:
        text = str(error)
        if isinstance(error, FileNotFoundError) or _NO_BUCKET.search(text):
            return UnavailableError(
                f"There is no bucket {self.name!r} in the object store:"
                " the server's operator must create it, or correct its name."
            )
        if _NO_KEYS.search(text):
            return UnavailableError(
                "This server has no credentials for the object store: set AWS_ACCESS_KEY_ID and"
                " AWS_SECRET_ACCESS_KEY, or what your provider calls them, or give the machine a"
                " role."
            )
        if isinstance(error, PermissionDeniedError | UnauthenticatedError):
            return UnavailableError(
                f"The object store refuses this server{_reason(text)}: its operator must check"
                f" the credentials and what they may do in bucket {self.name!r}."
            )
        if _NO_ROOM.search(text):
            return StorageFullError(
                f"Bucket {self.name!r} is full: ask the server's operator to make room, then retry."
            )
        return UnavailableError(
            f"The object store does not do what it is asked{_reason(text)}: try again soon, or"
            " ask the server's operator to check its address and its state."
        )


def _reason(text: str) -> str:
    """Return the store's own word for a failure: a code or a status, never more of its text."""
    found = next((match[1] for known in _REASONS if (match := known.search(text))), "")
    return f" ({found.strip()})" if found else ""


def _marks(stamp: datetime) -> dict[str, str]:
    return {"Content-Type": _TYPE, _STAMP: stamp.isoformat()}


def _connect(address: StoreAddress, *, retries: int) -> S3Store | GCSStore | AzureStore:
    options: Any = {
        "client_options": {
            "connect_timeout": _CONNECT,
            "timeout": _ANSWER,
            "allow_http": address.options.get("endpoint", "").startswith("http://"),
        },
        "retry_config": {"max_retries": retries, "retry_timeout": _PATIENCE},
    }
    config = _config(address)
    kind = _KINDS[address.scheme]
    return kind(address.bucket, prefix=address.prefix or None, config=config, **options)


def _config(address: StoreAddress) -> dict[str, Any]:
    """Return what is set in obstore's words; what is not set, it finds in the environment."""
    given = address.options
    if address.scheme == "az":
        return {"account_name": given["account"]}
    if address.scheme == "gs":
        return {}
    config: dict[str, Any] = {name: given[name] for name in ("endpoint", "region") if name in given}
    if given.get("conditional_put") == "no":
        config["conditional_put"] = "disabled"
    # Servers of one's own seldom have a host name for each bucket; Amazon wants one.
    by_path = given.get("path_style", "yes" if "endpoint" in given else "no")
    return {**address.secrets, **config, "virtual_hosted_style_request": by_path == "no"}


def _public(address: StoreAddress) -> StoreAddress:
    """Return the address by which clients reach the store: its host is part of a signature."""
    endpoint = address.options.get("public_endpoint")
    if endpoint is None:
        return address
    return replace(address, options={**address.options, "endpoint": endpoint})


_KINDS: Final[Mapping[str, Any]] = MappingProxyType(
    {"s3": S3Store, "gs": GCSStore, "az": AzureStore}
)
