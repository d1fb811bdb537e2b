"""Which machines this server may be sent to by an address that somebody names (SSRF).

A name is looked up once, every address that it has is judged, and the connection goes to one
of these addresses: a name cannot show a public address to the judge and a private one to the
connection.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from graphrepo.errors import SourceForbiddenError, SourceUnavailableError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the IP addresses of a host, as text."""

Judge = Callable[[str], bool]
"""Says whether an IP address may be connected to."""

# Everything outside is special: loopback, link-local, unique local, multicast, and the forms
# that carry an IPv4 address (mapped ::ffff:0:0/96, NAT64 64:ff9b::/96), wherever those lead.
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def is_public(text: str) -> bool:
    """Return whether an IP address is that of a machine in the open internet."""
    address = ip_address(text)
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return isinstance(address, IPv4Address) or _is_public_v6(address)


def _is_public_v6(address: IPv6Address) -> bool:
    # 6to4 and Teredo carry an IPv4 address as well.
    carries = address.sixtofour is not None or address.teredo is not None
    return address in _GLOBAL_UNICAST and not carries


async def look_up(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a host, in the order of the system's preference.

    Raises:
        SourceUnavailableError: the name has none.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnavailableError(f"The host {host} cannot be found.") from error
    return [str(address[0]) for *_, address in found]


def anything(_address: str) -> bool:
    """Let every address pass: for an operator who trusts those who copy."""
    return True


async def checked_addresses(
    host: str, port: int, resolve: Resolve, judge: Judge = is_public
) -> Sequence[str]:
    """Return the addresses of a host that may be connected to.

    Raises:
        SourceForbiddenError: one of them is not in the open internet.
        SourceUnavailableError: the name has none.
    """
    addresses = await resolve(host, port)
    if not all(map(judge, addresses)):
        raise SourceForbiddenError(
            f"{host} is not in the open internet, and this server copies from nowhere else;"
            " its operator can allow that with GRAPHREPO_ALLOW_PRIVATE_SOURCES."
        )
    return addresses
