"""Clients that ask for a file and then take nothing of it.

Such a download holds a connection, an open file and a task for as long as its client likes. The
kernel knows best whether anything moves, so it keeps the time: TCP_USER_TIMEOUT (RFC 5482) ends
a connection whose bytes wait for so long, be it for a word that they came or for room to send
them to. Whoever takes some now and then may take all day.
"""

import socket
from typing import Final

_OPTION: Final[int | None] = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux alone has it


def let_go_of_stalled(listener: socket.socket, seconds: int) -> None:
    """Give up connections whose client takes nothing for so long; they inherit it from here."""
    if _OPTION is not None:
        listener.setsockopt(socket.IPPROTO_TCP, _OPTION, seconds * 1000)
