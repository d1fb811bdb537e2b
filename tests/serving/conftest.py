"""A real server on these connections, and an application that does as the address says."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import cast

import pytest
import uvicorn

from graphrepo.intake.body import Message, Receive
from graphrepo.serving.former import FormerAnswers
from graphrepo.serving.protocol import ServingProtocol
from graphrepo.web.asgi import Scope, Send
from graphrepo.web.repeats import REPEAT
from tests.waiting import until

FILE = bytes(range(256)) * 12 * 1024
"""Three mebibytes, more than a connection takes at once."""

BLOCK = FILE * 8
"""More than the sockets of both sides hold."""

Play = Callable[["Stage", Receive, Send], Awaitable[None]]


@dataclass
class Stage:
    """What the application has to send, and what it was told."""

    path: Path
    heard: list[str] = field(default_factory=list[str])
    is_still_true: bool = True  # what was offered


@dataclass(frozen=True)
class Served:
    """A server in a thread of this process."""

    port: int
    stage: Stage
    server: uvicorn.Server

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def connection(self) -> ServingProtocol:
        """Return the inside of the only connection."""
        (only,) = self.server.server_state.connections
        return cast("ServingProtocol", only)


def start(length: int | None, *fields: tuple[bytes, bytes], status: int = 200) -> Message:
    own = () if length is None else ((b"content-length", b"%d" % length),)
    return {"type": "http.response.start", "status": status, "headers": [*own, *fields]}


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def now(_stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(3))
    await send(part(b"now"))


async def later(_stage: Stage, _receive: Receive, send: Send) -> None:
    await asyncio.sleep(0)
    async with asyncio.timeout(5):  # which needs a task
        await asyncio.sleep(0.01)
    await send(start(5))
    await send(part(b"later"))


async def unchanged(_stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(None, status=304))
    await send(part(b""))


async def parts(_stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(len(FILE)))
    for place in range(0, len(FILE), 1024 * 1024):
        await send(part(FILE[place : place + 1024 * 1024], more=True))
    await send(part(b""))


async def block(_stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(len(BLOCK)))
    await send(part(BLOCK))


async def whole(stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(stage.path.stat().st_size))
    await send({"type": "http.response.pathsend", "path": str(stage.path)})


async def short(stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(len(FILE) + 1))
    await send({"type": "http.response.pathsend", "path": str(stage.path)})


async def missing(stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(1))
    await send({"type": "http.response.pathsend", "path": f"{stage.path}.not"})


async def waits(stage: Stage, receive: Receive, _send: Send) -> None:
    stage.heard.append("begin")
    for _ in range(2):
        stage.heard.append((await receive())["type"])


async def offers(stage: Stage, _receive: Receive, send: Send) -> None:
    """Answer with a number, and offer that for the same request."""
    stage.heard.append("asked")
    answer = (start(1, (b"x-kept", b"yes")), part(b"%d" % len(stage.heard)))
    for message in answer:
        await send(message)

    async def again(peer: str, forwarded_for: str) -> tuple[bytes, bytes] | None:
        own = (b"x-again", f"{peer} {forwarded_for}".strip().encode())
        return own if stage.is_still_true else None

    await send({"type": REPEAT, "start": answer[0], "body": answer[1], "again": again})


async def echoes(stage: Stage, receive: Receive, send: Send) -> None:
    stage.heard.append("begin")
    body, is_over = b"", False
    while not is_over:
        message = await receive()
        body += message["body"]
        is_over = not message["more_body"]
    await send(start(len(body)))
    await send(part(body))


async def last(_stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(4, (b"connection", b"close")))
    await send(part(b"last"))


async def fails(_stage: Stage, _receive: Receive, _send: Send) -> None:
    raise RuntimeError("at once")


async def fails_later(_stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(5))
    await send(part(b"fa", more=True))
    await asyncio.sleep(0.01)
    raise RuntimeError("later")


async def divides(_stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(0, (b"x", b"a\r\nset-cookie: b")))
    await send(part(b""))


async def says_less(_stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(5))
    await send(part(b"four"))


async def says_more(_stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(5))
    await send(part(b"longer"))


async def endless(_stage: Stage, _receive: Receive, send: Send) -> None:
    await send(start(None))
    await send(part(b"x"))


_ALL: tuple[Play, ...] = (
    *(now, later, unchanged, parts, block, whole, short, missing, waits, offers, last, echoes),
    *(fails, fails_later, divides, endless, says_less, says_more),
)
PLAYS = {play.__name__: play for play in _ALL}


async def application(stage: Stage, scope: Scope, receive: Receive, send: Send) -> None:
    name = scope["path"].rpartition("/")[2]
    assert name != "offers" or REPEAT in scope.get("extensions", {})
    if name == "whole" and "http.response.pathsend" not in scope.get("extensions", {}):
        name = "parts"
    await PLAYS[name](stage, receive, send)


@pytest.fixture
def served(tmp_path: Path) -> Generator[Served]:
    path = tmp_path / "file"
    path.write_bytes(FILE)
    stage = Stage(path)
    config = uvicorn.Config(
        partial(application, stage),
        http=cast("type[ServingProtocol]", partial(ServingProtocol, former=FormerAnswers())),
        loop="uvloop",
        lifespan="off",
        interface="asgi3",
        proxy_headers=False,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield Served(listener.getsockname()[1], stage, server)
        finally:
            server.should_exit = True
            thread.join()
