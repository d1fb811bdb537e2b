"""Does what is served say what the rows say? Every document rendered anew and compared."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import zstandard

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock
from graphrepo.errors import BlobMissingError, ForbiddenError, NotFoundError
from graphrepo.model.database import Database, rows
from graphrepo.registry.documents import OF_SUBDIR
from graphrepo.registry.gate import admit
from graphrepo.registry.recipes import RECIPES, refreshed
from graphrepo.registry.sharding import (
    SHARD_INDEX,
    all_names,
    current_hashes,
    render_index,
    render_shards,
)
from graphrepo.registry.subdir_documents import COMPRESSED, NAMES, SubdirDocuments
from graphrepo.registry.subdir_state import SubdirState, offers, subdir_state

_PIECE = 1024 * 1024
_BATCH = 500
_MISSING = "its bytes are missing from the store"
_WRONG = "its content is not what the rows say"


@dataclass(frozen=True, slots=True)
class Difference:
    """One document that does not say what the rows say, and in which way."""

    channel: str
    subdir: str
    document: str
    problem: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification looked at, and what it found wrong."""

    subdirs: int
    documents: int
    differences: tuple[Difference, ...]


class _MovedError(Exception):
    """The subdir changed between bringing it up to date and looking at it."""


class Verification:
    """Compares served documents with the rows."""

    def __init__(self, database: Database, store: BlobStore, clock: Clock) -> None:
        """Keep what verifying needs."""
        self._database = database
        self._store = store
        self._documents = SubdirDocuments(database, store, clock)

    async def index(self, viewer: Viewer, channel: str | None = None) -> Verified:
        """Render every document anew, of one channel or of all, and compare.

        Raises:
            NotAuthenticatedError: nobody is signed in.
            ForbiddenError: the viewer may not manage the channel.
        """
        folders = await self._database.read(_folders, viewer, channel)
        documents = 0
        differences: list[Difference] = []
        for name, subdir in folders:
            checked, found = await self._subdir(viewer, name, subdir)
            documents += checked
            differences += found
        return Verified(len(folders), documents, tuple(differences))

    async def _subdir(
        self, viewer: Viewer, channel: str, subdir: str
    ) -> tuple[int, list[Difference]]:
        while True:
            try:
                state = await self._database.read(
                    subdir_state, viewer, Action.READ, channel, subdir
                )
                names, problems = await self._look(state)
            except _MovedError:
                continue
            except (ForbiddenError, NotFoundError):  # deleted meanwhile
                return 0, []
            return names, [Difference(channel, subdir, *problem) for problem in problems]

    async def _look(self, state: SubdirState) -> tuple[int, list[tuple[str, str]]]:
        names = [name for name in sorted(NAMES) if await self._database.read(offers, state, name)]
        lost = [name for name in names if not await self._is_rendered(state, name)]
        there = [name for name in names if name not in lost]
        problems = await self._database.survey(_compare, self._store, state, there)
        return len(names), [*((name, _MISSING) for name in lost), *problems]

    async def _is_rendered(self, state: SubdirState, name: str) -> bool:
        try:
            await self._documents.current(state, name)
        except BlobMissingError:  # of the document that it is made from
            return False
        return True


def _folders(viewer: Viewer, channel: str | None) -> list[tuple[str, str]]:
    if channel is not None:
        admit(viewer, Action.MANAGE, channel)
    found = rows(_FOLDERS, channel=channel)
    return [(name, subdir) for name, subdir in found]


def _compare(store: BlobStore, state: SubdirState, names: list[str]) -> list[tuple[str, str]]:
    """Return document and problem of each difference; inside one snapshot."""
    present = refreshed(state)
    if present.revision != state.revision:
        raise _MovedError
    problems: list[tuple[str, str]] = []
    for name in names:
        compare = _compare_shards if name == SHARD_INDEX else _compare_document
        try:
            problems += compare(store, present, name)
        except (ValueError, KeyError) as error:  # a row that nothing can be made of
            problems.append((name, f"it cannot be rendered: {error!r}"))
    return problems


def _compare_document(store: BlobStore, state: SubdirState, name: str) -> Iterator[tuple[str, str]]:
    served = _served(store, state, name)
    if served is None:
        yield name, _MISSING
    elif served != _digest(RECIPES[name.removesuffix(COMPRESSED)](state)):
        yield name, _WRONG


def _compare_shards(store: BlobStore, state: SubdirState, index: str) -> Iterator[tuple[str, str]]:
    stored = current_hashes(state.id)
    fresh: dict[str, bytes] = {}
    names = all_names(state.id)
    for start in range(0, len(names), _BATCH):
        for name, data in render_shards(state.id, names[start : start + _BATCH]):
            if data is not None:
                fresh[name] = hashlib.sha256(data).digest()
    for name in sorted(fresh.keys() | stored.keys()):
        if fresh.get(name) != stored.get(name):
            yield f"shard of {name}", "it is not what the rows say"
    served = _raw(store, state, SHARD_INDEX)
    if served is None:
        yield index, _MISSING
    elif served != hashlib.sha256(render_index(state, fresh.items())).hexdigest():
        yield index, _WRONG


def _served(store: BlobStore, state: SubdirState, name: str) -> str | None:
    """Return the SHA-256 of a served document's plain content, none if it is missing."""
    if not name.endswith(COMPRESSED):
        return _raw(store, state, name)
    try:
        with store.open(_blob(state, name)) as file:
            reader = zstandard.ZstdDecompressor().stream_reader(file)
            return _digest(iter(lambda: reader.read(_PIECE), b""))
    except (BlobMissingError, zstandard.ZstdError):
        return None


def _raw(store: BlobStore, state: SubdirState, name: str) -> str | None:
    try:
        with store.open(_blob(state, name)) as file:
            return _digest(iter(lambda: file.read(_PIECE), b""))
    except BlobMissingError:
        return None


def _blob(state: SubdirState, name: str) -> str:
    """Return where a document's bytes are.

    Raises:
        BlobMissingError: no pointer of this revision says it. The documents were brought up to
            date and the subdir has not changed since, so nobody else has moved it on.
    """
    pointer = OF_SUBDIR.load(state.id, name)
    if pointer is None or pointer.revision != state.revision:
        raise BlobMissingError(f"No row says where the present {name} is.")
    return pointer.blake3


def _digest(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


_FOLDERS = """
    SELECT c.name, s.name FROM channel c JOIN subdir s ON s.channel_id = c.id
    WHERE $channel IS NULL OR c.name = $channel ORDER BY c.name, s.name
"""
