"""The names of the conda world: packages, versions, builds, subdirs, channels and file names.

All rules are CEP 26's; the sizes are in characters, and every name is ASCII.
"""

import re
from dataclasses import dataclass

from graphrepo.errors import (
    InvalidBuildError,
    InvalidChannelNameError,
    InvalidFilenameError,
    InvalidNameError,
    InvalidSubdirError,
    InvalidVersionError,
    UnsupportedFormatError,
)

EXTENSIONS = ("conda", "tar.bz2")

KNOWN_SUBDIRS = frozenset(
    {
        "noarch",
        *(
            f"linux-{machine}"
            for machine in (
                "32 64 aarch64 armv6l armv7l ppc64 ppc64le riscv32 riscv64 s390x loongarch64"
            ).split()
        ),
        *("osx-64", "osx-arm64", "win-32", "win-64", "win-arm64", "freebsd-64"),
        *("emscripten-wasm32", "wasi-wasm32", "zos-z"),
    }
)
"""The subdirs that every channel answers for. The set of legal subdirs is open: ``is_subdir``."""

RESERVED_CHANNELS = frozenset(
    "t api label graphql static defaults local plus channels search account admin login setup"
    " graphiql healthz readyz health metrics ui logout users packages docs assets favicon.ico"
    " robots.txt".split()
)
"""First path parts that the server or a client keeps for itself."""

# CEP 26's expression also lets a separator follow a leading "_" and stand last; its prose does
# not, and neither do we.
_NAME = re.compile(r"_?[a-z0-9]+(?:[._-][a-z0-9]+)*")
_VERSION = re.compile(r"[0-9a-z._+!]+")
_BUILD = re.compile(r"[a-zA-Z0-9_.+]+")
_SUBDIR = re.compile(r"noarch|[a-z0-9]+-[a-z0-9]+")
_CHANNEL = re.compile(r"[a-z0-9_][a-z0-9_.-]*")

_PART_LENGTH = 64
_SUBDIR_LENGTH = 32
_CHANNEL_LENGTH = 128
_FILENAME_LENGTH = 211
_SHOWN_LENGTH = 80


@dataclass(frozen=True)
class Filename:
    """The parts of ``<name>-<version>-<build>.<extension>``, each checked."""

    name: str
    version: str
    build: str
    extension: str

    @property
    def stem(self) -> str:
        """Return the file name without its extension: the key of v3 records (CEP 48)."""
        return f"{self.name}-{self.version}-{self.build}"

    def __str__(self) -> str:
        """Return the whole file name."""
        return f"{self.stem}.{self.extension}"


def parse_filename(filename: str) -> Filename:
    """Split a file name from the right, as only the name may hold a ``-``.

    Raises:
        UnsupportedFormatError: the extension is not one of ``EXTENSIONS``.
        InvalidFilenameError: the name is too long or lacks a part.
        InvalidNameError, InvalidVersionError, InvalidBuildError: a part breaks its grammar.
    """
    extension = next((known for known in EXTENSIONS if filename.endswith(f".{known}")), None)
    if extension is None:
        message = (
            f"The file name {quoted(filename)} ends in neither .conda nor .tar.bz2;"
            " only these two package formats are accepted."
        )
        raise UnsupportedFormatError(message)
    parts = filename.removesuffix(f".{extension}").rsplit("-", 2)
    if len(filename) > _FILENAME_LENGTH or len(parts) != len(("name", "version", "build")):
        message = (
            f"The file name {quoted(filename)} is not name-version-build.{extension} of at most"
            f" {_FILENAME_LENGTH} characters; upload the file under the name its build gave it."
        )
        raise InvalidFilenameError(message)
    name, version, build = parts
    return Filename(check_name(name), check_version(version), check_build(build), extension)


def check_name(name: str) -> str:
    """Return the package name if it is legal.

    Raises:
        InvalidNameError: it is not.
    """
    if len(name) > _PART_LENGTH or not _NAME.fullmatch(name):
        message = (
            f"The package name {quoted(name)} must be 1 to {_PART_LENGTH} lowercase letters and"
            " digits with single '-', '_' or '.' between them; rename the package."
        )
        raise InvalidNameError(message)
    return name


def check_version(version: str) -> str:
    """Return the version if its characters are legal; ``versions.sort_key`` checks its shape.

    Raises:
        InvalidVersionError: they are not.
    """
    if len(version) > _PART_LENGTH or not _VERSION.fullmatch(version):
        message = (
            f"The version {quoted(version)} must be 1 to {_PART_LENGTH} digits, lowercase letters"
            " and '.', '_', '+', '!'; change the version of the package."
        )
        raise InvalidVersionError(message)
    return version


def check_build(build: str) -> str:
    """Return the build string if it is legal.

    Raises:
        InvalidBuildError: it is not.
    """
    if len(build) > _PART_LENGTH or not _BUILD.fullmatch(build):
        message = (
            f"The build string {quoted(build)} must be 1 to {_PART_LENGTH} letters, digits and"
            " '_', '.', '+'; change the build string of the package."
        )
        raise InvalidBuildError(message)
    return build


def is_subdir(text: str) -> bool:
    """Tell whether the text may name a subdir, known or not."""
    return len(text) <= _SUBDIR_LENGTH and _SUBDIR.fullmatch(text) is not None


def check_subdir(subdir: str) -> str:
    """Return the subdir if it is legal.

    Raises:
        InvalidSubdirError: it is not.
    """
    if not is_subdir(subdir):
        message = (
            f"The subdir {quoted(subdir)} must be 'noarch' or of the form 'linux-64', in at most"
            f" {_SUBDIR_LENGTH} lowercase letters and digits; correct the subdir."
        )
        raise InvalidSubdirError(message)
    return subdir


def check_channel_name(name: str) -> str:
    """Return the channel name if it is legal and free to take.

    Raises:
        InvalidChannelNameError: it is not.
    """
    if len(name) > _CHANNEL_LENGTH or not _CHANNEL.fullmatch(name):
        message = (
            f"The channel name {quoted(name)} must be 1 to {_CHANNEL_LENGTH} lowercase letters,"
            " digits, '_', '-' and '.', beginning with a letter, digit or '_'; choose another."
        )
        raise InvalidChannelNameError(message)
    # A subdir as the last part of a channel's URL makes clients cut it off (CEP 26).
    if name in RESERVED_CHANNELS or name in KNOWN_SUBDIRS:
        message = f"The channel name {quoted(name)} is reserved; choose another."
        raise InvalidChannelNameError(message)
    return name


def quoted(text: str) -> str:
    """Return the text as one short printable word for a message."""
    shown = text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + "…"
    return ascii(shown) if not shown.isprintable() else f"'{shown}'"
