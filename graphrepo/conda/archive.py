"""Finding the metadata in a package file, in either format and within bounds."""

import zipfile
from typing import BinaryIO, Literal

from graphrepo.conda.info_files import InfoCollector, InfoFiles
from graphrepo.conda.json_fields import as_object
from graphrepo.conda.json_text import parse_json
from graphrepo.conda.limits import Limits
from graphrepo.conda.tar_reader import TarReader
from graphrepo.conda.unpacking import unpack_bz2, unpack_zst
from graphrepo.conda.zip_reader import open_member, open_zip
from graphrepo.errors import ArchiveLimitError, InvalidArchiveError

_ZIP_MAGIC = b"PK\x03\x04"
_BZ2_MAGIC = b"BZh"
_ZST_MAGIC = b"\x28\xb5\x2f\xfd"
_LFS_MAGIC = b"version https://git-lfs"

_BZ2_END = 0x177245385090  # closes a stream, begins at any bit, and is followed by a checksum
_BZ2_END_BITS, _BZ2_CHECKSUM_BITS = 48, 32
_BZ2_TAIL = 11

_FORMAT_JSON = "metadata.json"
_FORMAT_VERSION = 2  # CEP 35


def read_info(file: BinaryIO, extension: Literal["conda", "tar.bz2"], limits: Limits) -> InfoFiles:
    """Return the metadata of a package file.

    Args:
        file: seekable, the whole package.
        extension: the format that the file name claims.
        limits: how much may be unpacked and kept.

    Raises:
        InvalidArchiveError: another format, damaged, truncated, or of a forbidden shape.
        ArchiveLimitError: reading on would cross a limit.
        MissingIndexError: there is no ``info/index.json``.
        InvalidMetadataError: it ships ``info/repodata_record.json``, which installers write.
    """
    size = file.seek(0, 2)
    file.seek(0)
    _check_magic(file.read(len(_LFS_MAGIC)), extension)
    if extension == "conda":
        with open_zip(file, size, limits) as archive:
            return _read_conda(archive, limits)
    _check_bz2_end(file, size)
    return _read_bz2(file, size, limits)


def _check_magic(start: bytes, extension: str) -> None:
    if start.startswith(_ZIP_MAGIC if extension == "conda" else _BZ2_MAGIC):
        return
    if start == _LFS_MAGIC:
        message = "The file is a git-lfs pointer; fetch the package with 'git lfs pull' first."
    else:
        packing = "a zip" if extension == "conda" else "bzip2-compressed"
        message = f"The file is not {packing}, as its name says; upload a complete .{extension}."
    raise InvalidArchiveError(message)


def _read_conda(archive: zipfile.ZipFile, limits: Limits) -> InfoFiles:
    names = archive.namelist()
    info, stem = _inner_archive(names, "info")
    package, package_stem = _inner_archive(names, "pkg")
    if stem != package_stem:
        raise _unfit(f"{info} and {package} belong to different packages")
    if open_member(archive, package).read(len(_ZST_MAGIC)) != _ZST_MAGIC:
        raise _unfit(f"{package} is not zstd-compressed")
    warnings = _check_format(archive, limits)
    collector = InfoCollector(limits)
    most = min(limits.info_bytes, limits.unpacked_bytes)
    reader = TarReader(unpack_zst(open_member(archive, info), most), limits)
    for entry in reader.members():
        collector.take(entry, reader)
    return collector.finish(inner_stem=stem, warnings=warnings)


def _inner_archive(names: list[str], part: str) -> tuple[str, str]:
    """Return the member's name, and the package it is named after."""
    found = [name for name in names if name.startswith(f"{part}-") and name.endswith(".tar.zst")]
    if len(found) != 1:
        raise _unfit(f"it has {len(found)} {part}-*.tar.zst members instead of one")
    return found[0], found[0].removeprefix(f"{part}-").removesuffix(".tar.zst")


def _check_format(archive: zipfile.ZipFile, limits: Limits) -> tuple[str, ...]:
    """Return what is odd about ``metadata.json``; old tools wrote it last, empty or not at all."""
    names = archive.namelist()
    if _FORMAT_JSON not in names:
        return (f"{_FORMAT_JSON} is missing",)
    size = archive.getinfo(_FORMAT_JSON).file_size
    if size > limits.document_bytes:
        message = f"The {_FORMAT_JSON} of the package is too large; build it again."
        raise ArchiveLimitError(message)
    content = open_member(archive, _FORMAT_JSON).read(size)
    warnings = () if names[0] == _FORMAT_JSON else (f"{_FORMAT_JSON} is not the first member",)
    if not content:
        return (*warnings, f"{_FORMAT_JSON} is empty")
    document = as_object(parse_json(content, _FORMAT_JSON), _FORMAT_JSON)
    version = document.get("conda_pkg_format_version")
    if version != _FORMAT_VERSION:
        raise _unfit(f"it has format version {str(version)[:20]}, and only 2 is known")
    return warnings


def _read_bz2(file: BinaryIO, size: int, limits: Limits) -> InfoFiles:
    """Search a ``.tar.bz2``, whose metadata may stand anywhere among its files.

    Build tools put ``info/`` first, people who repack by hand do not. So the search goes on to
    the end where that is cheap (``scan_bytes``), which finds late metadata and repeated members.
    Beyond that it ends as soon as ``info/`` is over; what repeats a gigabyte later is not worth
    unpacking the gigabyte. Without metadata it goes on in proportion to the size of the file:
    real packages unpack to less than 16 times their size, and a bomb to a thousand times.
    """
    file.seek(0)
    most = limits.scan_bytes + limits.scan_ratio * size
    unpacked = unpack_bz2(file, min(most, limits.unpacked_bytes))
    reader = TarReader(unpacked, limits)
    collector = InfoCollector(limits)
    for member in reader.members():
        collector.take(member, reader)
        far = unpacked.position + member.size > limits.scan_bytes
        if collector.is_past_info and (far or 2 * reader.headers > limits.members):
            break
    return collector.finish()


def _check_bz2_end(file: BinaryIO, size: int) -> None:
    """See that the file is complete: it is not always unpacked to the end."""
    file.seek(max(0, size - _BZ2_TAIL))
    tail = int.from_bytes(file.read(), "big") >> _BZ2_CHECKSUM_BITS
    mask = (1 << _BZ2_END_BITS) - 1
    if all(tail >> padding & mask != _BZ2_END for padding in range(8)):
        message = "The file is cut off; upload it again."
        raise InvalidArchiveError(message)


def _unfit(what: str) -> InvalidArchiveError:
    return InvalidArchiveError(f"The .conda file is not fit for a channel: {what}; build it again.")
