"""The two web servers that can carry the application, each with the same promises.

A worker gets the settings as a value and builds its own application. Workers are spawned,
never forked: a SQLite connection of the parent must not live on in a child. Each server is
imported by the function that runs it, since there is only ever one, and since the worker imports
this module, too.
"""

import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from threading import Thread
from types import FrameType, MappingProxyType
from typing import Final, NamedTuple, cast

from graphrepo.errors import UnavailableError
from graphrepo.observability import configure_logging
from graphrepo.serving.slow_readers import let_go_of_stalled
from graphrepo.settings import Settings

_BACKLOG: Final = 1024
# How long a thread that renders or reads an archive may keep the event loop waiting, each time the
# loop wants to go on; an answer takes several such turns.
_SWITCH: Final = 0.001  # seconds; Python's own is 0.005
_BUFFER: Final = 408 * 1024  # bytes of a connection that wait for a slow client; as hyper has it
_FILES: Final = 65536  # that a process has open, connections among them
_FAREWELL: Final = 20  # seconds that running requests get when the server stops


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


@contextmanager
def claimed(host: str, port: int) -> Generator[Address]:
    """Hold a port for the server about to start; port 0 stands for any free one.

    Raises:
        UnavailableError: somebody listens there, or this machine has no such address.
    """
    try:
        address = _unused(host, port)
        holder = _bound(address)
    except OSError as error:
        reason = str(error.strerror).partition(" (while ")[0]  # Python tells the address again
        sentence = (
            f"Cannot listen on {host} port {port}: {reason}; choose another --host or --port."
        )
        raise UnavailableError(sentence) from error
    with holder:  # until the workers have bound it as well, nobody else may
        yield address


def run_granian(settings: Settings, address: Address, workers: int) -> None:
    """Serve with granian until SIGTERM or SIGINT."""
    from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415
    from granian.server import Server as Granian  # noqa: PLC0415

    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        target="graphrepo",
        address=address.host,
        port=address.port,
        interface=Interfaces.ASGI,
        workers=workers,
        loop=Loops.uvloop,
        runtime_mode=RuntimeModes.mt,  # small answers take a fifth less time than with "st"
        http=HTTPModes.http1,
        backlog=_BACKLOG,
        http1_settings=HTTP1Settings(
            header_read_timeout=settings.idle_timeout * 1000, max_buffer_size=_BUFFER
        ),
        respawn_failed_workers=True,
        workers_kill_timeout=_FAREWELL,
        log_level=LogLevels.warning,
        log_dictconfig=_GRANIAN_LOGGING,
    )
    server.serve(target_loader=partial(_application, settings), wrap_loader=False)


def run_uvicorn(settings: Settings, address: Address, workers: int) -> None:
    """Serve with uvicorn until SIGTERM or SIGINT."""
    import uvicorn  # noqa: PLC0415
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    from graphrepo.serving.former import FormerAnswers  # noqa: PLC0415
    from graphrepo.serving.protocol import ServingProtocol  # noqa: PLC0415

    config = uvicorn.Config(
        partial(_application, settings),
        factory=True,
        workers=workers,
        loop="uvloop",
        lifespan="on",
        backlog=_BACKLOG,
        http=cast("type[ServingProtocol]", partial(ServingProtocol, former=FormerAnswers())),
        timeout_keep_alive=settings.idle_timeout,
        timeout_graceful_shutdown=_FAREWELL,
        access_log=False,
        proxy_headers=False,  # web.proxies reads them, by whom the operator trusts
        server_header=False,
        log_config=None,
        log_level=logging.WARNING,
    )
    # uvicorn raises the signal again after it has shut down, which would be the exit status.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ignore)
    allow_many_connections()
    with _bound(address) as listener:
        let_go_of_stalled(listener, settings.idle_timeout)
        if workers == 1:
            uvicorn.Server(config).run(sockets=[listener])
        else:
            Multiprocess(config, sockets=[listener]).run()


def allow_many_connections() -> None:
    """Let this process and its workers have as many files open as the machine lets them.

    Most shells and services begin with 1024, which is as many idle connections. granian does the
    same by itself.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # macOS has a further limit that it tells nobody
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


SERVERS: Final[Mapping[str, Callable[[Settings, Address, int], None]]] = MappingProxyType(
    {"granian": run_granian, "uvicorn": run_uvicorn}
)

_GRANIAN_LOGGING: Final = {
    "handlers": {"console": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr"}},
    "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
}


def _application(settings: Settings) -> Callable[..., Awaitable[None]]:
    # Only a worker needs the web frameworks; the other commands start without them.
    from graphrepo.app import create_app  # noqa: PLC0415

    configure_logging(settings.log_level, as_json=settings.logs_json)
    sys.setswitchinterval(_SWITCH)
    Thread(target=_end_with_parent, daemon=True).start()
    return create_app(settings)


def _end_with_parent() -> None:
    """Stop this worker when whoever started it was killed: it would keep the port for itself."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _unused(host: str, port: int) -> Address:
    # Asked without SO_REUSEPORT, which would let a second server share the port unnoticed.
    with socket.create_server((host, port), family=_family(host)) as probe:
        return Address(*probe.getsockname()[:2])  # numeric: granian looks up no names


def _bound(address: Address) -> socket.socket:
    """Return a socket that shares the port and does not listen, so it gets no connections."""
    bound = socket.socket(_family(address.host))
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # after a server that just ended
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(address)
    return bound


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Let the server be the one that reacts."""
