"""What machines that watch the server ask for."""

from collections.abc import Awaitable, Callable

from litestar import Response, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import SkipValidation

from graphrepo.web.asgi import Reply
from graphrepo.web.incoming import READING, response

Ready = Callable[[], Awaitable[None]]
"""Returns if database and store answer, and raises ``UnavailableError`` if not."""

_OK = Reply(200, (("content-type", "text/plain"), ("cache-control", "no-store")), b"ok\n")


@route("/healthz", http_method=READING)
async def alive() -> Response[bytes]:
    """Tell that the process runs; touches nothing."""
    return response(_OK)


@route("/readyz", http_method=READING)
async def ready(is_ready: NamedDependency[SkipValidation[Ready]]) -> Response[bytes]:
    """Tell that requests can be served; 503 says in a sentence what is missing."""
    await is_ready()
    return response(_OK)


OPERATION_ROUTES: list[HTTPRouteHandler] = [alive, ready]
