"""A forward-only reader of tar archives that a stranger wrote.

``tarfile`` believes an archive about the size of its extended headers and keeps every member it
met: 13 KB of input made it grow to 807 MB. This reader holds one 512-byte header and at most one
small extended header, never follows a link, and refuses what readers are known to understand
differently, so that the metadata shown in the index is the metadata that installers unpack.

Formats: POSIX.1-1988 (ustar), POSIX.1-2001 (pax) and GNU, as ``tarfile`` writes and reads them.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from graphrepo.conda.limits import Limits
from graphrepo.conda.unpacking import Unpacked
from graphrepo.errors import ArchiveLimitError, InvalidArchiveError

_BLOCK = 512
_EXTENSION_BYTES = 64 * 1024
_PAX_RECORDS = 500_000  # of all headers: each takes two microseconds
_NUL_BLOCK = bytes(_BLOCK)

_NUMBER_LENGTH = 20
_NEWLINE = ord("\n")
_GNU_BINARY = 0x80
_PAX_KEYS = (b"path", b"size")

_FILES = frozenset(b"0\x007")
_DIRECTORY = ord("5")
_WITHOUT_DATA = frozenset(b"123456")  # links, devices, directories, pipes
_GNU_NAME, _GNU_LINK, _GNU_SPARSE = b"LKS"
_PAX, _PAX_GLOBAL, _PAX_SOLARIS = b"xgX"
_EXTENSIONS = frozenset((_GNU_NAME, _GNU_LINK, _PAX, _PAX_GLOBAL, _PAX_SOLARIS))


class Member(NamedTuple):
    """One entry: the name as written, what it is, and the bytes of data that follow."""

    name: str
    kind: Literal["file", "directory", "other"]
    size: int


class _Header(NamedTuple):
    name: bytes
    type: int
    size: int
    is_extended: bool  # of a GNU sparse file: more of its map follows


class TarReader:
    """Walks over the members; the data of the current one can be read once."""

    def __init__(self, source: Unpacked, limits: Limits) -> None:
        """Read from the unpacked bytes, at their start."""
        self._source = source
        self._limits = limits
        self._unread = 0  # of the current member, padding included
        self._size = 0
        self._pax_records = 0
        self.headers = 0
        """How many headers were read, extended ones included."""

    def members(self) -> Iterator[Member]:
        """Yield each member, skipping the data that was not read.

        Raises:
            InvalidArchiveError: damaged, truncated, or ambiguous.
            ArchiveLimitError: too many members, or oversized extended headers.
        """
        extension: dict[str, bytes] = {}
        while self.headers < self._limits.members:
            self._source.skip(self._unread)
            self._unread = 0
            header = self._header()
            if header is None:
                return
            self.headers += 1
            if header.type in _EXTENSIONS:
                more = self._extension(header)
                if extension.keys() & more.keys():
                    raise _damaged("two extended headers disagree on the same member")
                extension |= more
                continue
            yield self._member(header, extension)
            extension = {}
        raise _excessive(f"more than {self._limits.members} members before its metadata is found")

    def read(self) -> bytes:
        """Return the data of the current member."""
        data = self._source.read(self._size)
        self._unread -= len(data)
        if len(data) < self._size:
            raise _truncated()
        return data

    def _header(self) -> _Header | None:
        block = self._source.read(_BLOCK)
        if block in (b"", _NUL_BLOCK):
            return None
        if len(block) < _BLOCK:
            raise _truncated()
        checksum = sum(block[:148]) + 8 * ord(" ") + sum(block[156:])
        if _number(block[148:156]) != checksum:
            raise _damaged("a header's checksum is wrong")
        name = _text(block[:100])
        kind = block[156]
        if kind not in (_GNU_NAME, _GNU_LINK, _GNU_SPARSE) and (prefix := _text(block[345:500])):
            name = prefix + b"/" + name
        if kind == 0 and name.endswith(b"/"):
            kind = _DIRECTORY  # before directories had a type of their own
        return _Header(name, kind, _number(block[124:136]), is_extended=block[482] != 0)

    def _member(self, header: _Header, extension: dict[str, bytes]) -> Member:
        """Combine a header with the extended headers before it, and go to its data."""
        name = (extension.get("path") or header.name).decode("utf-8", "surrogateescape")
        size = _decimal(extension["size"]) if "size" in extension else header.size
        if header.type in _WITHOUT_DATA and size:
            # Some readers skip these bytes, others read members from them.
            raise _damaged(f"{name[:80]!r} is no file and yet has contents")
        if header.type == _GNU_SPARSE and header.is_extended:
            self._skip_sparse_map()
        self._size = size
        self._unread = size + -size % _BLOCK
        if header.type == _DIRECTORY:
            return Member(name, "directory", size)
        return Member(name, "file" if header.type in _FILES else "other", size)

    def _skip_sparse_map(self) -> None:
        while True:
            block = self._source.read(_BLOCK)
            if len(block) < _BLOCK:
                raise _truncated()
            if not block[504]:
                return

    def _extension(self, header: _Header) -> dict[str, bytes]:
        """Read an extended header; return what it says of the next member."""
        if header.size > _EXTENSION_BYTES:
            raise _excessive(f"an extended header of {header.size} bytes")
        self._size = header.size
        self._unread = header.size + -header.size % _BLOCK
        data = self.read()
        if header.type == _GNU_NAME:
            return {"path": _text(data)}
        if header.type == _GNU_LINK:
            return {}
        self._pax_records += data.count(b"\n")
        if self._pax_records > _PAX_RECORDS:
            raise _excessive(f"more than {_PAX_RECORDS} extended attributes")
        records = _pax_records(data)
        if header.type == _PAX_GLOBAL and records:
            raise _damaged("a global extended header renames or resizes members")
        return records


def _pax_records(data: bytes) -> dict[str, bytes]:
    """Return the records that matter here; each is ``<length> <key>=<value>`` and a newline."""
    records: dict[str, bytes] = {}
    start, stop = 0, len(data.rstrip(b"\x00"))
    while start < stop:
        space = data.find(b" ", start, start + _NUMBER_LENGTH)
        end = start + _decimal(data[start : max(space, start)])
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not space < end <= stop or data[end - 1] != _NEWLINE or not equals:
            raise _damaged("a pax header is malformed")
        if key.startswith(b"GNU.sparse"):
            # Its name and size stand elsewhere, and readers disagree on which of them count.
            raise _damaged("it holds a sparse file in pax form")
        if key in _PAX_KEYS:
            records[key.decode()] = value
        start = end
    return records


def _text(field: bytes) -> bytes:
    return field.partition(b"\x00")[0]


def _number(field: bytes) -> int:
    """Return the number of a header's field: octal, or binary as GNU writes sizes over 8 GiB."""
    if field[0] == _GNU_BINARY:
        return int.from_bytes(field[1:], "big")
    digits = _text(field).strip(b" ") or b"0"
    if digits.strip(b"01234567"):
        raise _damaged("a number in a header is not octal")
    return int(digits, 8)


def _decimal(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) >= _NUMBER_LENGTH:
        raise _damaged("a number in a pax header is malformed")
    return int(digits)


def _excessive(what: str) -> ArchiveLimitError:
    return ArchiveLimitError(
        f"The archive has {what}; pack info/ first, without extended attributes."
    )


def _truncated() -> InvalidArchiveError:
    return InvalidArchiveError("The archive ends in the middle of a file; upload it again.")


def _damaged(what: str) -> InvalidArchiveError:
    return InvalidArchiveError(f"The archive is damaged or crafted: {what}; build it again.")
