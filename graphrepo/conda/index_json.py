"""The checks of ``info/index.json`` (CEP 34), and the record that follows from it."""

import re
from dataclasses import dataclass
from typing import Any, cast

from graphrepo.conda.dependencies import read_dependencies
from graphrepo.conda.json_fields import (
    Document,
    as_object,
    is_integer,
    optional_text,
    required_text,
    texts,
    wrong,
)
from graphrepo.conda.json_text import parse_json
from graphrepo.conda.names import (
    Filename,
    check_build,
    check_name,
    check_subdir,
    check_version,
    quoted,
)
from graphrepo.conda.record import without_empty
from graphrepo.errors import (
    FilenameMismatchError,
    InvalidBuildError,
    InvalidMetadataError,
    InvalidSubdirError,
    InvalidTimestampError,
    SubdirMismatchError,
)

_PATH = "info/index.json"
_LARGEST_BUILD_NUMBER = 2**63 - 1
_LAST_SECOND = 253_402_300_799  # end of the year 9999; larger timestamps are in milliseconds
_SKEW_MS = 5 * 60 * 1000  # CEP 47
_BITS_OF_ARCH = {"x86_64": "64", "x86": "32"}
_TRAILING_NUMBER = re.compile(r"(?:.*_)?([0-9]{1,18})")
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Index:
    """A checked index.json: the keys of its record (§5 of the contract), and what they imply."""

    record: dict[str, Any]
    is_v3: bool
    warnings: tuple[str, ...]


def read_index(data: bytes, *, filename: Filename, target_subdir: str | None, now_ms: int) -> Index:
    """Check an index.json.

    Args:
        data: the file.
        filename: the name that the package is uploaded under.
        target_subdir: the subdir that the upload names, if it names one.
        now_ms: the present in milliseconds; later timestamps are refused.

    Raises:
        InvalidMetadataError: no JSON, or a key is missing or of a wrong type.
        FilenameMismatchError: it is of another package than the file name says.
        InvalidNameError, InvalidVersionError, InvalidBuildError, InvalidSubdirError,
        SubdirMismatchError, InvalidTimestampError, InvalidMatchSpecError: of that key.
    """
    index = as_object(parse_json(data, _PATH, unique_keys=True), _PATH)
    _check_identity(index, filename)
    build_number, warnings = _build_number(index, filename.build)
    dependencies = read_dependencies(index)
    record = {
        "name": filename.name,
        "version": filename.version,
        "build": filename.build,
        "build_number": build_number,
        "subdir": _subdir(index, target_subdir),
        "noarch": _noarch(index),
        "timestamp": _timestamp(index, now_ms),
        "license": optional_text(index, "license"),
        "license_family": optional_text(index, "license_family"),
        "purls": texts(index, "purls"),
        "python_site_packages_path": _site_packages(index),
        "features": _words(index, "features"),
        "track_features": _words(index, "track_features"),
        **dependencies.fields,
    }
    return Index(without_empty(record), dependencies.is_v3, warnings)


def _check_identity(index: Document, filename: Filename) -> None:
    name = check_name(required_text(index, "name"))
    version = check_version(required_text(index, "version"))
    stem = f"{name}-{version}-{check_build(required_text(index, 'build'))}"
    if stem != filename.stem:
        message = (
            f"The file name {quoted(str(filename))} disagrees with {_PATH}, which says"
            f" {quoted(stem)}; upload the file as {stem}.{filename.extension}."
        )
        raise FilenameMismatchError(message)


def _build_number(index: Document, build: str) -> tuple[int, tuple[str, ...]]:
    """Return the number and a warning where it had to be taken from the build string."""
    number = index.get("build_number")
    if number is None:
        trailing = _TRAILING_NUMBER.fullmatch(build)
        return int(trailing[1]) if trailing else 0, ("info/index.json has no build_number",)
    if not is_integer(number) or not 0 <= number <= _LARGEST_BUILD_NUMBER:
        message = "The build_number must be an integer from 0 on; correct it and rebuild."
        raise InvalidBuildError(message)
    return number, ()


def _subdir(index: Document, target: str | None) -> str:
    """Return the subdir that index.json names, or in very old files implies, or the target."""
    subdir = optional_text(index, "subdir") or _subdir_of_platform(index) or target
    if subdir is None:
        message = (
            "The package does not say which subdir it is for; upload it to"
            " the URL of a subdir, or rebuild it with 'subdir' in info/index.json."
        )
        raise InvalidSubdirError(message)
    if target not in (None, subdir):
        message = (
            f"The package is for the subdir {check_subdir(subdir)} and was sent to {target};"
            " upload it to its own subdir."
        )
        raise SubdirMismatchError(message)
    return check_subdir(subdir)


def _subdir_of_platform(index: Document) -> str | None:
    platform, arch = optional_text(index, "platform"), optional_text(index, "arch")
    return f"{platform}-{_BITS_OF_ARCH.get(arch, arch)}" if platform and arch else None


def _noarch(index: Document) -> str | None:
    noarch = index.get("noarch")
    if noarch is None or noarch is False:
        return None
    if noarch is True:  # before conda 4.3
        return "generic"
    if noarch not in ("generic", "python"):
        raise wrong("noarch", "'generic' or 'python'")
    return cast("str", noarch)


def _timestamp(index: Document, now_ms: int) -> int | None:
    """Return the build time in milliseconds; old tools wrote seconds, and fractions."""
    value = index.get("timestamp")
    if value is None:
        return None
    if not is_integer(value) and not isinstance(value, float):
        message = "The timestamp must be an integer of milliseconds; correct it and rebuild."
        raise InvalidTimestampError(message)
    milliseconds = int(value * 1000 if abs(value) <= _LAST_SECOND else value)
    if not 0 <= milliseconds <= now_ms + _SKEW_MS:
        message = (
            f"The timestamp {str(milliseconds)[:20]} is not between 1970 and now;"
            " correct the clock of the build machine and rebuild."
        )
        raise InvalidTimestampError(message)
    return milliseconds


def _site_packages(index: Document) -> str | None:
    """Return the path that replaces ``lib/python3.x/site-packages`` (CEP 17)."""
    path = optional_text(index, "python_site_packages_path")
    if path and not is_inside(path):
        message = (
            "The python_site_packages_path must be relative and stay inside the environment"
            " (CEP 17); correct it and rebuild."
        )
        raise InvalidMetadataError(message)
    return path


def is_inside(path: str) -> bool:
    """Tell whether a path stays inside the environment (CEP 17), whichever slashes it has."""
    parts = path.replace("\\", "/").split("/")
    return not (path.startswith(("/", "\\")) or _DRIVE.match(path) or ".." in parts)


def _words(index: Document, key: str) -> str | None:
    """Return words separated by spaces; solvers crash on a list."""
    if isinstance(index.get(key), list):
        return " ".join(texts(index, key)) or None
    return optional_text(index, key)
