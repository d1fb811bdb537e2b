"""The grammar of login names."""

import re
from typing import Final

from graphrepo.errors import InvalidInputError

_LOGIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?")


def check_login(login: str) -> str:
    """Return the login if it is one: 1 to 40 characters that need no escaping in a URL.

    Raises:
        InvalidInputError: It breaks the grammar.
    """
    if not is_login(login):
        sentence = (
            "A login has 1 to 40 lower-case letters, digits, dots, dashes and underscores,"
            " and begins and ends with a letter or digit."
        )
        raise InvalidInputError(sentence)
    return login


def is_login(text: str) -> bool:
    """Return whether somebody may have this login."""
    return _LOGIN.fullmatch(text) is not None
