"""A connection on the event loop that knows which moment of a PostgreSQL it is.

A snapshot says which transactions it sees: all below its upper end but those under way. If
two are the same, nobody committed in between, here or in any other process. So a remembered
answer is as good as a fresh one while the snapshot stays (``registry/recollection.py``).

Asking takes a round trip. All who come while one is under way share the next: theirs begins
after they came, as it must, and a thousand requests at a time cost what one costs.
"""

import asyncio
import logging
from collections.abc import Callable
from threading import Event
from typing import Final

import psycopg2
from psycopg2 import extensions

_MOMENT: Final = "SELECT pg_current_snapshot()::text"
_LISTEN: Final = "LISTEN graphrepo"  # what the triggers of the migrations notify
_TIMEOUT: Final = 5.0  # seconds for an answer
_REST: Final = 1.0  # seconds before the next attempt to connect

_log = logging.getLogger(__name__)


class Pulse:
    """Asks one thing at a time; without a connection, no moment equals another."""

    def __init__(self, url: str) -> None:
        """Connect when first asked."""
        self._url = url
        self._notice: Callable[[], None] = lambda: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._link: extensions.connection | None = None
        self._fd = -1
        self._cursor: extensions.cursor | None = None
        self._is_connected = False
        self._asked: list[asyncio.Future[object]] = []  # the question under way is for these
        self._waiting: list[asyncio.Future[object]] = []  # and the next one for these
        self._guard: asyncio.TimerHandle | None = None
        self._rests_until = 0.0

    def listen(self, notice: Callable[[], None]) -> None:
        """Have ``notice`` called when another process has changed something."""
        self._notice = notice

    async def moment(self) -> object:
        """Return a value that equals an earlier one only if nobody committed in between."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._leave()
            self._loop = loop
        if self._link is None and not self._reach(loop):
            return object()
        answer: asyncio.Future[object] = loop.create_future()
        self._waiting.append(answer)
        if self._is_connected and self._guard is None:
            self._ask()
        return await answer

    def close(self) -> None:
        """Disconnect; from any thread."""
        loop = self._loop
        if loop is None or not loop.is_running():
            self._leave()
            return
        done = Event()
        loop.call_soon_threadsafe(lambda: (self._leave(), done.set()))
        done.wait(_TIMEOUT)

    def _reach(self, loop: asyncio.AbstractEventLoop) -> bool:
        if loop.time() < self._rests_until:
            return False
        try:
            self._link = psycopg2.connect(self._url, async_=True, application_name="graphrepo")
            self._guard = loop.call_later(_TIMEOUT, self._lose, "no answer")
            self._go_on()
        except psycopg2.Error as error:
            self._lose(error)
        return self._link is not None

    def _ask(self) -> None:
        self._asked, self._waiting = self._waiting, []
        self._run(_MOMENT)

    def _run(self, statement: str) -> None:
        if self._link is None or self._loop is None:
            return
        self._guard = self._loop.call_later(_TIMEOUT, self._lose, "no answer")
        try:
            self._cursor = self._link.cursor()
            self._cursor.execute(statement)
        except psycopg2.Error as error:
            self._lose(error)
        else:
            self._go_on()

    def _go_on(self) -> None:
        """Take what came; called when the socket is ready."""
        if self._link is None:
            return
        try:
            state = self._link.poll()
        except psycopg2.Error as error:
            self._lose(error)
            return
        self._watch(state)
        if state == extensions.POLL_OK:
            self._arrive()

    def _watch(self, state: int) -> None:
        """Have ``_go_on`` called when the socket is ready for what the driver wants to do."""
        if self._link is None or self._loop is None:
            return
        if self._link.fileno() != self._fd:  # while it tries several addresses
            self._forget_socket()
            self._fd = self._link.fileno()
            self._loop.add_reader(self._fd, self._go_on)
        if state == extensions.POLL_WRITE:
            self._loop.add_writer(self._fd, self._go_on)
        else:
            self._loop.remove_writer(self._fd)

    def _arrive(self) -> None:
        """Do what comes next after a connection, an answer, or word of a change."""
        if self._link is None:
            return
        self._relax()
        if not self._is_connected:
            self._is_connected = True
            self._run(_LISTEN)
            return
        if self._asked and self._cursor is not None:
            self._answer(self._cursor.fetchone())
        if self._link.notifies:
            self._link.notifies.clear()
            self._notice()
        if self._waiting:
            self._ask()

    def _answer(self, moment: object) -> None:
        asked, self._asked = self._asked, []
        for answer in asked:
            if not answer.done():  # it is, if the one who waits has gone
                answer.set_result(moment)

    def _lose(self, reason: object) -> None:
        """Give up the connection; those who wait learn that nothing is known."""
        _log.warning("No word of changes from the database: %s", str(reason).partition("\n")[0])
        if self._loop is not None:
            self._rests_until = self._loop.time() + _REST
        self._leave()

    def _leave(self) -> None:
        self._relax()
        self._forget_socket()
        if self._link is not None:
            self._link.close()
        self._link = self._cursor = None
        self._is_connected = False
        self._asked, self._waiting = [*self._asked, *self._waiting], []
        if self._loop is not None and not self._loop.is_closed():
            self._answer(object())

    def _relax(self) -> None:
        if self._guard is not None:
            self._guard.cancel()
            self._guard = None

    def _forget_socket(self) -> None:
        if self._fd >= 0 and self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)
        self._fd = -1
