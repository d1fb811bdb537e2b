"""A running server and the people who use it over HTTP.

The accounts and keys are made by this file run as a program, in a process of its own: a
process has one database open at a time, and the tests' own may be another. Then it is the real
``graphrepo serve``.
"""

import asyncio
import itertools
import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, Unpack

import httpx

from tests.builders import Built
from tests.databases import on_postgres, postgres_of
from tests.kept import filled
from tests.processes import PASSWORD, run, serving

PEOPLE = ("olga", "carl", "mia", "sam")
"""Olga owns channels, carl contributes to them, mia is a member, sam is a stranger."""

ADMINISTRATOR = "root"

MAX_UPLOAD = 4 * 1024 * 1024
"""Bytes that the shared server takes; few, so that too large a file is made quickly."""

ROLES = {"carl": "CONTRIBUTOR", "mia": "VIEWER"}

_names = (f"channel-{number:04}" for number in itertools.count())


class Sending(TypedDict, total=False):
    """What a request may carry, in httpx's words."""

    headers: Mapping[str, str]
    params: Mapping[str, str]
    content: bytes | Iterable[bytes]
    json: object
    files: Sequence[tuple[str, tuple[str | None, bytes, str, Mapping[str, str]]]]


@dataclass(frozen=True)
class Client:
    """Somebody who sends requests; without a token, nobody in particular."""

    http: httpx.Client
    login: str = ""
    token: str = ""

    @property
    def url(self) -> str:
        """The server's address without a slash at its end."""
        return str(self.http.base_url).rstrip("/")

    def request(self, method: str, path: str, **sent: Unpack[Sending]) -> httpx.Response:
        """Send a request with the person's key as a bearer token, unless headers say otherwise."""
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent["headers"] = {**own, **sent.get("headers", {})}
        return self.http.request(method, path, **sent)

    def get(self, path: str, **sent: Unpack[Sending]) -> httpx.Response:
        return self.request("GET", path, **sent)

    def head(self, path: str, **sent: Unpack[Sending]) -> httpx.Response:
        return self.request("HEAD", path, **sent)

    def sign_in(self, login: str) -> None:
        """Open a session; its cookie goes along from now on."""
        credentials = {"login": login, "password": PASSWORD}
        self.request("POST", "/api/auth/login", json=credentials).raise_for_status()

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """Run a GraphQL operation that must succeed and return its data."""
        body = {"query": query, "variables": variables}
        answer = self.request("POST", "/api/graphql", json=body).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def create_channel(self, *, is_public: bool = True) -> str:
        """Create a channel with a name of its own; carl and mia become members."""
        name = next(_names)
        mutation = (
            "mutation($n: String!, $p: Boolean) {createChannel(name: $n, isPublic: $p) {name}}"
        )
        self.ask(mutation, n=name, p=is_public)
        join = (
            "mutation($u: String!, $c: String!, $r: ChannelMemberRole!)"
            "{addChannelMember(userName: $u, channelName: $c, role: $r) {role}}"
        )
        for login, role in ROLES.items():
            self.ask(join, u=login, c=name, r=role)
        return name

    def create_key(self, **limits: str) -> str:
        """Create a key of the person's own, limited as they say, and return its token."""
        created = (
            "mutation($name: String!, $mode: ChannelAccessMode, $channel: String)"
            "{createApiKey(name: $name, accessMode: $mode, channelName: $channel) {key}}"
        )
        return self.ask(created, name=next(_names), **limits)["createApiKey"]["key"]

    def upload(self, channel: str, built: Built, **sent: Unpack[Sending]) -> httpx.Response:
        """Send a package as curl scripts do: raw, with its name in a header."""
        sent["headers"] = {"X-File-Name": built.filename, **sent.get("headers", {})}
        sent.setdefault("content", built.data)
        return self.request("POST", f"/api/v1/upload/{channel}", **sent)

    def publish(self, channel: str, *packages: Built) -> None:
        """Upload packages that must be taken."""
        for built in packages:
            self.upload(channel, built).raise_for_status()


@dataclass(frozen=True)
class Server:
    """A running server; ``process`` is the parent of its workers."""

    url: str
    data: Path
    log: Path
    process: int
    tokens: Mapping[str, str]

    @property
    def under_way(self) -> list[Path]:
        """The files of uploads that are neither finished nor given up."""
        places = (self.data / "blobs" / "staging", self.data / "staging")
        return [file for place in places if place.exists() for file in place.iterdir()]

    @contextmanager
    def client(self, login: str = "") -> Generator[Client]:
        """Act as a person, or as nobody."""
        with httpx.Client(base_url=self.url, timeout=60, trust_env=False) as http:
            yield Client(http, login, self.tokens.get(login, ""))


@contextmanager
def running(data: Path, *options: str, **variables: str) -> Generator[Server]:
    """Serve a fresh data directory with people in it; ``variables`` are its environment."""
    tokens = with_people(data, **variables)
    with serving(data, *options, env=variables) as started:
        log = data.parent / f"{data.name}.log"
        yield Server(started.url, data, log, started.process.pid, tokens)


def with_people(data: Path, **variables: str) -> Mapping[str, str]:
    """Make a data directory with people in it, and return a key of each."""
    if "GRAPHREPO_DATABASE" in variables:
        return _peopled(data, **variables)
    return filled(data, _peopled)


def _peopled(data: Path, **variables: str) -> Mapping[str, str]:
    place = {"GRAPHREPO_DATABASE": postgres_of(data)} if on_postgres() else {}
    made = run(data, env={**place, **variables}, program=(sys.executable, "-m", "tests.server"))
    assert made.status == 0, made.err
    return json.loads(made.out)


async def _people(data: Path) -> dict[str, str]:
    # Imported by the program alone, so that tests which only talk HTTP load nothing of it.
    from graphrepo.access.passwords import Hasher  # noqa: PLC0415
    from graphrepo.access.viewer import Viewer  # noqa: PLC0415
    from graphrepo.cli.data import settings_of, store_of  # noqa: PLC0415
    from graphrepo.model.database import Database  # noqa: PLC0415
    from graphrepo.registry.registry import assemble  # noqa: PLC0415
    from graphrepo.registry.requests import NewApiKey  # noqa: PLC0415

    settings = settings_of(data)
    database = Database(settings.database_address)
    database.open()
    hasher = Hasher(passes=1, memory=8, lanes=1)
    registry = assemble(database, store_of(settings), hasher=hasher)
    tokens: dict[str, str] = {}
    for login in (*PEOPLE, ADMINISTRATOR):
        is_admin = login == ADMINISTRATOR
        user = await registry.accounts.create_user(login, PASSWORD, is_admin=is_admin)
        viewer = Viewer(user.id, login)
        _, tokens[login] = await registry.keys.create(viewer, NewApiKey("test"))
    database.close()
    return tokens


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_people(Path(sys.argv[1])))))
