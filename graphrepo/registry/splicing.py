"""A document made of the one before it and the rows that changed since; inside one snapshot.

Every artifact row says in which revision it last changed, and a stored document which revision
it shows. Between the two stand the changes, and everything else is copied. The bytes are those
of a full render: ``graphrepo index verify`` renders from the rows and compares.
"""

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing

from blake3 import blake3

from graphrepo.blobs.digest import Digests
from graphrepo.blobs.store import BlobStore
from graphrepo.conda.repodata_after import IndexedChange, repodata_after
from graphrepo.conda.run_exports import run_exports_after
from graphrepo.conda.splice import NotSplicedError
from graphrepo.errors import BlobMissingError
from graphrepo.model.database import Row, rows
from graphrepo.registry.documents import OF_SUBDIR, Pointer, store_chunks
from graphrepo.registry.recipes import subdir_info
from graphrepo.registry.subdir_state import SubdirState

Splice = Callable[[Iterable[bytes], SubdirState, int], Iterator[bytes]]
"""Makes the document of the earlier one, of the state now, and of the revision shown so far."""

_BLOCK = 320 * 1024
# Bytes. Small enough to stay in a core's cache while it is looked through and copied, large enough
# that a second core hashes beside the first (``blobs/digest.py``). 100,000 records take 70 ms of
# processor time in blocks of 1 MiB, 35-55 ms in these; the hashes and the write come on top.

_log = logging.getLogger(__name__)


def spliced(store: BlobStore, state: SubdirState, name: str) -> Digests | None:
    """Store a document made of its predecessor; none where that is not to be had."""
    splice = SPLICES.get(name)
    predecessor = OF_SUBDIR.load(state.id, name)
    if splice is None or predecessor is None:
        return None
    try:
        with closing(_blocks(store, predecessor)) as blocks:  # a full disk leaves it half read
            return store_chunks(store, splice(blocks, state, predecessor.revision))
    except (BlobMissingError, NotSplicedError) as error:
        place = f"{state.channel.name}/{state.name}/{name}"
        _log.warning("%s is rendered from all rows; its predecessor is no use: %r", place, error)
        return None


def _blocks(store: BlobStore, document: Pointer) -> Generator[bytes]:
    """Yield a document, and see to it that what is copied is what once was rendered."""
    digest = blake3()
    with store.open(document.blake3) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            yield block
    if digest.hexdigest() != document.blake3:
        raise NotSplicedError("it is damaged")


def _repodata(blocks: Iterable[bytes], state: SubdirState, since: int) -> Iterator[bytes]:
    changes = _changes(state, since, "a.record")
    return repodata_after(blocks, subdir_info(state), changes)


def _repodata_from_packages(
    blocks: Iterable[bytes], state: SubdirState, since: int
) -> Iterator[bytes]:
    changes = _changes(state, since, "coalesce(a.unpatched, a.record)")
    return repodata_after(blocks, subdir_info(state), changes)


def _run_exports(blocks: Iterable[bytes], state: SubdirState, since: int) -> Iterator[bytes]:
    changed = _changed(state, since, "a.run_exports_json")
    changes = [(name, text, is_v3 is not None and not is_v3) for name, text, is_v3 in changed]
    return run_exports_after(blocks, state.name, changes)


SPLICES: Mapping[str, Splice] = {
    "repodata.json": _repodata,
    "repodata_from_packages.json": _repodata_from_packages,
    "run_exports.json": _run_exports,
}


def _changes(state: SubdirState, since: int, column: str) -> Iterator[IndexedChange]:
    for filename, record, is_v3 in _changed(state, since, column):
        yield IndexedChange(filename, record, bool(is_v3))


def _changed(state: SubdirState, since: int, column: str) -> Iterable[Row]:
    """Return each file that changed, with a column, and whether it is v3, if it is listed now.

    A name may have rows of earlier files: what counts is the one that is listed.
    """
    sql = f"""
        SELECT changed.filename, {column}, a.is_v3
        FROM artifact changed LEFT JOIN artifact a
          ON a.subdir_id = $subdir_id AND a.filename = changed.filename
          AND a.removed_in IS NULL AND a.yanked_reason IS NULL
        WHERE changed.subdir_id = $subdir_id AND changed.changed_in > $since
    """
    return {row[0]: row for row in rows(sql, subdir_id=state.id, since=since)}.values()
