"""A real server with the web application's real files, and a small stand-in for the API behind it.

The stand-in runs real GraphQL over a cut of the schema, so a query in the pages that asks for
a field of another name fails here too.
"""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from graphql import build_schema, graphql_sync  # pyright: ignore[reportUnknownVariableType]
from litestar import Litestar, Request, Response, post

from graphrepo.web.ui import load_assets, ui_routes

SCHEMA = build_schema('''
type Query { viewer: User  channels(limit: Int): ChannelPage!  channel(name: String!): Channel }
type User { login: String! }
type ChannelPage { page: [Channel!]!  totalCount: Int! }
type PackagePage { page: [Package!]!  totalCount: Int! }
type Channel {
  name: String!
  """What the channel is for, in **markdown**."""
  description: String
  isPublic: Boolean!  baseUrl: String!  packages(limit: Int): PackagePage!
}
type Package { name: String!  summary: String  latestVersion: PackageVersion! }
type PackageVersion { version: String!  platforms: [String!]! }
''')

PACKAGES = [
    {
        "name": "zlib",
        "summary": "Massively spiffy <b>compression</b> & more",
        "latestVersion": {"version": "1.3.1", "platforms": ["linux-64", "osx-arm64"]},
    },
    {
        "name": "tensorkit",
        "summary": None,
        "latestVersion": {"version": "2.1.0", "platforms": ["noarch"]},
    },
]
CHANNELS = [
    {"name": "vision", "description": "Cameras and their models", "isPublic": False},
    {"name": "main", "description": None, "isPublic": True},
]


@dataclass
class Stage:
    """What the stand-in knows and was told."""

    address: str = ""
    viewer: str | None = None
    refusal: str = ""
    """The sentence that every query is refused with, if any."""
    heard: list[tuple[str, dict[str, Any], dict[str, str]]] = field(
        default_factory=list[tuple[str, dict[str, Any], dict[str, str]]]
    )
    """Path, JSON body and headers of each request to the API, in order."""

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """Return what was posted to one path."""
        return [body for heard, body, _ in self.heard if heard == path]

    def root(self) -> dict[str, Any]:
        """Return the answers to all queries."""
        channels = [
            {
                **channel,
                "baseUrl": f"{self.address}/{channel['name']}",
                "packages": {"page": PACKAGES, "totalCount": len(PACKAGES)},
            }
            for channel in CHANNELS
        ]

        def find(_info: object, name: str) -> dict[str, Any] | None:
            return next((channel for channel in channels if channel["name"] == name), None)

        return {
            "viewer": {"login": self.viewer} if self.viewer else None,
            "channels": {"page": channels, "totalCount": len(channels)},
            "channel": find,
        }

    async def hear(self, request: Request[Any, Any, Any]) -> dict[str, Any]:
        """Keep a request and return its body."""
        body: dict[str, Any] = await request.json()
        self.heard.append((request.url.path, body, dict(request.headers)))
        return body


def api(stage: Stage) -> Litestar:
    """Return the application: our pages before a small stand-in for the API."""

    @post("/api/graphql", status_code=200)
    async def graphql(request: Request[Any, Any, Any]) -> dict[str, Any]:
        body = await stage.hear(request)
        if stage.refusal:
            return {"data": None, "errors": [{"message": stage.refusal}]}
        result = graphql_sync(
            SCHEMA, body["query"], stage.root(), variable_values=body.get("variables")
        )
        return dict(result.formatted)

    @post(["/api/auth/setup", "/api/auth/login", "/api/auth/logout"], status_code=200)
    async def auth(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
        body = await stage.hear(request)
        if body.get("password") == "wrong":
            sentence = "Login and password do not belong together: check both and try again."
            return Response({"code": "wrong_credentials", "message": sentence}, status_code=401)
        stage.viewer = body.get("login")
        return Response({})

    return Litestar([*ui_routes(load_assets()), graphql, auth], openapi_config=None)


@contextmanager
def running() -> Generator[Stage, None, None]:
    """Serve on a free loopback port until the block ends."""
    stage = Stage()
    listener = socket.create_server(("127.0.0.1", 0))
    stage.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(api(stage), log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield stage
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
