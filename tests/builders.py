"""True conda packages, made in memory: every installer can install what ``package`` returns.

The same arguments give the same bytes: fixed times, sorted members, fixed compression levels.
"""

import bz2
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, Unpack

import zstandard

Extension = Literal["conda", "tar.bz2"]

TIMESTAMP = 1_700_000_000_000
"""The build time of a built package in milliseconds, unless a test says otherwise."""


@dataclass(frozen=True)
class Built:
    """A package file as a client would upload it."""

    filename: str
    data: bytes
    index: dict[str, Any]

    @property
    def sha256(self) -> str:
        """Return the hex SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def md5(self) -> str:
        """Return the hex MD5 of the bytes."""
        return hashlib.md5(self.data, usedforsecurity=False).hexdigest()

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return len(self.data)

    @property
    def subdir(self) -> str:
        """Return the subdir that index.json names."""
        return self.index["subdir"]

    def open(self) -> io.BytesIO:
        """Return the bytes as a seekable file, at its start."""
        return io.BytesIO(self.data)


class Options(TypedDict, total=False):
    """What a test may say about a package; everything has a sensible default."""

    build: str
    build_number: int
    subdir: str
    extension: Extension
    depends: Sequence[str]
    constrains: Sequence[str]
    timestamp: int
    files: Mapping[str, bytes]
    """Contents by path below the environment's prefix."""
    index: Mapping[str, Any]
    """Keys laid over index.json; None removes the key."""
    about: Mapping[str, Any]
    run_exports: Any
    info_files: Mapping[str, bytes | None]
    """Raw files by path below ``info/``, laid over the generated ones; None removes one."""
    filename: str
    """The name to upload under, where it is not the true one."""


def package(name: str, version: str = "1.0", **options: Unpack[Options]) -> Built:
    """Build a package; ``noarch: generic`` unless ``subdir`` names a platform."""
    extension = options.get("extension", "conda")
    index = index_json(name, version, options)
    files = options.get("files", {f"share/{name}/about.txt": f"{name} {version}\n".encode()})
    info = info_files(index, files, options)
    stem = f"{name}-{version}-{options.get('build', '0')}"
    data = conda_file(stem, info, files) if extension == "conda" else bz2_file({**info, **files})
    return Built(options.get("filename", f"{stem}.{extension}"), data, index)


def index_json(name: str, version: str, options: Options) -> dict[str, Any]:
    """Return the parsed index.json of the package that the options describe."""
    build = options.get("build", "0")
    subdir = options.get("subdir", "noarch")
    index: dict[str, Any] = {
        "name": name,
        "version": version,
        "build": build,
        "build_number": options.get("build_number", _trailing_number(build)),
        "subdir": subdir,
        "depends": list(options.get("depends", ())),
        "timestamp": options.get("timestamp", TIMESTAMP),
    }
    if subdir == "noarch":
        index["noarch"] = "generic"
    if constrains := options.get("constrains"):
        index["constrains"] = list(constrains)
    laid_over = {**index, **options.get("index", {})}
    return {key: value for key, value in laid_over.items() if value is not None}


def info_files(
    index: Mapping[str, Any], files: Mapping[str, bytes], options: Options
) -> dict[str, bytes]:
    """Return the contents of ``info/`` by path, ``info/`` included."""
    info: dict[str, bytes | None] = {
        "index.json": as_json(index),
        "paths.json": as_json(paths_json(files)),
        "files": "".join(f"{path}\n" for path in sorted(files)).encode(),
        "about.json": as_json(options.get("about", {"summary": f"The {index.get('name')} test"})),
    }
    if (run_exports := options.get("run_exports")) is not None:
        info["run_exports.json"] = as_json(run_exports)
    info.update(options.get("info_files", {}))
    return {f"info/{path}": data for path, data in info.items() if data is not None}


def paths_json(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the parsed paths.json (CEP 34) of plain files."""
    entries = [
        {
            "_path": path,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(data).hexdigest(),
            "size_in_bytes": len(data),
        }
        for path, data in sorted(files.items())
    ]
    return {"paths": entries, "paths_version": 1}


def as_json(value: object) -> bytes:
    """Return the value as a person would write it to a file in ``info/``."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).encode()


def conda_file(stem: str, info: Mapping[str, bytes], files: Mapping[str, bytes]) -> bytes:
    """Return a ``.conda`` file (CEP 35) with both inner archives."""
    return stored_zip(
        {
            "metadata.json": b'{"conda_pkg_format_version": 2}',
            f"pkg-{stem}.tar.zst": zst(tar(files)),
            f"info-{stem}.tar.zst": zst(tar(info)),
        }
    )


def bz2_file(members: Mapping[str, bytes]) -> bytes:
    """Return a ``.tar.bz2`` file, ``info/`` first."""
    return bz2.compress(tar(members))


def tar(members: Mapping[str, bytes]) -> bytes:
    """Return a tar of plain files in the order given."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, data in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            member.mode = 0o644
            member.mtime = TIMESTAMP // 1000
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def zst(data: bytes) -> bytes:
    """Return the data as one zstd frame."""
    return zstandard.ZstdCompressor(level=3).compress(data)


def stored_zip(members: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip with the members in the order given."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in members.items():
            archive.writestr(zipfile.ZipInfo(path), data, compression)
    return buffer.getvalue()


def _trailing_number(build: str) -> int:
    digits = build.rpartition("_")[2]
    return int(digits) if digits.isdecimal() else 0
