"""Archives of chosen shapes, and reading them."""

import bz2
import io
import tarfile
from collections.abc import Callable

from graphrepo.conda.archive import read_info
from graphrepo.conda.info_files import InfoFiles
from graphrepo.conda.limits import Limits
from tests.builders import Extension, stored_zip, tar, zst

EXTENSIONS: tuple[Extension, ...] = ("conda", "tar.bz2")
INDEX = {"info/index.json": b"{}"}
FORMAT = {"metadata.json": b'{"conda_pkg_format_version": 2}'}

Packer = Callable[[bytes], InfoFiles]


def info_of(data: bytes, extension: Extension = "conda", limits: Limits | None = None) -> InfoFiles:
    return read_info(io.BytesIO(data), extension, limits or Limits())


def read_conda_tar(archive: bytes) -> InfoFiles:
    return info_of(
        stored_zip({**FORMAT, "pkg-a.tar.zst": zst(tar({})), "info-a.tar.zst": zst(archive)})
    )


def read_bz2_tar(archive: bytes) -> InfoFiles:
    return info_of(bz2.compress(archive), "tar.bz2")


def tar_of(*members: tuple[str, bytes, bytes]) -> bytes:
    """Return a tar of (name, type, data); data is the target of a link."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind, data in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                member.linkname = data.decode()
            else:
                member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def plain(name: str, data: bytes = b"{}") -> tuple[str, bytes, bytes]:
    return name, tarfile.REGTYPE, data
