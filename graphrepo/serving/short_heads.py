"""uvicorn with a bound to what it gathers: by itself it takes a head of any length.

A head is gathered whole before anybody sees it, and so are the fields behind a body in chunks.
The parser joins what has come of a field anew with each piece that comes, so that one of a hundred
megabytes would hold up everybody for many seconds. What is no part of a body and completes nothing
is therefore bounded; the bound is looked at after each piece that the connection gives, of 256 KiB
at most.
"""

from typing import Final, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from graphrepo.serving.upgrades import DecliningProtocol

LONGEST: Final = 64 * 1024  # bytes

_WORDS: Final = (
    b"The head of a request may have %d bytes; send fewer or shorter headers.\n" % LONGEST
)
_FIELDS: Final = (
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
)


class ShortHeadsProtocol(DecliningProtocol):
    """HTTP/1.1 where heads and trailers have an end."""

    _gathered = 0  # bytes since the parser had the whole of something

    def data_received(self, data: bytes) -> None:
        """Refuse to gather more than that."""
        self._gathered += len(data)
        super().data_received(data)
        if self._gathered > LONGEST and not self.transport.is_closing():
            self._refuse()

    def on_headers_complete(self) -> None:
        """Begin anew behind a head."""
        self._gathered = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Begin anew behind a part of a body, which is given to the application at once."""
        self._gathered = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Begin anew behind a request."""
        self._gathered = 0
        super().on_message_complete()

    def _refuse(self) -> None:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # none before the first
        if cycle is None or cycle.response_complete:  # else another answer may have begun
            own = b"".join(b"%b: %b\r\n" % field for field in self.server_state.default_headers)
            head = b"%b%b%b" % (STATUS_LINE[431], own, _FIELDS % len(_WORDS))
            self.transport.write(head + _WORDS)
        self.transport.close()
