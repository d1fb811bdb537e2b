"""The GraphQL address: open from the start, while what answers there is still being loaded.

Strawberry and the schema take more time to load than all the rest of the server, and nobody
who downloads a package needs them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from litestar import Request, WebSocket, get, post, websocket
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp

from graphrepo.deferred import Deferred

if TYPE_CHECKING:
    from graphrepo.graphql.transport import Transport

PATH: Final = "/api/graphql"

_Request = Request[Any, Any, State]
_Socket = WebSocket[Any, Any, State]


def graphql_routes(transport: Deferred["Transport"]) -> Sequence[BaseRouteHandler]:
    """Return the handlers of the GraphQL address; requests wait until the transport is there."""

    async def by_post(request: _Request) -> ASGIApp:
        return await (await transport.get()).post(request)

    async def by_get(request: _Request) -> ASGIApp:
        return await (await transport.get()).get(request)

    async def by_socket(socket: _Socket) -> None:
        await (await transport.get()).connect(socket)

    return (
        post(PATH, status_code=200, include_in_schema=False)(by_post),
        get(PATH, include_in_schema=False)(by_get),
        websocket(PATH)(by_socket),
    )
