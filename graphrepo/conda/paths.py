"""What a package installs: the paths, and what channeldata says of them (CEP 34, CEP 38)."""

from dataclasses import dataclass
from typing import Any

import msgspec

from graphrepo.conda.info_files import InfoFiles
from graphrepo.conda.limits import Limits
from graphrepo.errors import ArchiveLimitError, InvalidMetadataError

_LINK_SCRIPTS = ("pre-link", "post-link", "pre-unlink")
_NO_PATHS_JSON = "info/paths.json is missing"
_WITHOUT_BYTES = frozenset({"softlink", "directory"})
_LARGEST = 2**53  # bytes of a package; whoever says more knows nothing
_HAS_PREFIX_FIELDS = 3  # placeholder, mode, path; or the path alone


class _Entry(msgspec.Struct, gc=False):
    path: str = msgspec.field(name="_path")
    path_type: str | None = None
    size_in_bytes: Any = None  # an integer, where the builder was right
    file_mode: str | None = None
    prefix_placeholder: str | None = None


class _PathsJson(msgspec.Struct):
    paths: list[_Entry]


_DECODER = msgspec.json.Decoder(_PathsJson)


@dataclass(frozen=True)
class Paths:
    """The files of a package, relative to the environment."""

    paths: tuple[str, ...]
    features: dict[str, bool]
    """By their names in channeldata.json: ``activate.d``, ``binary_prefix``, ``pre_link``, ..."""
    installed_size: int | None = None
    """Bytes of the files, unpacked; none where the package does not say."""
    warnings: tuple[str, ...] = ()


def read_paths(info: InfoFiles, limits: Limits) -> Paths:
    """Read ``paths.json``, or in packages older than it ``files`` and ``has_prefix``.

    Raises:
        InvalidMetadataError: paths.json is not what CEP 34 says.
        ArchiveLimitError: it lists too many paths.
    """
    if info.paths_json is None:
        lines, modes = _lines(info.files, limits), _prefix_modes(info.has_prefix, limits)
        return Paths(lines, _features(lines, modes), warnings=(_NO_PATHS_JSON,))
    # Every entry is an object, so the braces bound the memory before anything is decoded.
    _check_count(info.paths_json.count(b"{"), limits)
    try:
        entries = _DECODER.decode(info.paths_json).paths
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = (
            f"The file info/paths.json is not as CEP 34 says ({str(error)[:200]}); build it again."
        )
        raise InvalidMetadataError(message) from error
    modes = {entry.file_mode or "text" for entry in entries if entry.prefix_placeholder}
    paths = tuple(entry.path for entry in entries)
    return Paths(paths, _features(paths, modes), _installed_size(entries))


def _installed_size(entries: list[_Entry]) -> int | None:
    """Add up what the files take; the size of a link is that of its target, which is listed."""
    sizes = [entry.size_in_bytes for entry in entries if entry.path_type not in _WITHOUT_BYTES]
    if any(type(size) is not int or size < 0 for size in sizes):
        return None
    total = sum(sizes)
    return total if total <= _LARGEST else None


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.paths:
        message = (
            f"The package lists more than {limits.paths} files; split it into smaller packages."
        )
        raise ArchiveLimitError(message)


def _lines(data: bytes | None, limits: Limits) -> tuple[str, ...]:
    """Return the lines of an old list; old names of files are in any encoding."""
    _check_count((data or b"").count(b"\n"), limits)
    text = (data or b"").decode("utf-8", "replace")
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def _prefix_modes(has_prefix: bytes | None, limits: Limits) -> set[str]:
    fields = (line.split() for line in _lines(has_prefix, limits))
    return {line[1] if len(line) >= _HAS_PREFIX_FIELDS else "text" for line in fields}


def _features(paths: tuple[str, ...], modes: set[str]) -> dict[str, bool]:
    scripts = {
        script.replace("-", "_"): any(
            path.endswith((f"-{script}.sh", f"-{script}.bat")) for path in paths
        )
        for script in _LINK_SCRIPTS
    }
    folders = {
        folder: any(path.startswith(f"etc/conda/{folder}/") for path in paths)
        for folder in ("activate.d", "deactivate.d")
    }
    prefixes = {"binary_prefix": "binary" in modes, "text_prefix": "text" in modes}
    return {**folders, **prefixes, **scripts}
