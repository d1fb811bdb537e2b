"""Word that the process is to stop, while its server still waits for requests to end.

An answer without an end would keep the server waiting for as long as it has patience, and only
then does it tell the application. So the signals are listened to here as well, in front of the
server's own way of handling them, which stays in force. A server sets up that way when it
starts or soon after it: that it hands over a request shows that it has.
"""

import asyncio
import signal
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any, Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class StopSignal:
    """Calls once for every signal to stop, on the event loop."""

    def __init__(self, notice: Callable[[], None]) -> None:
        """Change nothing yet."""
        self._notice = notice
        self._is_listening = False

    def listen(self) -> None:
        """Listen from now on; the second time changes nothing."""
        if self._is_listening:
            return
        self._is_listening = True
        if threading.current_thread() is threading.main_thread():  # the only one with signals
            loop = asyncio.get_running_loop()
            for number in SIGNALS:
                self._listen_to(number, loop)

    def _listen_to(self, number: signal.Signals, loop: asyncio.AbstractEventLoop) -> None:
        before = signal.getsignal(number)
        if callable(before):  # else nobody handles it, and the process ends at once
            signal.signal(number, partial(self._hear, loop, before))

    def _hear(
        self,
        loop: asyncio.AbstractEventLoop,
        before: Callable[[int, FrameType | None], Any],
        number: int,
        frame: FrameType | None,
    ) -> None:
        loop.call_soon_threadsafe(self._notice)
        before(number, frame)
