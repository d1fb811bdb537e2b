"""Bytes that the store holds already, on their way to another name."""

from pathlib import Path
from typing import BinaryIO

from graphrepo.blobs.staging import StagedFile


class KeptFile(StagedFile):
    """A stored blob in the place of a staged file: committing it again moves no bytes.

    ``discard`` closes it and takes nothing away. Its path leads nowhere, so a store that has
    lost the blob meanwhile refuses the commit instead of linking the blob to itself.
    """

    def __init__(self, file: BinaryIO, blake3: str) -> None:
        """Take over the opened blob."""
        self.path = Path("/nowhere") / blake3
        self.file = file

    def discard(self) -> None:
        """Close the blob."""
        self.file.close()
