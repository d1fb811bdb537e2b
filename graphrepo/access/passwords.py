"""Passwords, kept as argon2id hashes (RFC 9106)."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from graphrepo.errors import InvalidInputError

MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 1024
"""Characters; the upper bound keeps a stranger from sending megabytes to hash."""


@dataclass(frozen=True, slots=True)
class Hasher:
    """The price of one hash; the default is RFC 9106's second recommended option."""

    passes: int = 3
    memory: int = 65536  # KiB
    lanes: int = 4

    @property
    def argon2(self) -> PasswordHasher:
        """Argon2id at this price."""
        return PasswordHasher(self.passes, self.memory, self.lanes)


STANDARD: Final = Hasher()


def check_password_strength(password: str) -> None:
    """Refuse a password that is too short to resist guessing, or absurdly long.

    Raises:
        InvalidInputError: It has less than ``MIN_LENGTH`` or more than ``MAX_LENGTH``
            characters.
    """
    if len(password) < MIN_LENGTH:
        sentence = f"The password is too short: use at least {MIN_LENGTH} characters."
        raise InvalidInputError(sentence)
    if len(password) > MAX_LENGTH:
        sentence = f"The password is too long: use at most {MAX_LENGTH} characters."
        raise InvalidInputError(sentence)


def hash_password(password: str, hasher: Hasher = STANDARD) -> str:
    """Return the password's hash with its salt and parameters, as a PHC string."""
    return hasher.argon2.hash(_octets(password))


def verify_password(stored: str | None, password: str, hasher: Hasher = STANDARD) -> bool:
    """Return whether the password belongs to the stored hash.

    ``stored`` is ``None`` where the login is unknown: that costs as much time as a wrong
    password, so the answer's delay does not tell which logins exist. A password that could
    never have been set is refused before any work.
    """
    if len(password) > MAX_LENGTH:
        return False
    if stored is None:
        hash_password(password, hasher)
        return False
    try:
        return hasher.argon2.verify(stored, _octets(password))
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str, hasher: Hasher = STANDARD) -> bool:
    """Return whether the hash was made at another price; renew it at the next sign-in."""
    return hasher.argon2.check_needs_rehash(stored)


def _octets(password: str) -> bytes:
    # RFC 8265 OpaqueString: NFC, for keyboards that compose an accent and those that do not.
    # A lone surrogate, which JSON can carry, must not become an encoding error.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
