"""What people write to find the package that installs a file.

A text without wildcards is looked for anywhere in the path below the prefix: ``libz.so`` finds
``lib/libz.so.1``. With ``*`` (any letters) or ``?`` (any one letter) the pattern is the whole
name of the file, ``libz.so*``, or, with slashes, the end of its path, ``bin/python*``; a star
then reaches across folders. A slash at the beginning stands for the prefix. Capitals do not
matter.

Every search takes time linear in the length of the paths, whatever the pattern: what a star
skips is the least possible and is not tried again (``(?>…)``), which loses nothing, because
only what follows the last star is bound to the end of the line.
"""

import re
from dataclasses import dataclass

from graphrepo.errors import InvalidInputError

PIECE = 3
"""Letters in a row that a pattern must have, for the paths are indexed by as many."""

_LONGEST = 256
_WILD = re.compile(r"[*?]+")
_STARS = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A pattern, to be compared with folded paths: lower case, a line break around each.

    Attributes:
        pieces: parts that the paths must hold for the pattern to match.
        needle: what is looked for, in a pattern without wildcards.
        expression: how it is looked for, in a pattern with them.
    """

    pieces: tuple[str, ...]
    needle: str
    expression: re.Pattern[str] | None

    def rank(self, paths: str) -> int | None:
        """Return 0 where one of the paths ends in exactly what is meant, 1 where one matches.

        None where none does. A pattern with wildcards knows no difference.
        """
        if self.expression is not None:
            return 0 if self.expression.search(paths) else None
        if self.needle not in paths:
            return None
        whole = f"{self.needle}\n" if self.needle.startswith("\n") else f"/{self.needle}\n"
        return 0 if whole in paths or f"\n{self.needle}\n" in paths else 1


def read_path_pattern(text: str) -> PathPattern:
    """Read a pattern.

    Raises:
        InvalidInputError: it is too long, holds what no path does, or says too little.
    """
    if len(text) > _LONGEST or not text.isprintable():
        raise InvalidInputError(f"A pattern has at most {_LONGEST} printable characters.")
    folded = text.strip().lower()
    anchored = "\n" + folded[1:] if folded.startswith("/") else folded
    if not _WILD.search(anchored):
        return PathPattern(_telling((anchored,)), anchored, None)
    ended = f"{anchored}\n"  # a line break tells as much as a letter
    return PathPattern(_telling(_WILD.split(ended)), "", re.compile(_expression(anchored)))


def _telling(pieces: "list[str] | tuple[str, ...]") -> tuple[str, ...]:
    telling = tuple(piece for piece in pieces if len(piece) >= PIECE)
    if not telling:
        raise InvalidInputError(
            f"Give at least {PIECE} letters in a row, such as libz.so or */bin/curl."
        )
    return telling


def _expression(pattern: str) -> str:
    within = "[^\\n]" if _has_folders(pattern) else "[^\\n/]"
    first, *rest = (_literal(part, within) for part in _STARS.split(pattern))
    begin = _beginning(pattern, first, starred=bool(rest))
    if not rest:
        return rf"{begin}(?=\n)"
    middle = "".join(rf"(?>{within}*?{part})" for part in rest[:-1])
    return rf"{begin}{middle}{within}*{rest[-1]}(?=\n)"


def _beginning(pattern: str, first: str, *, starred: bool) -> str:
    """Return what matches up to the first star: at the prefix, or after any slash."""
    if pattern.startswith("\n"):
        return first
    if not starred:
        return rf"[\n/]{first}"
    if not _has_folders(pattern):
        return rf"\n(?>[^\n]*/)?{first}"
    return rf"\n(?:{first}|(?>[^\n]*?/{first}))" if first else r"\n"


def _has_folders(pattern: str) -> bool:
    return "/" in pattern or pattern.startswith("\n")


def _literal(part: str, within: str) -> str:
    return "".join(within if letter == "?" else re.escape(letter) for letter in part)
