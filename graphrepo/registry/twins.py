"""``.conda`` twins of ``.tar.bz2`` files: the same build in the newer format, made in a job.

The bytes were accepted already and the channel's owners asked for twins, so the server acts
here, in the name of whoever uploaded the file.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from graphrepo.access.viewer import SYSTEM
from graphrepo.blobs.digest import Digests
from graphrepo.blobs.staging import StagedFile
from graphrepo.conda.patches import twin
from graphrepo.errors import NotFoundError
from graphrepo.registry.indexing import Indexing
from graphrepo.registry.job_views import Outcome, Turn
from graphrepo.registry.publish import Publisher
from graphrepo.registry.requests import Upload
from graphrepo.registry.views import StoredFile

_CHUNK = 1024 * 1024

Convert = Callable[[Path, Path], Awaitable[None]]
"""Writes the ``.conda`` of a ``.tar.bz2`` into a folder, or raises ``InvalidPackageError``."""


class Twins:
    """Makes twins and publishes them."""

    def __init__(self, publisher: Publisher, indexing: Indexing) -> None:
        """Keep what the use case needs."""
        self._publisher = publisher
        self._indexing = indexing

    async def work(self, turn: Turn, convert: Convert) -> Outcome:
        """Publish the twin of one file; one that is gone or was replaced needs none."""
        subdir, _, filename = turn.asked["item"].partition("/")
        server = replace(SYSTEM, user_id=turn.user_id, login=turn.login)
        try:
            found = await self._indexing.file(server, turn.channel, subdir, filename)
        except NotFoundError:
            return Outcome()
        if found.sha256 != turn.asked["sha256"]:
            return Outcome()
        staged, digests = await self._converted(found, convert)
        name, force = twin(filename), turn.asked["force"]
        upload = Upload(turn.channel, name, staged, digests, subdir=subdir, force=force)
        with staged:
            await self._publisher.publish(server, upload)
        return Outcome((f"{subdir}/{name}",))

    async def _converted(self, file: StoredFile, convert: Convert) -> tuple[StagedFile, Digests]:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="graphrepo-twin-"))
        try:
            source = await asyncio.to_thread(self._lay_out, file, folder)
            await convert(source, folder)
            return await asyncio.to_thread(self._stage, folder / twin(file.name))
        finally:
            await asyncio.to_thread(shutil.rmtree, folder)

    def _lay_out(self, file: StoredFile, folder: Path) -> Path:
        """Put the file where the program finds it under its own name."""
        source = folder / file.name
        path = self._indexing.path(file.blake3)
        if path is not None:
            source.symlink_to(path)
            return source
        with self._indexing.open(file.blake3) as stored, source.open("wb") as copy:
            shutil.copyfileobj(stored, copy, _CHUNK)
        return source

    def _stage(self, made: Path) -> tuple[StagedFile, Digests]:
        staged = self._publisher.stage()
        try:
            with made.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    staged.write(chunk)
            return staged, staged.finish()
        except BaseException:
            staged.discard()
            raise
