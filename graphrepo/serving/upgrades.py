"""uvicorn that goes on in HTTP/1.1 where a client offers another protocol than WebSocket.

A server may ignore such an offer (RFC 9110, 7.8), and clients that offer HTTP/2 count on it. The
parser does not: it calls a request complete as soon as its head offers something, and what follows
no HTTP. uvicorn then drops what came together with the head and reads what comes later as new
requests: an upload would lose its body, and a body could be a request. So the head is read a
second time, without the offer.
"""

import asyncio
from typing import Any

from httptools import HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class DecliningProtocol(HttpToolsProtocol):
    """HTTP/1.1 that becomes WebSocket, and nothing else."""

    _declines = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Put a parser of our own in the place of uvicorn's, before anything comes."""
        super().connection_made(transport)
        self.parser: Any = _Parser(self)

    @property
    def declines(self) -> bool:
        """Whether the head that was read last offers what is not taken."""
        return self._declines

    def on_message_begin(self) -> None:
        """Begin with a head that offers nothing yet."""
        self._declines = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Take a request, unless its head is to be read again."""
        if self.parser.get_method() == b"CONNECT":
            raise ValueError("This server is no proxy, and what follows would be no HTTP.")
        self._declines = self.parser.should_upgrade() and not self._should_upgrade()
        if not self._declines:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Take the end of a request, unless it is only the end of its head."""
        if not self._declines:
            super().on_message_complete()

    def head_without_offer(self) -> bytes:
        """Return the head that was read last without the field that offers a protocol."""
        method, version = self.parser.get_method(), self.parser.get_http_version()
        fields = [pair for pair in self.headers if pair[0] != b"upgrade"]
        lines = b"".join(b"%b: %b\r\n" % pair for pair in fields)
        return b"%b %b HTTP/%b\r\n%b\r\n" % (method, self.url, version.encode(), lines)


class _Parser:
    """The parser of a connection, begun anew behind each offer that is declined."""

    def __init__(self, protocol: DecliningProtocol) -> None:
        self._protocol = protocol
        self._begin()

    def feed_data(self, data: bytes) -> None:
        while data:
            try:
                self._parser.feed_data(data)
            except HttpParserUpgrade as offer:
                if not self._protocol.declines:
                    raise
                data = data[offer.args[0] :]
                head = self._protocol.head_without_offer()
                self._begin()
                self._parser.feed_data(head)
            else:
                return

    def _begin(self) -> None:
        self._parser = HttpRequestParser(self._protocol)
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self.get_method = self._parser.get_method
        self.get_http_version = self._parser.get_http_version
        self.should_keep_alive = self._parser.should_keep_alive
        self.should_upgrade = self._parser.should_upgrade
