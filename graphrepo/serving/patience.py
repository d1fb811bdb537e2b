"""uvicorn with an end to its patience: by itself it waits for ever for the headers of a request.

Its own timer runs only between requests, and any byte stops it. Here one runs from the moment
at which a request may come until its headers are there, whatever trickles in meanwhile.
"""

import asyncio

from graphrepo.serving.short_heads import ShortHeadsProtocol


class PatientProtocol(ShortHeadsProtocol):
    """HTTP/1.1 where headers may take as long as the silence between requests, and no longer."""

    _waits_since: float | None = None  # none while a request is answered
    _deadline: asyncio.TimerHandle | None = None
    _is_in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self.wait()
        self._look_again(self.timeout_keep_alive)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin with a head; the answer to the request before may still be on its way."""
        self._is_in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head; those behind a body in chunks are none (RFC 9110, 6.5.1)."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """From a whole head on, the application decides how long to wait."""
        self._is_in_head = False
        self._waits_since = None
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, which may be here already."""
        self.wait()
        super().on_response_complete()

    def wait(self) -> None:
        """Begin to wait for a head."""
        self._waits_since = self.loop.time()

    def _look_again(self, seconds: float) -> None:
        # One timer that looks now and then costs less than one set anew for every request.
        self._deadline = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        left = float(self.timeout_keep_alive)
        if self._waits_since is not None:
            left -= self.loop.time() - self._waits_since
        if left > 0:
            self._look_again(left)
        else:
            self.timeout_keep_alive_handler()
