"""A store made of its address: the one place that knows which kinds there are."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from graphrepo.blobs.address import StoreAddress
from graphrepo.blobs.filesystem import FilesystemStore
from graphrepo.blobs.staging import Staging
from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock, system_clock
from graphrepo.errors import UnavailableError
from graphrepo.steps import Watch, unwatched

LENDING: Final = timedelta(minutes=15)
"""How long a URL to a blob in an object store is good for."""


def open_store(
    address: StoreAddress,
    scratch: Path,
    *,
    lends: bool = True,
    clock: Clock = system_clock,
    watch: Watch = unwatched,
) -> BlobStore:
    """Return the store at an address; it is not asked yet, see ``BlobStore.check``.

    Args:
        address: where the blobs are.
        scratch: a local directory for files under way, where the blobs are elsewhere.
        lends: whether clients may be sent to an object store for packages.
        clock: tells the ages of blobs.
        watch: is told the steps of a store on a disk.

    Raises:
        UnavailableError: the credentials are incomplete, or obstore is not installed.
    """
    if address.directory is not None:
        return FilesystemStore(address.directory, clock, watch=watch)
    try:
        from graphrepo.blobs.bucket import Bucket  # noqa: PLC0415 - an extra brings obstore
        from graphrepo.blobs.object_store import ObjectStore  # noqa: PLC0415
    except ModuleNotFoundError as error:
        message = "Object stores need an extra: install it with pip install 'graphrepo[s3]'."
        raise UnavailableError(message) from error
    bucket = Bucket(address)
    return ObjectStore(bucket, Staging(scratch), clock, lending=LENDING if lends else None)
