"""Files sent by the kernel, from its cache straight into the connection.

uvloop has no ``sendfile``, so the socket is used beside it, through a descriptor of our own; the
transport must have nothing left to write meanwhile. The event loop never waits for the disk: what
the kernel has not in its cache is read on a thread first.
"""

import asyncio
import os
import socket
from typing import Final

from graphrepo.errors import BlobCorruptError

_PIECE: Final = 1024 * 1024  # bytes, after which others get their turn
_NOWAIT: int | None = getattr(os, "RWF_NOWAIT", None)  # Linux alone has it
_MORE: Final = getattr(socket, "MSG_MORE", 0)  # the head leaves together with the first bytes


class Outlet:
    """A connection's socket beside its transport; nothing is opened before it is used."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Keep both."""
        self._transport = transport
        self._loop = loop
        self._socket: socket.socket | None = None
        self._ready: asyncio.Future[None] | None = None  # when the socket takes more

    def close(self) -> None:
        """Let go of the socket; the connection ends when the transport has done the same."""
        if self._socket is not None:
            self._loop.remove_writer(self._socket.fileno())
            self._socket.close()
            self._socket = None
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(ConnectionResetError())

    async def send(self, head: bytes, file: int, size: int) -> None:
        """Send some bytes and then the first ``size`` bytes of an open file.

        Raises:
            OSError: the client has gone.
            BlobCorruptError: the file is shorter than that.
        """
        out = self._opened()
        sent = _sent(out, head)
        while sent < len(head):
            await self._writable(out)
            sent += _sent(out, head[sent:])
        position = 0
        while position < size:
            length = min(_PIECE, size - position)
            if not _is_cached(file, position, length):
                await self._loop.run_in_executor(None, os.pread, file, length, position)
            position += await self._send_piece(out, file, position, length)

    async def _send_piece(self, out: socket.socket, file: int, position: int, length: int) -> int:
        try:
            sent = os.sendfile(out.fileno(), file, position, length)
        except BlockingIOError:
            await self._writable(out)
            return 0
        if not sent:
            raise BlobCorruptError("A stored file is shorter than it was when it was stored.")
        return sent

    async def _writable(self, out: socket.socket) -> None:
        self._ready = self._loop.create_future()
        self._loop.add_writer(out.fileno(), _settle, self._ready)
        try:
            await self._ready
        finally:
            if out.fileno() >= 0:  # else it is closed
                self._loop.remove_writer(out.fileno())

    def _opened(self) -> socket.socket:
        if self._socket is None:
            number = self._transport.get_extra_info("socket").fileno()
            self._socket = socket.socket(fileno=os.dup(number))
        return self._socket


def _sent(out: socket.socket, data: bytes) -> int:
    try:
        return out.send(data, _MORE)
    except BlockingIOError:
        return 0


def _is_cached(file: int, position: int, length: int) -> bool:
    """Return whether both ends of a piece are in the kernel's cache, as far as it can tell."""
    if _NOWAIT is None:
        return False
    byte = bytearray(1)
    try:
        return all(
            os.preadv(file, [byte], place, _NOWAIT) for place in (position, position + length - 1)
        )
    except OSError:  # not there, or a file system that cannot tell
        return False


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
