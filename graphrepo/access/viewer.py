"""The person or machine behind a request, as a value.

Absence is an object here: a request without a valid credential is made by ``ANONYMOUS``,
so nobody downstream asks whether there is a viewer. A trusted publisher (OIDC) has a login
and channels to publish to, and no user id.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self


class AccessMode(StrEnum):
    """How far an API key reaches into the rights of its user."""

    ALL = "all"
    READ = "read"
    READ_WRITE = "read_write"
    READ_WRITE_DELETE = "read_write_delete"


@dataclass(frozen=True, slots=True)
class KeyScope:
    """What an API key takes away from the rights of its user.

    ``channel`` is the one channel the key is good for; ``None`` means every channel.
    """

    name: str
    mode: AccessMode
    channel: str | None = None

    @property
    def is_unrestricted(self) -> bool:
        """Whether the key stands for its user in everything."""
        return self.mode is AccessMode.ALL and self.channel is None


@dataclass(frozen=True, slots=True)
class Credential:
    """What somebody showed to be let in, as the database knows it: SHA-256, 32 raw bytes."""

    digest: bytes
    is_session: bool = False  # else an API key


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who makes a request.

    ``user_id`` is the account's row, ``None`` where there is no account. ``key`` is the scope
    of the API key in use, ``None`` for a session and for the operator. ``by_cookie`` marks a
    session cookie: such requests need the proof of their origin (CSRF). ``credential`` is for
    what outlasts a request, to see whether it is still good. ``publishes_to`` names the channels
    of a trusted publisher, which may upload there and nothing else. ``address`` is where the
    request came from, for the audit log; empty where there was none, as for a command.
    """

    user_id: int | None
    login: str
    is_admin: bool = False
    key: KeyScope | None = None
    by_cookie: bool = False
    credential: Credential | None = field(default=None, compare=False, repr=False)
    publishes_to: frozenset[str] = frozenset()
    address: str = field(default="", compare=False)

    def at(self, address: str) -> Self:
        """Return the same person asking from an address."""
        return replace(self, address=address)

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is known to be asking."""
        return not self.login


# No account can take either name: a login is never empty and never holds a space.
ANONYMOUS = Viewer(user_id=None, login="")
SYSTEM = Viewer(user_id=None, login="the operator", is_admin=True)
"""The person at the server's command line: an administrator without an account."""
