"""Bearer tokens: ``gr-`` and 40 base62 characters, 238 bits of chance.

The alphabet is ``[A-Za-z0-9-]`` because conda cuts a token in ``/t/<token>/`` at an
underscore and leaks the rest into host names and logs. With so many bits a plain SHA-256 is
enough: there is nothing to guess, and a look-up by digest tells a clock nothing.
"""

import hashlib
import re
import secrets
import string
from typing import Final

PREFIX: Final = "gr-"
"""Lets secret scanners and people recognise a token."""

_BASE62: Final = string.ascii_letters + string.digits
_RANDOM_CHARACTERS: Final = 40
_SHAPE: Final = re.compile(rf"{PREFIX}[A-Za-z0-9]{{{_RANDOM_CHARACTERS}}}")


def new_token() -> str:
    """Return a fresh token; it is shown once and stored only as ``token_digest``."""
    return PREFIX + "".join(secrets.choice(_BASE62) for _ in range(_RANDOM_CHARACTERS))


def token_digest(token: str) -> bytes:
    """Return the SHA-256 of a token, 32 raw bytes: what the database keeps."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def is_plausible(token: str) -> bool:
    """Return whether this server can have issued the token; anything else is not looked up."""
    return _SHAPE.fullmatch(token) is not None
