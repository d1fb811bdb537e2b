"""Are the bytes there that rows name, and are they what the rows say? Every blob is read again.

Blobs are taken in the order of their digests, a page at a time and several at once. How far it
has come is written down after each page, so that what was interrupted goes on from there.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby

from graphrepo.blobs.digest import Digests, Hashes
from graphrepo.blobs.store import BlobStore
from graphrepo.errors import BlobMissingError, UnavailableError
from graphrepo.model.database import Database
from graphrepo.model.entities import Setting
from graphrepo.registry.faults import Fault, FaultKind, Listener
from graphrepo.registry.references import (
    START,
    Use,
    named_digests,
    totals,
    uses_between,
    uses_of,
)

_PAGE = 100
_BLOCK = 1024 * 1024
_PROGRESS = "verify"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A blob that is not what the rows say, and everything that it is used for."""

    kind: FaultKind
    blake3: str
    uses: tuple[Use, ...]
    details: str = ""

    def faults(self, *, is_repaired: bool = False) -> list[Fault]:
        """Return one fault for each use."""
        return [Fault(self.kind, use.place, self.details, is_repaired) for use in self.uses]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a walk has come: the last digest that was read, and those in trouble so far."""

    after: str = START
    suspects: tuple[str, ...] = ()
    blobs: int = 0
    size: int = 0


class Inventory:
    """Reads what the rows name."""

    def __init__(self, database: Database, store: BlobStore, page: int = _PAGE) -> None:
        """Keep what reading needs; an interruption costs no more than a ``page`` of blobs."""
        self._database = database
        self._store = store
        self._page_size = page

    async def take(
        self, listener: Listener, *, jobs: int, resume: bool = False
    ) -> tuple[int, list[Trouble]]:
        """Read every blob that a row names; return how many, and those in trouble.

        Args:
            listener: follows the way.
            jobs: how many blobs are read at once.
            resume: go on where the last walk was interrupted, if it was.
        """
        progress = await self._database.read(_progress) if resume else Progress()
        listener.expects(*await self._database.read(totals))
        listener.has_read(progress.size)
        with ThreadPoolExecutor(jobs, thread_name_prefix="graphrepo-verify") as pool:
            while digests := await self._database.read(
                named_digests, progress.after, self._page_size
            ):
                progress = await self._page(pool, listener, progress, digests)
                await self._database.transact(_note, progress)
        troubles = [await self.trouble_of(blake3) for blake3 in progress.suspects]
        await self._database.transact(_done)
        return progress.blobs, [trouble for trouble in troubles if trouble is not None]

    async def trouble_of(self, blake3: str) -> Trouble | None:
        """Read one blob (again); none if nothing is wrong, or if no row names it any more."""
        trouble = await asyncio.to_thread(
            _examine, self._store, tuple(await self._database.read(uses_of, blake3)), _unheard
        )
        # A blob may have lost its last use, and then its bytes, since the row was read.
        uses = tuple(await self._database.read(uses_of, blake3))
        return trouble if trouble is not None and uses else None

    async def _page(
        self,
        pool: ThreadPoolExecutor,
        listener: Listener,
        progress: Progress,
        digests: Sequence[str],
    ) -> Progress:
        uses = await self._database.read(
            lambda: sorted(uses_between(progress.after, digests[-1]), key=_digest)
        )
        groups = [tuple(group) for _, group in groupby(uses, _digest)]
        loop = asyncio.get_running_loop()
        examined = await asyncio.gather(
            *(
                loop.run_in_executor(pool, _examine, self._store, group, listener.has_read)
                for group in groups
            )
        )
        return Progress(
            digests[-1],
            progress.suspects + tuple(trouble.blake3 for trouble in examined if trouble),
            progress.blobs + len(groups),
            progress.size + sum(group[0].size for group in groups),
        )


def read_digests(store: BlobStore, blake3: str, heard: Callable[[int], None]) -> Digests:
    """Return the digests of the bytes that a store holds under a name; blocks."""
    hashes = Hashes()
    with store.open(blake3) as file:
        while block := file.read(_BLOCK):
            hashes.update(block)
            heard(len(block))
    return hashes.digests()


def _examine(
    store: BlobStore, uses: tuple[Use, ...], heard: Callable[[int], None]
) -> Trouble | None:
    """Compare the bytes with all that is said of them; ``uses`` are of one blob."""
    if not uses:
        return None
    blake3 = uses[0].blake3
    try:
        found = read_digests(store, blake3, heard)
    except BlobMissingError:
        return Trouble(FaultKind.MISSING, blake3, uses)
    except (OSError, UnavailableError) as error:
        return Trouble(FaultKind.UNREADABLE, blake3, uses, str(error))
    if found.blake3 != blake3:
        return Trouble(FaultKind.CORRUPT, blake3, uses)
    lying = tuple(use for use in uses if not _agrees(use, found))
    return Trouble(FaultKind.DIGEST, blake3, lying) if lying else None


def _agrees(use: Use, found: Digests) -> bool:
    said = (use.size, use.sha256, use.md5 or found.md5)
    return said == (found.size, found.sha256, found.md5)


def _digest(use: Use) -> str:
    return use.blake3


def _unheard(_size: int) -> None:
    """Tell nobody."""


def _progress() -> Progress:
    setting = Setting.get(name=_PROGRESS)
    if setting is None:
        return Progress()
    after, suspects, blobs, size = json.loads(setting.value)
    return Progress(after, tuple(suspects), blobs, size)


def _note(progress: Progress) -> None:
    value = json.dumps([progress.after, progress.suspects, progress.blobs, progress.size])
    setting = Setting.get(name=_PROGRESS)
    if setting is None:
        Setting(name=_PROGRESS, value=value)
    else:
        setting.value = value


def _done() -> None:
    setting = Setting.get(name=_PROGRESS)
    if setting is not None:
        setting.delete()
