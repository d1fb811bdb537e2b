"""Requests of the plainest form, read at once.

Most of what installers ask is a GET without a body whose head arrives in one piece. Such a head
is recognised whole, or not at all: everything that is not exactly of this form (RFC 9112, 3 and 5)
is left to a parser that knows the rest of HTTP.
"""

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

RawField = tuple[bytes, bytes]

LONGEST: Final = 16 * 1024  # bytes of a request that is read so
_HEAD: Final = re.compile(
    rb"(GET|HEAD) (/[!$-.0-;=@-Z_a-z~/]*) HTTP/1\.1\r\n"  # neither query nor fragment
    rb"((?:[A-Za-z0-9-]+:[\t -~\x80-\xff]*\r\n)+)\r\n"
)
# What says that a body follows, or that the connection is to be used in another way.
_NOT_PLAIN: Final = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})


class Plain(NamedTuple):
    """A request that asks for an address and nothing else."""

    method: str
    path: str
    raw_path: bytes
    fields: list[RawField]  # names in lower case, as ASGI has them


def read_plain(data: bytes) -> Plain | None:
    """Return the request that the bytes are, or none if they are not just one plain request."""
    if len(data) > LONGEST:
        return None
    head = _HEAD.fullmatch(data)
    if head is None:
        return None
    fields: list[RawField] = []
    for line in head[3].split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        name, value = name.lower(), value.strip(b" \t")
        if name in _NOT_PLAIN or (name == b"connection" and value.lower() != b"keep-alive"):
            return None
        fields.append((name, value))
    target = head[2].decode("ascii")
    path = unquote(target) if "%" in target else target
    return Plain("GET" if head[1] == b"GET" else "HEAD", path, head[2], fields)
