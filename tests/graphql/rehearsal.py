"""A filled world where everything can be tried and nothing stays."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import msgspec
from pony import orm
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graphrepo.graphql.execution import ONE_ANSWER, Asker, Execution
from graphrepo.graphql.operations import Operation
from graphrepo.graphql.scalars import UploadedFile
from graphrepo.model.database import Database
from tests.builders import Built, package
from tests.clocks import HandClock
from tests.graphql.asking import ADDRESS, INSTANCE
from tests.graphql.matrix import PASSWORD, PEOPLE, ROLES, Actor
from tests.registry.world import World

P = ParamSpec("P")
T = TypeVar("T")

KINDS: Final = {
    "c": "String!",
    "notice": "ID!",
    "publisher": "ID!",
    "job": "ID!",
    "file": "Upload!",
}
"""The variables that arguments may name: a channel, what was made in it, a file to upload."""

_NEW: Final = package("new")
_ADD: Final = """mutation($c: String!, $login: String!, $role: ChannelMemberRole!) {
    addChannelMember(channelName: $c, userName: $login, role: $role) { role } }"""
_UPLOAD: Final = """mutation($c: String!, $file: Upload!) {
    uploadPackage(channelName: $c, file: $file) { name } }"""
_YANK: Final = """mutation($c: String!) { yankPackageVariant(channelName: $c, subdir: "noarch",
    filename: "zlib-0.9-0.conda", reason: "Old") }"""
_NOTICE: Final = """mutation($c: String!) { createChannelNotice(channelName: $c, level: INFO,
    message: "Now", expiresAt: "2030-01-01T00:00:00Z") { id } }"""
_PUBLISHER: Final = """mutation($c: String!) { addGoogleOidcPublisher(channelName: $c,
    email: "ci@example.org") { id } }"""
_COPY: Final = """mutation($c: String!, $hash: String!) { copyPackagesFromUrls(channelName: $c,
    packages: [{url: "/lab/noarch/zlib-1.0-0.conda", sha256: $hash}]) { id } }"""
_QUARANTINE: Final = """mutation { applyQuarantine(action: YANK, reason: "Bad",
    matchSpec: "zlib ==0.8") { dryRun } }"""


class Rehearsal(Database):
    """A database that can be told to keep nothing more: what is done is done, then undone."""

    is_over = False

    async def transact(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the work as always, and leave no trace of it from the end of the filling on."""
        return await super().transact(self._tried(work), *args, **kwargs)

    async def transact_in(
        self, channel: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do the same."""
        return await super().transact_in(channel, self._tried(work), *args, **kwargs)

    async def transact_beside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the same."""
        return await super().transact_beside(self._tried(work), *args, **kwargs)

    def _tried(self, work: Callable[P, T]) -> Callable[P, T]:
        return _undone(work) if self.is_over else work


def _undone(work: Callable[P, T]) -> Callable[P, T]:
    def tried(*args: P.args, **kwargs: P.kwargs) -> T:
        result = work(*args, **kwargs)
        orm.flush()
        orm.rollback()
        return result

    return tried


class Stage:
    """The people and channels of the matrix, filled through the API itself.

    Each channel holds three files of zlib: one in quarantine, one yanked, one as it should be;
    a notice, a publisher, and a copy that a contributor began and nobody goes on with.
    """

    def __init__(self, data: Path) -> None:
        self._clock = HandClock()
        self.world = World(data, self._clock, Rehearsal)
        self._execution = Execution(self.world.registry, INSTANCE)
        self._plain = Execution(self.world.registry, INSTANCE)
        self._plain.schema.execution_context_class = StrawberryGraphQLCoreExecutionContext
        self._made: dict[str, dict[str, str]] = {}
        for login in PEOPLE:
            accounts, is_admin = self.world.registry.accounts, login == "root"
            self.world.run(accounts.create_user(login, PASSWORD, is_admin=is_admin))
            self._done(login, 'mutation { createApiKey(name: "spare") { name } }')
        self.world.run(self.world.registry.accounts.login("ada", PASSWORD))
        for channel in ROLES:
            self._fill(channel)
        self._done("root", _QUARANTINE)
        assert isinstance(self.world.database, Rehearsal)
        self.world.database.is_over = True

    def ask(self, actor: Actor, field: str, arguments: str, channel: str) -> Mapping[str, Any]:
        """Return the answer to one root field, ``mutation deleteChannel`` for example."""
        kind, _, rest = field.partition(" ")
        used = [name for name in KINDS if f"${name}" in arguments]
        declared = ", ".join(f"${name}: {KINDS[name]}" for name in used)
        name, _, selection = rest.partition(" ")
        query = (
            f"{kind}{f'({declared})' if used else ''}"
            f" {{ {name}{f'({arguments})' if arguments else ''} {selection} }}"
        )
        unknown = {"notice": "9", "publisher": "9", "job": "9"}
        given: dict[str, Any] = unknown | self._made.get(channel, {}) | {"c": channel}
        if "file" in used:
            return self._uploading(actor, query, _NEW, given)
        return self.run(actor, query, {name: given[name] for name in used})

    def run(self, actor: Actor, query: str, variables: dict[str, Any]) -> Mapping[str, Any]:
        """Return the answer to an operation."""
        return self._run(self._execution, actor, query, variables)

    def run_plainly(self, actor: Actor, query: str, variables: dict[str, Any]) -> Mapping[str, Any]:
        """Do the same without the short way of leaves."""
        return self._run(self._plain, actor, query, variables)

    def _run(
        self, execution: Execution, actor: Actor, query: str, variables: dict[str, Any]
    ) -> Mapping[str, Any]:
        operation = Operation(query, variables, None)
        asking = execution.answer(Asker(actor.viewer, ADDRESS), operation, ONE_ANSWER)
        return msgspec.json.decode(msgspec.json.encode(self.world.run(asking)))

    def _fill(self, channel: str) -> None:
        first, *others = ROLES[channel]
        public = "true" if channel == "lab" else "false"
        create = f'createChannel(name: "{channel}", isPublic: {public}) {{ name }}'
        self._done(first, f"mutation {{ {create} }}")
        self._clock.advance(timedelta(minutes=1))  # the first owner is the one for longest
        for login in others:
            role = ROLES[channel][login].name
            self._done(first, _ADD, c=channel, login=login, role=role)
        for version in ("0.8", "0.9", "1.0"):
            built = package("zlib", version, files={f"share/zlib-{version}.txt": b""})
            body = self._uploading(Actor("", "ada"), _UPLOAD, built, {"c": channel})
            assert "errors" not in body, body
        self._done("ada", _YANK, c=channel)
        notice = self._done("ada", _NOTICE, c=channel)["createChannelNotice"]
        publisher = self._done("ada", _PUBLISHER, c=channel)["addGoogleOidcPublisher"]
        job = self._done("carl", _COPY, c=channel, hash="0" * 64)["copyPackagesFromUrls"]
        made = {"notice": notice, "publisher": publisher, "job": job}
        self._made[channel] = {name: found["id"] for name, found in made.items()}

    def _uploading(
        self, actor: Actor, query: str, built: Built, variables: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        with self.world.registry.publisher.stage() as staged:
            staged.write(built.data)
            file = UploadedFile(built.filename, staged, staged.finish())
            return self.run(actor, query, {"c": variables["c"], "file": file})

    def _done(self, login: str, query: str, /, **variables: str) -> Any:  # noqa: ANN401 - the data
        body = self.run(Actor("", login), query, variables)
        assert "errors" not in body, body
        return body["data"]
