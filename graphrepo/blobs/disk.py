"""What a disk may refuse, and what it takes to make a directory entry last."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path
from typing import Final

from graphrepo.errors import StorageFullError, UnavailableError

_NO_ROOM: Final = frozenset({ENOSPC, EDQUOT, EFBIG})


@contextmanager
def refusals() -> Generator[None]:
    """Give the system's refusals their names; use it as a decorator or in ``with``.

    Raises:
        StorageFullError: The disk, the quota or the largest file size is used up.
        UnavailableError: Anything else: read-only, not mounted, not permitted, broken.
    """
    try:
        yield
    except OSError as error:
        raise refusal(error) from error


def refusal(error: OSError) -> StorageFullError | UnavailableError:
    """Return the name of one refusal; see ``refusals``."""
    if error.errno in _NO_ROOM:
        return StorageFullError(
            "The server's storage is full: ask its operator to make room, then retry."
        )
    reason = error.strerror or type(error).__name__
    return UnavailableError(
        f"The server's storage cannot be used ({reason}):"
        " its operator must check that the disk is mounted and writable."
    )


def make_directory(directory: Path) -> None:
    """Create the directory if need be; when this returns, it survives a loss of power."""
    directory.mkdir(parents=True, exist_ok=True)
    # A parent that may be passed but not read cannot be synced; it is older than this server.
    with suppress(PermissionError):
        sync_directory(directory.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable: fsync of a file does not cover its name."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
