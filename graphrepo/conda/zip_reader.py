"""Opening the outer zip of a ``.conda`` file (CEP 35) without trusting it.

``zipfile`` reads the whole central directory before it hands out anything, so the end record is
checked first. It must be the last thing in the file: with a comment behind it ``zipfile`` would
search for it, and could be shown another one than we saw.
"""

import struct
import sys
import zipfile
from typing import BinaryIO

from graphrepo.conda.limits import Limits
from graphrepo.conda.unpacking import Unpacked
from graphrepo.errors import ArchiveLimitError, InvalidArchiveError

_DIRECTORY_BYTES = 64 * 1024

_END = struct.Struct("<4s4H2LH")  # signature, disks, entries here and in all, directory, comment
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")

_ENCRYPTED = 0x1


def open_zip(file: BinaryIO, size: int, limits: Limits) -> zipfile.ZipFile:
    """Return the opened zip; all of its members are stored as they are, under distinct names.

    Raises:
        InvalidArchiveError: no zip, or one with compressed, encrypted or repeated members.
        ArchiveLimitError: too many members.
    """
    entries, directory_bytes = _end_record(file, size)
    if entries > limits.zip_members or directory_bytes > _DIRECTORY_BYTES:
        message = (
            f"The .conda file has {entries} members, which is more than {limits.zip_members};"
            " build it again with a standard tool."
        )
        raise ArchiveLimitError(message)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise _damaged("its directory cannot be read") from error
    _check_members(archive.infolist())
    return archive


def open_member(archive: zipfile.ZipFile, name: str) -> Unpacked:
    """Return the bytes of a member; its checksum is compared when the last one is read.

    Raises:
        InvalidArchiveError: the member does not stand where the directory says.
    """
    try:
        member = archive.open(name)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise _damaged(f"{name[:80]!r} cannot be read") from error
    return Unpacked(member, sys.maxsize)  # stored: a member is as long as it is


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len({member.filename for member in members}) < len(members):
        raise _damaged("it has two members of one name")
    for member in members:
        if member.flag_bits & _ENCRYPTED or member.compress_type != zipfile.ZIP_STORED:
            message = (
                f"The member {member.filename[:80]!r} of the .conda file is compressed or"
                " encrypted, and CEP 35 wants it stored; build it again with a standard tool."
            )
            raise InvalidArchiveError(message)


def _end_record(file: BinaryIO, size: int) -> tuple[int, int]:
    """Return the number of members and the size of the directory, as the end record says."""
    start = max(0, size - _END.size - _LOCATOR.size - _END64.size)
    file.seek(start)
    tail = file.read()
    end = tail[-_END.size :]
    if len(end) < _END.size or not end.startswith(b"PK\x05\x06") or not end.endswith(b"\0\0"):
        raise _damaged("its end is missing, or a comment follows it")
    before = tail[: -_END.size]
    locator = before[-_LOCATOR.size :]
    if locator.startswith(b"PK\x06\x07"):
        return _end_record64(before[: -_LOCATOR.size], start, _LOCATOR.unpack(locator)[2])
    fields = _END.unpack(end)
    return fields[4], fields[5]


def _end_record64(record: bytes, start: int, position: int) -> tuple[int, int]:
    """Read the zip64 record; it must stand where the locator says and where ``zipfile`` looks."""
    if len(record) < _END64.size or not record.startswith(b"PK\x06\x06") or position != start:
        raise _damaged("its zip64 end record is not where it says")
    fields = _END64.unpack(record)
    return fields[7], fields[8]


def _damaged(what: str) -> InvalidArchiveError:
    message = f"The file is no complete .conda archive: {what}; build or upload it again."
    return InvalidArchiveError(message)
