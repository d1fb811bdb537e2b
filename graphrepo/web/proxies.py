"""What proxies in front say of a request, believed from those that the operator names alone.

    X-Forwarded-For     the client's address, behind those of proxies on the way
    X-Forwarded-Proto   http or https, as the client spoke it
    X-Forwarded-Host    the host that the client asked for

A client can send these headers as well. From anybody who is no named proxy they are thrown away;
in either case nothing behind this module sees them: the scope itself says what they said.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from graphrepo.web.asgi import Scope

Network = IPv4Network | IPv6Network

_PREFIX: Final = b"x-forwarded-"
_SCHEMES: Final = {"http", "https"}
_BELIEVED: Final = "forwarded_by_trusted"


class Proxies:
    """The proxies that are believed."""

    def __init__(self, trusted: Iterable[Network]) -> None:
        """Name them by their networks."""
        self._trusted = tuple(trusted)

    def settle(self, scope: Scope) -> None:
        """Make a request's scope say how the client came; before anything else looks at it."""
        said = {name: value for name, value in scope["headers"] if name.startswith(_PREFIX)}
        if not said:
            return
        scope["headers"] = [pair for pair in scope["headers"] if not pair[0].startswith(_PREFIX)]
        peer = scope.get("client")
        is_believed = bool(peer) and self.is_trusted(peer[0])
        scope.setdefault("state", {})[_BELIEVED] = is_believed
        if not is_believed:
            return
        if address := self._client(_listed(said, b"for")):
            scope["client"] = (address, 0)
        scheme = next(_listed(said, b"proto"), "").lower()
        if scheme in _SCHEMES:
            is_socket = scope["type"] == "websocket"
            scope["scheme"] = scheme.replace("http", "ws") if is_socket else scheme
        if host := next(_listed(said, b"host"), ""):
            others = [pair for pair in scope["headers"] if pair[0] != b"host"]
            scope["headers"] = [*others, (b"host", host.encode("latin-1"))]

    def client(self, peer: str, forwarded_for: str) -> str:
        """Return the client's address by the nearest address and what was forwarded of others."""
        if not self.is_trusted(peer):
            return peer
        said = {_PREFIX + b"for": forwarded_for.encode("latin-1")}
        return self._client(_listed(said, b"for")) or peer

    def is_trusted(self, address: str) -> bool:
        """Return whether that is the address of a named proxy."""
        known = _parsed(address)
        return known is not None and any(known in network for network in self._trusted)

    def _client(self, addresses: Iterator[str]) -> str:
        """Return the first address, from the nearest on, that is no proxy of ours."""
        farthest = ""
        for address in addresses:
            if _parsed(address) is None:
                break
            farthest = address
            if not self.is_trusted(address):
                break
        return farthest


def was_believed(scope: Scope) -> bool | None:
    """Return whether the words of proxies in a request came from a named one; none without any."""
    return scope["state"].get(_BELIEVED)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        known = ip_address(text)
    except ValueError:
        return None
    # A socket that takes both kinds shows the older in the form of the newer.
    return getattr(known, "ipv4_mapped", None) or known


def _listed(said: dict[bytes, bytes], name: bytes) -> Iterator[str]:
    """Return the values of a header, the one that the nearest proxy added first."""
    values = said.get(_PREFIX + name, b"").decode("latin-1").split(",")
    return (value for text in reversed(values) if (value := text.strip()))
