"""Few bytes on their way into a store: in memory until they are kept."""

from io import BytesIO
from pathlib import Path
from typing import Final

from graphrepo.blobs.digest import Hashes
from graphrepo.blobs.staging import StagedFile, Staging

MOST: Final = 256 * 1024
"""Bytes that may be held; their digests take less than a millisecond."""


class HeldFile(StagedFile):
    """A file of few bytes in the place of a staged one: no disk has seen any of it."""

    def __init__(self, data: bytes) -> None:
        """Take the whole file, and hash it."""
        self.path = Path("/nowhere")
        self.file = BytesIO(data)
        self._hashes = Hashes()
        self._hashes.update(data)

    def laid_out(self, staging: Staging) -> StagedFile:
        """Write the bytes to the disk; see ``StagedFile.laid_out``."""
        laid = staging.open(md5=False)
        try:
            self.file.seek(0)
            laid.fill(self.file.read())
        except BaseException:
            laid.discard()
            raise
        return laid

    def discard(self) -> None:
        """Forget the bytes."""
        self.file.close()
