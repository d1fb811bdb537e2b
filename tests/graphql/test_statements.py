"""The number of SQL statements follows from the shape of a query, never from its rows."""

from collections.abc import Generator
from contextlib import contextmanager
from sqlite3 import Connection

import pytest

from graphrepo.access.policy import Role
from graphrepo.errors import ForbiddenError
from graphrepo.model.entities import db
from graphrepo.model.postgres_driver import Connection as PostgresConnection
from graphrepo.model.postgres_driver import Cursor as PostgresCursor
from tests.builders import package
from tests.graphql.asking import Api
from tests.registry.world import Person, World

DEEP = """{
    viewer { channels(limit: 20) { page { name size ownerLogin
        owner { name ... on User { isAdmin channels(limit: 2) { totalCount page { name } } } }
        subdirs { name } channelMembers { username channel { name } }
        packages(limit: 5) { totalCount page { name platforms urls { url } channel { name }
            latestVersion { version urls { url } }
            versions(limit: 2) { page { version platforms } }
            variants(limit: 3) { totalCount page { filename summary rawIndex downloadUrl
                uploader { login channels(limit: 1) { totalCount } }
                dependencies { name package { name latestVersion { version } } } } } } } } } }
    apiKeys { name channel { name } } }"""


class Tally:
    """Counts the statements of every connection that is opened from now on."""

    def __init__(self) -> None:
        self.statements: list[str] | None = None

    def attach(self, connection: Connection | PostgresConnection) -> None:
        if isinstance(connection, Connection):
            connection.set_trace_callback(self.note)
        else:
            connection.cursor_factory = NotingCursor

    def note(self, statement: str) -> None:
        # SQLite's text search reads its own settings, once on each connection.
        is_own = statement.lstrip().startswith(("SELECT", "WITH")) and "'main'." not in statement
        if self.statements is not None and is_own:
            self.statements.append(statement)

    @contextmanager
    def counting(self) -> Generator[list[str]]:
        self.statements = []
        yield self.statements
        self.statements = None


TALLY = Tally()


class NotingCursor(PostgresCursor):
    """A cursor that tells of its statements before it runs them."""

    def execute(self, query: str, vars: object = None) -> None:  # noqa: A002 - the driver's name
        TALLY.note(query)
        super().execute(query, vars)


@db.on_connect
def _watch(_database: object, connection: Connection | PostgresConnection) -> None:
    TALLY.attach(connection)


def fill(world: World, owner: Person, channels: int, packages: int) -> None:
    """Publish as different people, with dependencies on each other."""
    for number in range(channels):
        channel = f"channel-{number}-{channels}"
        owner.create_channel(channel)
        uploader = world.person(f"user-{number}-{channels}")
        owner.add_member(channel, uploader, Role.CONTRIBUTOR)
        for place in range(packages):
            needs = [f"package-{place - 1} >=1"] if place else []
            for version in ("1.0", "2.0"):
                built = package(f"package-{place}", version, depends=needs)
                uploader.publish(channel, built)


def statements(api: Api, person: Person, query: str, **variables: object) -> int:
    assert api.ask(person, query, **variables).data
    with TALLY.counting() as seen:
        api.ask(person, query, **variables)
    return len(seen)


def fewest(api: Api, owner: Person) -> int:
    """Return the least of three: what loads a moment later, on a busy machine, loads by itself."""
    return min(statements(api, owner, DEEP) for _ in range(3))


def test_nested_pages_cost_the_same_for_few_rows_and_many(
    api: Api, world: World, owner: Person
) -> None:
    fill(world, owner, channels=2, packages=2)
    few = fewest(api, owner)
    fill(world, owner, channels=6, packages=5)
    many = fewest(api, owner)
    assert 0 < few == many < 60


def test_a_page_is_a_query_and_a_count(api: Api, world: World, owner: Person) -> None:
    fill(world, owner, channels=2, packages=3)
    assert statements(api, owner, "{ channels { page { name } } }") == 2
    assert statements(api, owner, "{ packages { totalCount page { name } } }") == 2
    one_more_level = "{ channels { page { packages { totalCount page { name } } } } }"
    assert statements(api, owner, one_more_level) == 4


def test_the_same_relation_is_loaded_once(api: Api, world: World, owner: Person) -> None:
    fill(world, owner, channels=1, packages=1)
    twice = "{ a: viewer { login } b: viewer { login name } }"
    assert statements(api, owner, twice) == 1


QUESTIONS = (
    "query($c: String!) {channel(name: $c) {name packages {totalCount}}}",
    'query($c: String!) {package(channelName: $c, name: "zlib") {name}}',
    "query($c: String!) {channels(filters: {name: {contains: $c}}) {totalCount}}",
)


def test_a_private_channel_takes_a_stranger_the_steps_of_a_missing_one(
    api: Api, world: World, owner: Person
) -> None:
    """The same answer, and nothing that is done for the one alone: no time tells them apart."""
    owner.create_channel("hidden", is_public=False)
    owner.publish("hidden", package("zlib"))
    find, stranger = world.registry.indexing.file, world.person("stranger")
    steps: dict[str, list[str]] = {}
    for channel in ("hidden", "absent"):
        with TALLY.counting() as seen:
            for question in QUESTIONS:
                api.ask(stranger, question, c=channel)
            for file in ("repodata.json", "zlib-1.0-0.conda"):
                with pytest.raises(ForbiddenError):
                    world.run(find(stranger.viewer, channel, "noarch", file))
        steps[channel] = [statement.replace(channel, "…") for statement in seen]
    assert steps["hidden"] == steps["absent"]
    assert len(steps["absent"]) >= len(QUESTIONS)
