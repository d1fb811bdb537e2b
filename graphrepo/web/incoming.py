"""Between Litestar's requests and answers and the plain values that this package works with."""

from dataclasses import dataclass
from typing import Any, cast

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import SkipValidation

from graphrepo.access.viewer import Viewer
from graphrepo.intake.body import Receive
from graphrepo.registry.registry import Registry
from graphrepo.web.asgi import Reply, Scope, viewer_of

Incoming = Request[Any, Any, Any]
TheRegistry = NamedDependency[SkipValidation[Registry]]

READING = (HttpMethod.GET, HttpMethod.HEAD)
"""The methods of a route that only reads."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its body unread."""

    scope: Scope
    receive: Receive

    @classmethod
    def of(cls, request: Incoming) -> "Call":
        """Return the call behind Litestar's request; its own body limit does not apply."""
        return cls(cast("Scope", request.scope), cast("Receive", request.receive))

    @property
    def viewer(self) -> Viewer:
        """Who asks."""
        return viewer_of(self.scope)


def response(reply: Reply) -> Response[bytes]:
    """Return the answer as Litestar wants it."""
    return Response(reply.body, status_code=reply.status, headers=dict(reply.headers))
