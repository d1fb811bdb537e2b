"""Reading compressed data within a bound, whatever it unpacks to."""

import bz2
import zipfile
from typing import BinaryIO, Protocol, cast

import zstandard

from graphrepo.errors import ArchiveLimitError, InvalidArchiveError

_CHUNK = 64 * 1024

# Level 22 with the size unknown asks for 128 MiB, and real packages do. The memory is only
# touched as far as data is unpacked, so the bound on that data bounds it too.
_WINDOW = 2**27


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Unpacked:
    """Unpacked bytes read forward, and never more than the limit of them."""

    def __init__(self, source: _Readable, limit: int) -> None:
        """Read from a decompressor at its start; ``limit`` counts unpacked bytes."""
        self._source = source
        self._limit = limit
        self.position = 0

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, or fewer at the end.

        Raises:
            ArchiveLimitError: they would cross the limit.
            InvalidArchiveError: the compressed data is damaged or truncated.
        """
        if self.position + size > self._limit:
            message = (
                f"The archive needs more than {self._limit} bytes unpacked to find its metadata;"
                " pack info/ first and leave out what does not belong there."
            )
            raise ArchiveLimitError(message)
        try:
            data = self._source.read(size)
        except (zstandard.ZstdError, zipfile.BadZipFile, EOFError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk, not the data
            message = "The compressed data is damaged or cut off; upload the file again."
            raise InvalidArchiveError(message) from error
        self.position += len(data)
        return data

    def skip(self, size: int) -> None:
        """Pass over ``size`` bytes.

        Raises:
            ArchiveLimitError, InvalidArchiveError: as ``read``, or the data ends before.
        """
        while size > 0:
            data = self.read(min(size, _CHUNK))
            if not data:
                message = "The archive ends in the middle of a file; upload it again."
                raise InvalidArchiveError(message)
            size -= len(data)


def unpack_zst(file: _Readable, limit: int) -> Unpacked:
    """Unpack zstd frames, one after the other."""
    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    reader = unpacker.stream_reader(cast("BinaryIO", file), read_across_frames=True)
    return Unpacked(reader, limit)


def unpack_bz2(file: BinaryIO, limit: int) -> Unpacked:
    """Unpack bzip2 streams, one after the other."""
    return Unpacked(bz2.BZ2File(file), limit)
