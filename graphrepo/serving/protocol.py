"""The connections of the server: uvicorn's, and a short way for what installers ask most.

A plain request for a file of a channel is given to the application in the same turn of the event
loop in which it arrives. When all it needs is in memory, its answer has left before the turn
ends, without a task; when it has to wait, a task goes on from where it waits. One that came a
moment ago in the very same bytes gets the same answer, if the application agrees. All other
requests are uvicorn's, from their first byte on.
"""

import asyncio
import logging
import types
from collections.abc import Coroutine, Generator
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from graphrepo.serving.exchange import PATHSEND, Exchange
from graphrepo.serving.files import Outlet
from graphrepo.serving.former import Former, FormerAnswers, divided
from graphrepo.serving.patience import PatientProtocol
from graphrepo.serving.plain import LONGEST, Plain, read_plain
from graphrepo.web.asgi import App, Scope
from graphrepo.web.channel_files import is_channel_path
from graphrepo.web.repeats import REPEAT

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

Running = Coroutine[Any, Any, None]

_ASGI: Final = {"version": "3.0", "spec_version": "2.3"}
_EXTENSIONS: Final[dict[str, dict[str, object]]] = {PATHSEND: {}, REPEAT: {}}

logger = logging.getLogger("graphrepo.serving")


class Asked(NamedTuple):
    """A plain request, with what is known of it: how it is read, or how it was answered before."""

    data: bytes
    key: bytes  # see ``former.divided``, also for what was forwarded
    forwarded_for: str
    former: Former | None
    plain: Plain | None


class ServingProtocol(PatientProtocol):
    """HTTP/1.1 on one connection."""

    _exchange: Exchange | None = None
    _early = b""  # what came before the answer to a plain request was complete
    _is_parsing = False
    _ends = False

    def __init__(
        self,
        config: "Config",
        server_state: "ServerState",
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        former: FormerAnswers,
    ) -> None:
        """Share the former answers with the other connections of this process."""
        super().__init__(config, server_state, app_state, _loop)
        self._former = former

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Get ready to send files."""
        super().connection_made(transport)
        self._outlet = Outlet(transport, self.loop)
        self._peer = self.client[0] if self.client else ""

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        if self._exchange is not None:
            self._exchange.lose()
        self._outlet.close()
        super().connection_lost(exc)

    def eof_received(self) -> Any:  # noqa: ANN401 - asyncio's may say "go on", uvicorn's says nothing
        """Give the rest of its answer to a client that only has nothing more to say.

        Before its first byte the client may as well have left: the application is told so.
        """
        if self._exchange is None or not self._exchange.has_begun:
            return False
        self._ends = True
        return True

    def data_received(self, data: bytes) -> None:
        """Answer a plain request, or leave the bytes to uvicorn."""
        if self._exchange is not None:
            self._early += data
            self.flow.pause_reading()
            return
        if len(data) <= LONGEST and self._is_between_requests():
            key, forwarded_for = divided(data)
            former = self._former.find(key)
            plain = None if former else read_plain(data)
            if former or (plain and is_channel_path(plain.path)):
                self._answer(Asked(data, key, forwarded_for, former, plain))
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Note that the parser has begun with a request."""
        self._is_parsing = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Note that the parser has seen the end of a request."""
        self._is_parsing = False
        super().on_message_complete()

    def shutdown(self) -> None:
        """End the connection, after the answer that is on its way."""
        if self._exchange is None:
            super().shutdown()
        else:
            self._ends = True

    def _is_between_requests(self) -> bool:
        is_answered = not self.cycle or self.cycle.response_complete  # none before the first
        return is_answered and not self._is_parsing and not self.transport.is_closing()

    def _answer(self, asked: Asked) -> None:
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        self._waits_since = None
        exchange = self._exchange = Exchange(
            self.transport,
            self.flow,
            self._outlet,
            self.server_state.default_headers,
            is_head=asked.data.startswith(b"HEAD "),
        )
        running = self._run(exchange, asked)
        try:
            awaited = running.send(None)
        except StopIteration:
            return  # all of it is done
        task = self.loop.create_task(go_on(running, awaited))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def _run(self, exchange: Exchange, asked: Asked) -> None:
        try:
            if self.flow.write_paused:  # answers that nobody takes would pile up
                await self.flow.drain()
            former = asked.former
            field = await former.again(self._peer, asked.forwarded_for) if former else None
            if former and field:
                exchange.repeat(former, field)
            else:
                await self._ask(exchange, asked)
        except Exception:  # whatever it is, the connection must not wait for ever
            logger.exception("an answer broke off")
            exchange.is_last = True
        finally:
            self._finish(exchange)

    async def _ask(self, exchange: Exchange, asked: Asked) -> None:
        application: App = cast("Any", self.config).loaded_app  # whatever it takes, it gets
        plain = asked.plain or cast("Plain", read_plain(asked.data))
        await application(self._scope(plain), exchange.receive, exchange.send)
        self._former.keep(asked.key, exchange.offer)

    def _finish(self, exchange: Exchange) -> None:
        self._exchange = None
        self.server_state.total_requests += 1
        if self._ends or exchange.is_last or not exchange.is_complete:
            self.transport.close()
            return
        self.wait()
        if self._early:
            early, self._early = self._early, b""
            self.flow.resume_reading()
            self.data_received(early)

    def _scope(self, plain: Plain) -> Scope:
        return {
            "type": "http",
            "asgi": _ASGI,
            "http_version": "1.1",
            "method": plain.method,
            "scheme": self.scheme,
            "path": plain.path,
            "raw_path": plain.raw_path,
            "query_string": b"",
            "root_path": "",
            "headers": plain.fields,
            "client": self.client,
            "server": self.server,
            "state": self.app_state.copy(),
            "extensions": _EXTENSIONS,
        }


async def go_on(running: Running, awaited: object) -> None:
    """Go on, in a task, with what has begun outside of any and waits for something."""
    await _rest(running, awaited)


@types.coroutine
def _rest(running: Running, awaited: object) -> Generator[object, Any, None]:
    """Go on with what has begun outside of any task, as if this task had begun it."""
    while True:
        try:
            came = yield awaited
        except BaseException as error:  # noqa: BLE001 - also that the task is to end
            step = running.throw
            given: Any = error
        else:
            step, given = running.send, came
        try:
            awaited = step(given)
        except StopIteration:
            return
