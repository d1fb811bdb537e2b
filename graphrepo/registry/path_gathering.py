"""Paths of files that were published while nobody kept any: gathered later, a few at a time.

Files are taken in the order in which they came, and each is read once in the life of a process,
so one that cannot be read holds nothing up. A process that ends loses nothing: the next one
passes over whatever is kept already.
"""

import asyncio
import logging
import time

from graphrepo.blobs.store import BlobStore
from graphrepo.conda.archive import read_info
from graphrepo.conda.limits import Limits
from graphrepo.conda.names import parse_filename
from graphrepo.conda.paths import read_paths
from graphrepo.errors import GraphrepoError
from graphrepo.model.database import Database, rows
from graphrepo.model.paths import keep_paths

_AT_ONCE = 10  # files of one look
_REST = 10  # after a look that took t, nothing for this many t: a tenth of a core at most

_log = logging.getLogger(__name__)


class PathGathering:
    """Works through the files that have no paths yet."""

    def __init__(self, database: Database, store: BlobStore, limits: Limits) -> None:
        """Begin with the oldest file; ``limits`` bound the reading of archives."""
        self._database = database
        self._store = store
        self._limits = limits
        self._last = 0
        self._rests_until = 0.0
        self._is_over = False

    async def once(self) -> int:
        """Gather the paths of a few more files, if it is time; how many were looked at."""
        begun = time.monotonic()
        if self._is_over or begun < self._rests_until:
            return 0
        found = await self._database.survey(rows, _WITHOUT, last=self._last, most=_AT_ONCE)
        for ident, filename, blake3 in found:
            await self._gather(ident, filename, blake3)
            self._last = ident
        self._is_over = not found
        ended = time.monotonic()
        self._rests_until = ended + _REST * (ended - begun)
        return len(found)

    async def _gather(self, ident: int, filename: str, blake3: str) -> None:
        try:
            paths = await asyncio.to_thread(self._read, filename, blake3)
        except GraphrepoError as error:
            _log.info("The paths of %s were not gathered: %s", filename, error)
        else:
            await self._database.transact(_keep, ident, paths)

    def _read(self, filename: str, blake3: str) -> tuple[str, ...]:
        extension = parse_filename(filename).extension
        with self._store.open(blake3) as file:
            info = read_info(file, "conda" if extension == "conda" else "tar.bz2", self._limits)
        return read_paths(info, self._limits).paths


def _keep(ident: int, paths: tuple[str, ...]) -> None:
    if rows(_STILL_WITHOUT, id=ident):  # else it was deleted, or somebody else was faster
        keep_paths(ident, paths)


_MISSING = """FROM artifact a WHERE a.removed_in IS NULL
    AND NOT EXISTS (SELECT 1 FROM artifact_paths x WHERE x.artifact_id = a.id)"""
_WITHOUT = f"""
    SELECT a.id, a.filename, a.blake3 {_MISSING} AND a.id > $last ORDER BY a.id LIMIT $most
"""
_STILL_WITHOUT = f"SELECT 1 {_MISSING} AND a.id = $id"
