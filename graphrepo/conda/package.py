"""A package file checked as a whole: the one answer to whether a channel may take it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal, cast

from graphrepo.conda.about_json import About, read_about
from graphrepo.conda.archive import read_info
from graphrepo.conda.index_json import Index, read_index
from graphrepo.conda.info_files import InfoFiles
from graphrepo.conda.limits import Limits
from graphrepo.conda.names import Filename, check_subdir, parse_filename, quoted
from graphrepo.conda.paths import Paths, read_paths
from graphrepo.conda.record import canonical_json
from graphrepo.conda.run_exports_json import read_run_exports
from graphrepo.conda.versions import sort_key
from graphrepo.errors import FilenameMismatchError


@dataclass(frozen=True)
class CheckedPackage:
    """Everything the server keeps of a package besides its bytes."""

    filename: str
    name: str
    version: str
    version_key: bytes
    """Orders like the versions (CEP 33)."""
    build: str
    build_number: int
    subdir: str
    extension: Literal["conda", "tar.bz2"]
    noarch: str | None
    is_v3: bool
    """Whether the record belongs under ``v3`` (CEP 43)."""
    timestamp: int | None
    """Build time in milliseconds."""
    index_json: str
    """As shipped; the next two as well, but run_exports normalised."""
    about_json: str | None
    run_exports_json: str | None
    paths: tuple[str, ...]
    installed_size: int | None
    """Bytes of its files, unpacked, where it says so."""
    features: Mapping[str, bool]
    """By their names in channeldata.json."""
    summary: str | None
    description: str | None
    license: str | None
    license_family: str | None
    urls: Mapping[str, str]
    """``home``, ``dev_url``, ``doc_url``, ``source_url``, where set."""
    record: Mapping[str, Any]
    """The repodata record without what the channel adds: see ``record.record_json``."""
    warnings: tuple[str, ...]


def read_package(
    file: BinaryIO, filename: str, *, target_subdir: str | None, now_ms: int, limits: Limits
) -> CheckedPackage:
    """Read a package file and make every check that needs nothing but the file.

    Args:
        file: seekable, the whole package.
        filename: the name it is uploaded under.
        target_subdir: the subdir that the upload names, if it names one.
        now_ms: the present in milliseconds.
        limits: how much work the file may cause.

    Raises:
        InvalidPackageError: one of its subclasses, each with its own code.
    """
    parsed = parse_filename(filename)
    target = None if target_subdir is None else check_subdir(target_subdir)
    extension = cast('Literal["conda", "tar.bz2"]', parsed.extension)
    info = read_info(file, extension, limits)
    index = read_index(info.index_json, filename=parsed, target_subdir=target, now_ms=now_ms)
    _check_inner_stem(parsed, info)
    paths, about = read_paths(info, limits), read_about(info.about_json)
    return _checked(parsed, info, index, paths, about)


def _check_inner_stem(filename: Filename, info: InfoFiles) -> None:
    # conda finds the inner archives by the name of the file.
    if info.inner_stem not in (None, filename.stem):
        message = (
            f"The archives inside the file are named after {quoted(info.inner_stem)}, and the file"
            f" after {quoted(filename.stem)}; build the package again instead of renaming it."
        )
        raise FilenameMismatchError(message)


def _checked(
    filename: Filename, info: InfoFiles, index: Index, paths: Paths, about: About
) -> CheckedPackage:
    record = dict(index.record)
    if index.is_v3:
        record["fn"] = str(filename)  # clients cannot derive it from a v3 key
    run_exports = read_run_exports(info.run_exports_json)
    return CheckedPackage(
        filename=str(filename),
        name=filename.name,
        version=filename.version,
        version_key=sort_key(filename.version),
        build=filename.build,
        build_number=record["build_number"],
        subdir=record["subdir"],
        extension=cast('Literal["conda", "tar.bz2"]', filename.extension),
        noarch=record.get("noarch"),
        is_v3=index.is_v3,
        timestamp=record.get("timestamp"),
        index_json=info.index_json.decode(),
        about_json=None if info.about_json is None else info.about_json.decode(),
        run_exports_json=canonical_json(run_exports).decode() if run_exports else None,
        paths=paths.paths,
        installed_size=paths.installed_size,
        features=paths.features,
        summary=about.summary,
        description=about.description,
        license=record.get("license") or about.license,
        license_family=record.get("license_family") or about.license_family,
        urls=about.urls,
        record=record,
        warnings=(*info.warnings, *index.warnings, *paths.warnings),
    )
