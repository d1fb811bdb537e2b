"""People who ask the GraphQL API in the test's own process, through its real handlers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from litestar import Litestar

from graphrepo.access.viewer import Viewer
from graphrepo.deferred import Deferred
from graphrepo.graphql.context import Instance
from graphrepo.graphql.execution import Execution
from graphrepo.graphql.routes import graphql_routes
from graphrepo.graphql.transport import Transport
from graphrepo.intake.body import Receive
from graphrepo.web.asgi import App, Scope, Send
from graphrepo.web.errors import raise_on
from graphrepo.web.front import Boundary, Front
from tests.registry.world import Person, World

INSTANCE = Instance("1.2.3", max_upload_bytes=1_000_000)
ADDRESS = "http://packages.test"


@dataclass(frozen=True)
class Answer:
    """What came back: ``data``, and the errors' codes and messages."""

    status: int
    body: Mapping[str, Any]

    @property
    def data(self) -> Any:  # noqa: ANN401 - whatever was asked for
        """Return the data of an answer without errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.body.get("errors", ())]

    @property
    def messages(self) -> list[str]:
        return [error["message"] for error in self.body.get("errors", ())]


class Api:
    """The GraphQL address of a world, asked as whoever."""

    def __init__(self, world: World) -> None:
        transport = Deferred(lambda: Transport(Execution(world.registry, INSTANCE)))
        app = Litestar(
            [*graphql_routes(transport)],
            exception_handlers={Exception: raise_on},
            openapi_config=None,
            logging_config=None,
        )
        self._world = world
        self._routes: Any = app

    def ask(self, person: Person, query: str, **variables: object) -> Answer:
        """Post an operation and return the answer."""
        response = self.send(person, "POST", json={"query": query, "variables": variables})
        assert response.status_code == 200, response.text
        return Answer(response.status_code, response.json())

    def send(self, person: Person, method: str, **parts: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own words
        """Send any request to the address."""
        return self._world.run(self._send(_known_as(person.viewer, self._routes), method, parts))

    async def _send(self, app: App, method: str, parts: Mapping[str, Any]) -> httpx.Response:
        transport: Any = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            return await client.request(method, "/api/graphql", **parts)


def _known_as(viewer: Viewer, app: App) -> App:
    async def identified(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["viewer"] = viewer
        await app(scope, receive, send)

    return Front(Boundary(identified))
