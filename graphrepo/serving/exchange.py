"""One plain request and its answer, as ASGI's ``receive`` and ``send``."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from typing import Final

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from graphrepo.intake.body import Message
from graphrepo.serving.files import Outlet
from graphrepo.serving.former import Former
from graphrepo.serving.plain import RawField
from graphrepo.web.repeats import REPEAT

PATHSEND: Final = "http.response.pathsend"

_JOINED: Final = 16 * 1024  # bytes of a body that are copied rather than sent by themselves
_BODILESS: Final = frozenset({204, 304})


class Exchange:
    """Writes an answer as soon as the application gives it."""

    def __init__(
        self,
        transport: asyncio.Transport,
        flow: FlowControl,
        outlet: Outlet,
        own: Iterable[RawField],
        *,
        is_head: bool,
    ) -> None:
        """Answer on this connection, with the server's own fields in every head."""
        self._transport = transport
        self._flow = flow
        self._outlet = outlet
        self._own = own
        self._is_head = is_head
        self._is_asked = False
        self._head = b""
        self._length = 0  # bytes of the body that are still to come
        self._gone: asyncio.Event | None = None
        self.is_lost = False
        self.has_begun = False
        self.is_complete = False
        self.is_last = False  # the connection ends after this answer
        self.offer: Message | None = None  # to give it again

    def lose(self) -> None:
        """Tell the application that its client has left."""
        self.is_lost = True
        if self._gone is not None:
            self._gone.set()

    async def receive(self) -> Message:
        """Return the empty body, and later that the client has left."""
        if not self._is_asked:
            self._is_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        self._gone = self._gone or asyncio.Event()
        if not self.is_lost:
            await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take the next part of the answer, and wait while the client is slow."""
        if self.is_lost:
            return
        kind = message["type"]
        if kind == "http.response.start":
            self._start(message["status"], message["headers"])
        elif kind == PATHSEND:
            await self._send_file(message["path"])
        elif kind == REPEAT:
            self.offer = message
        else:
            is_over = not message.get("more_body", False)
            self._write(b"" if self._is_head else message.get("body", b""))
            if self._length < 0 or (is_over and self._length):
                raise ValueError("A body is as long as its Content-Length says.")
            self.is_complete = is_over
            if self._flow.write_paused and not is_over:
                await self._flow.drain()

    def repeat(self, former: Former, field: RawField) -> None:
        """Give an answer that was given before, with a field that it did not have then."""
        if not self.is_lost:
            own = b"".join([b"%b: %b\r\n" % pair for pair in self._own])
            self._head = b"%b%b%b: %b\r\n\r\n" % (former.head, own, *field)
            self._length = len(former.body)
            self._write(former.body)
        self.is_complete = True

    def _start(self, status: int, fields: Sequence[RawField]) -> None:
        told = dict(fields)
        length = b"0" if status in _BODILESS else told.get(b"content-length")
        if length is None:  # the end of the body could only be told by that of the connection
            raise ValueError("An answer to a plain request has a Content-Length.")
        self.is_last = told.get(b"connection") == b"close"
        lines = [b"%b: %b\r\n" % field for field in (*self._own, *fields)]
        self._head = b"%b%b\r\n" % (STATUS_LINE[status], b"".join(lines))
        if self._head.count(b"\n") != len(lines) + 2:
            raise ValueError("A header with a line break would be two.")
        self._length = 0 if self._is_head else int(length)

    def _write(self, body: bytes) -> None:
        self.has_begun = True
        self._length -= len(body)
        if len(body) <= _JOINED:
            self._transport.write(self._head + body)
        else:
            self._transport.writelines([self._head, body])
        self._head = b""

    async def _send_file(self, path: str) -> None:
        file = os.open(path, os.O_RDONLY)
        try:
            self.has_begun = True
            await self._emptied()  # of the answer before, to a client that did not wait for it
            await self._outlet.send(self._head, file, self._length)
        except OSError:
            self.is_last = True
            self._transport.abort()
        finally:
            os.close(file)
        self.is_complete = True

    async def _emptied(self) -> None:
        if self._transport.get_write_buffer_size():
            self._transport.set_write_buffer_limits(high=0)
            try:
                while self._transport.get_write_buffer_size():
                    await self._flow.drain()
            finally:
                self._transport.set_write_buffer_limits()
