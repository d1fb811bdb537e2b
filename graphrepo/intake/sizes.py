"""Sizes as people write them: ``1GiB``, ``500 MB``, ``1048576``."""

import re

from graphrepo.errors import InvalidInputError

_UNITS = {
    "": 1,
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "tb": 1000**4,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
    "tib": 1024**4,
}
_SIZE = re.compile(r"([0-9]{1,18})\s*([a-z]{0,3})", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Return the number of bytes that the text names.

    Raises:
        InvalidInputError: It is no whole number of a known unit.
    """
    found = _SIZE.fullmatch(text.strip())
    factor = _UNITS.get(found[2].lower()) if found else None
    if found is None or factor is None:
        message = f"{text!r} is no size: write a whole number of bytes, KB, MB, GB, KiB, MiB, GiB."
        raise InvalidInputError(message)
    return int(found[1]) * factor


def size_text(size: int) -> str:
    """Return the bytes in the largest binary unit that gives a number of 1 or more."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        factor = _UNITS[unit.lower()]
        if size >= factor:
            return f"{size / factor:.4g} {unit}"
    return f"{size} bytes"
