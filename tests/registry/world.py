"""A registry on real tables and a real directory, and the people who use it."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

from graphrepo.access.passwords import Hasher
from graphrepo.access.policy import Role
from graphrepo.access.viewer import ANONYMOUS, SYSTEM, AccessMode, Viewer
from graphrepo.blobs.filesystem import FilesystemStore
from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock
from graphrepo.intake.receive import receive_file
from graphrepo.model.database import Database
from graphrepo.registry.registry import Registry, assemble
from graphrepo.registry.requests import Batch, FileName, NewApiKey, NewChannel, Upload
from graphrepo.registry.signatures import Verify, no_verifier
from graphrepo.registry.views import ArtifactView, ChannelView, Published, StoredFile
from tests.builders import Built
from tests.databases import new_database

T = TypeVar("T")

CHEAP = Hasher(passes=1, memory=8, lanes=1)
PASSWORD = "correct horse"


class Doors(TypedDict, total=False):
    """What a door may know of an upload beside the file."""

    force: bool
    subdir: str | None
    sha256: str | None


class World:
    """One installation; ``run`` takes what a coroutine returns."""

    def __init__(
        self,
        data: Path,
        clock: Clock,
        kind: type[Database] = Database,
        verify: Verify = no_verifier,
        store: BlobStore | None = None,
    ) -> None:
        self.clock = clock
        self.data = data
        self.address = new_database(data)
        self.database = kind(self.address)
        self.database.open()
        self.store = store or FilesystemStore(data / "blobs", clock)
        self.registry: Registry = assemble(
            self.database, self.store, clock=clock, hasher=CHEAP, verify=verify
        )
        self._runner = asyncio.Runner()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def close(self) -> None:
        self._runner.close()
        self.database.close()

    def person(self, login: str, *, is_admin: bool = False) -> "Person":
        user = self.run(self.registry.accounts.create_user(login, None, is_admin=is_admin))
        return Person(self, Viewer(user.id, login, is_admin=is_admin))

    @property
    def nobody(self) -> "Person":
        return Person(self, ANONYMOUS)

    @property
    def operator(self) -> "Person":
        return Person(self, SYSTEM)


@dataclass(frozen=True)
class Person:
    """Somebody who acts on the registry."""

    world: World
    viewer: Viewer

    @property
    def login(self) -> str:
        return self.viewer.login

    def with_key(self, mode: AccessMode, channel: str | None = None) -> "Person":
        """Act through a new API key instead of a session."""
        new = NewApiKey(f"{mode}-{channel}", mode=mode, channel=channel)
        _, token = self.world.run(self.world.registry.keys.create(self.viewer, new))
        viewer = self.world.run(self.world.registry.accounts.viewer_of_token(token))
        return replace(self, viewer=viewer)

    def create_channel(self, name: str, *, is_public: bool = True) -> ChannelView:
        new = NewChannel(name, is_public=is_public)
        return self.world.run(self.world.registry.channels.create(self.viewer, new))

    def add_member(self, channel: str, person: "Person", role: Role) -> None:
        self.world.run(self.world.registry.members.add(self.viewer, channel, person.login, role))

    def publish(
        self,
        channel: str,
        built: Built,
        *,
        force: bool = False,
        subdir: str | None = None,
        sha256: str | None = None,
    ) -> Published:
        """Upload a package as every door does."""
        return self.world.run(
            self.publishing(channel, built, force=force, subdir=subdir, sha256=sha256)
        )

    async def publishing(self, channel: str, built: Built, **options: Unpack[Doors]) -> Published:
        """Receive, then publish, then let go; few bytes are held in memory, as at every door."""
        publisher = self.world.registry.publisher
        received = await receive_file(publisher.stage, _pieces(built), len(built.data))
        with received.staged as staged:
            upload = Upload(channel, built.filename, staged, received.digests, **options)
            return await publisher.publish(self.viewer, upload)

    def delete(self, channel: str, *files: str) -> tuple[ArtifactView, ...]:
        """Delete ``subdir/filename``s."""
        batch = Batch(channel, tuple(FileName(*file.split("/")) for file in files))
        return self.world.run(self.world.registry.removal.delete(self.viewer, batch))

    def find(self, channel: str, subdir: str, filename: str) -> StoredFile:
        return self.world.run(
            self.world.registry.indexing.file(self.viewer, channel, subdir, filename)
        )

    def channel_file(self, channel: str, filename: str) -> StoredFile:
        return self.world.run(
            self.world.registry.indexing.channel_file(self.viewer, channel, filename)
        )

    def download(self, channel: str, subdir: str, filename: str) -> bytes:
        stored = self.find(channel, subdir, filename)
        with self.world.registry.indexing.open(stored.blake3) as file:
            return file.read()

    def repodata(self, channel: str, subdir: str = "noarch") -> dict[str, Any]:
        return json.loads(self.download(channel, subdir, "repodata.json"))


async def _pieces(built: Built) -> AsyncIterator[bytes]:
    yield built.data
