"""Picking the metadata files out of the tar archive that holds ``info/``.

A name that could reach one of them by a second way (a link, an absolute path, ``..``, a second
member, another case) makes the archive unfit: the index must show what installers unpack.
"""

import posixpath
from dataclasses import dataclass

from graphrepo.conda.limits import Limits
from graphrepo.conda.tar_reader import Member, TarReader
from graphrepo.errors import (
    ArchiveLimitError,
    InvalidArchiveError,
    InvalidMetadataError,
    MissingIndexError,
)

_INDEX = "info/index.json"
_PATHS = "info/paths.json"
_DOCUMENTS = (_INDEX, "info/about.json", "info/run_exports.json", "info/link.json")
_LISTS = ("info/files", "info/has_prefix")
_READ = frozenset((*_DOCUMENTS, _PATHS, *_LISTS))
_RECORD = "info/repodata_record.json"


@dataclass(frozen=True)
class InfoFiles:
    """What ``info/`` holds, as bytes; None where the package has no such file."""

    index_json: bytes
    about_json: bytes | None = None
    run_exports_json: bytes | None = None
    link_json: bytes | None = None
    paths_json: bytes | None = None
    files: bytes | None = None
    has_prefix: bytes | None = None
    inner_stem: str | None = None
    """The package that the inner archives of a ``.conda`` are named after."""
    warnings: tuple[str, ...] = ()


class InfoCollector:
    """Keeps what the server reads of a tar archive, member after member."""

    def __init__(self, limits: Limits) -> None:
        """Start with nothing found."""
        self._sizes = {
            **dict.fromkeys(_DOCUMENTS, limits.document_bytes),
            _PATHS: limits.list_bytes,
            **dict.fromkeys(_LISTS, limits.list_bytes // 2),
        }
        self._found: dict[str, bytes] = {}
        self.is_past_info = False
        """Whether a member outside ``info/`` came after index.json: build tools put info/ first."""

    def take(self, member: Member, reader: TarReader) -> None:
        """Look at the current member of the reader, and read it if it is metadata.

        Raises:
            InvalidArchiveError: metadata that is no regular file, badly named or twice there.
            ArchiveLimitError: metadata that is too large.
            InvalidMetadataError: a shipped ``repodata_record.json``.
        """
        reached = _reached(member.name)
        if not reached.startswith("info"):
            self.is_past_info = _INDEX in self._found
        elif reached == "info" and member.kind != "directory":
            raise _unfit("info is not a directory")
        elif reached == _RECORD:
            message = (
                f"The package ships {_RECORD}, which only installers write;"
                " build the package from a clean directory."
            )
            raise InvalidMetadataError(message)
        elif reached in _READ:
            self._read(reached, member, reader)

    def finish(self, *, inner_stem: str | None = None, warnings: tuple[str, ...] = ()) -> InfoFiles:
        """Return what was found.

        Raises:
            MissingIndexError: no index.json was among it.
        """
        if _INDEX not in self._found:
            message = f"The package has no {_INDEX}; build it with a conda build tool."
            raise MissingIndexError(message)
        fields = {path[5:].replace(".", "_"): data for path, data in self._found.items()}
        return InfoFiles(**fields, inner_stem=inner_stem, warnings=warnings)

    def _read(self, path: str, member: Member, reader: TarReader) -> None:
        if member.kind != "file" or member.name.removeprefix("./") != path:
            raise _unfit(f"{member.name[:80]!r} is not a plain file at its plain path")
        if path in self._found:
            raise _unfit(f"it has two {path} members")
        if member.size > self._sizes[path]:
            message = (
                f"The file {path} has {member.size} bytes, and at most {self._sizes[path]} are"
                " read; make it smaller."
            )
            raise ArchiveLimitError(message)
        self._found[path] = reader.read()


def _reached(name: str) -> str:
    """Return the path that the loosest of all extractors would write to."""
    return posixpath.normpath("/" + name.replace("\\", "/").lstrip("/")).lower()[1:]


def _unfit(what: str) -> InvalidArchiveError:
    return InvalidArchiveError(f"The archive is not fit for a channel: {what}; build it again.")
