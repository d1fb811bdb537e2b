"""The conformance suite: what every blob store promises."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from graphrepo.blobs.collector import unreferenced
from graphrepo.blobs.digest import Digests, digests_of
from graphrepo.blobs.held import HeldFile
from graphrepo.blobs.store import BlobEntry, BlobStore
from graphrepo.errors import BlobMissingError, InvalidInputError
from tests.clocks import HandClock

Commit = Callable[[BlobStore, bytes], tuple[bool, Digests]]

DAY = timedelta(days=1)
NOWHERE = "0" * 64


def commit(store: BlobStore, data: bytes) -> tuple[bool, Digests]:
    """Stage the bytes in two chunks and commit them."""
    with store.staging.open() as staged:
        staged.write(data[:5])
        staged.write(data[5:])
        digests = staged.finish()
        return store.commit(staged, digests), digests


def commit_held(store: BlobStore, data: bytes) -> tuple[bool, Digests]:
    """Commit bytes that are in memory."""
    with HeldFile(data) as held:
        digests = held.finish()
        return store.commit(held, digests), digests


def read(store: BlobStore, digests: Digests) -> bytes:
    with store.open(digests.blake3) as file:
        return file.read()


def under_way(root: Path) -> list[Path]:
    directory = root / "staging"
    return list(directory.iterdir()) if directory.exists() else []  # made with the first file


@pytest.mark.parametrize("commit", [commit, commit_held])
def test_what_is_committed_is_there(store: BlobStore, root: Path, commit: Commit) -> None:
    is_new, digests = commit(store, b"some bytes")
    assert is_new
    assert read(store, digests) == b"some bytes"
    assert store.size(digests.blake3) == digests.size == 10
    assert store.exists(digests.blake3)
    assert under_way(root) == []


def test_a_commit_consumes_the_staged_file(store: BlobStore) -> None:
    for _ in ("new", "known"):
        staged = store.staging.open()
        staged.write(b"bytes")
        store.commit(staged, staged.finish())
        assert staged.file.closed
        assert not staged.path.exists()


def test_what_is_put_is_there(store: BlobStore) -> None:
    digests = store.put(b"a document")
    assert read(store, digests) == b"a document"
    with store.open(digests.blake3) as file:
        assert digests_of(file) == digests


@pytest.mark.parametrize("commit", [commit, commit_held])
def test_the_same_bytes_are_kept_once(store: BlobStore, root: Path, commit: Commit) -> None:
    digests = store.put(b"twins")
    assert commit(store, b"twins") == (False, digests)
    assert store.put(b"twins") == digests
    assert [entry.blake3 for entry in store.entries()] == [digests.blake3]
    assert under_way(root) == []


def test_nothing_is_a_blob_too(store: BlobStore) -> None:
    is_new, digests = commit(store, b"")
    assert is_new
    assert read(store, digests) == b""
    assert store.size(digests.blake3) == 0


def test_readers_do_not_disturb_each_other(store: BlobStore) -> None:
    blake3 = store.put(b"0123456789").blake3
    with store.open(blake3) as one, store.open(blake3) as other:
        one.seek(7)
        assert other.read(3) == b"012"
        assert one.read() == b"789"


def test_a_local_store_shows_its_file(store: BlobStore) -> None:
    path = store.path(store.put(b"bytes for sendfile").blake3)
    if path is not None:
        assert Path(path).is_absolute()
        assert Path(path).read_bytes() == b"bytes for sendfile"


@pytest.mark.parametrize("look", ["open", "size"])
def test_what_is_not_there_is_missing(store: BlobStore, look: str) -> None:
    store.put(b"something else")
    with pytest.raises(BlobMissingError, match=NOWHERE):
        getattr(store, look)(NOWHERE)
    assert not store.exists(NOWHERE)


def test_an_empty_store_answers(store: BlobStore) -> None:
    assert list(store.entries()) == []
    assert not store.exists(NOWHERE)
    assert not store.delete(NOWHERE)
    with pytest.raises(BlobMissingError):
        store.open(NOWHERE)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
@pytest.mark.parametrize("look", ["open", "path", "size", "exists", "delete"])
def test_only_a_digest_names_a_blob(store: BlobStore, look: str, name: str) -> None:
    with pytest.raises(InvalidInputError):
        getattr(store, look)(name)


def test_deleting_is_idempotent_and_spares_readers(store: BlobStore) -> None:
    blake3 = store.put(b"short-lived").blake3
    with store.open(blake3) as file:
        assert store.delete(blake3)
        assert not store.delete(blake3)
        assert file.read() == b"short-lived"
    assert not store.exists(blake3)
    assert commit(store, b"short-lived")[0]


def test_the_list_tells_size_and_age(store: BlobStore, clock: HandClock) -> None:
    born = clock.now
    one = store.put(b"one")
    later = clock.advance(DAY)
    _, two = commit(store, b"number two")
    assert {entry.blake3: entry for entry in store.entries()} == {
        one.blake3: BlobEntry(one.blake3, 3, born),
        two.blake3: BlobEntry(two.blake3, 10, later),
    }


@pytest.mark.parametrize("again", ["commit", "put"])
def test_keeping_again_makes_young_again(store: BlobStore, clock: HandClock, again: str) -> None:
    digests = store.put(b"evergreen")
    now = clock.advance(DAY)
    if again == "commit":
        commit(store, b"evergreen")
    else:
        store.put(b"evergreen")
    assert [entry.modified for entry in store.entries()] == [now]
    assert not store.delete(digests.blake3, untouched_since=now)


def test_a_blob_is_deleted_only_if_untouched_since(store: BlobStore, clock: HandClock) -> None:
    born = clock.now
    blake3 = store.put(b"aging").blake3
    assert not store.delete(blake3, untouched_since=born)
    assert not store.delete(blake3, untouched_since=born - DAY)
    assert store.exists(blake3)
    assert store.delete(blake3, untouched_since=born + timedelta(microseconds=1))
    assert not store.exists(blake3)


def test_a_collection_takes_garbage_and_nothing_else(store: BlobStore, clock: HandClock) -> None:
    used, dropped, refound = (store.put(name).blake3 for name in (b"used", b"dropped", b"refound"))
    now = clock.advance(2 * DAY)
    fresh = store.put(b"fresh").blake3
    doomed = list(unreferenced(store.entries(), {used}, now, DAY))
    assert {entry.blake3 for entry in doomed} == {dropped, refound}
    store.put(b"refound")  # an upload comes between the decision and the deletion
    removed = {e.blake3 for e in doomed if store.delete(e.blake3, untouched_since=now - DAY)}
    assert removed == {dropped}
    assert {entry.blake3 for entry in store.entries()} == {used, fresh, refound}


def test_a_hundred_commits_of_the_same_bytes_make_one_blob(store: BlobStore, root: Path) -> None:
    with ThreadPoolExecutor(32) as pool:
        results = list(pool.map(partial(commit, store), [b"popular" * 1000] * 100))
    assert sum(is_new for is_new, _ in results) == 1
    (digests,) = {digests for _, digests in results}
    assert [entry.blake3 for entry in store.entries()] == [digests.blake3]
    assert read(store, digests) == b"popular" * 1000
    assert under_way(root) == []


def test_different_bytes_do_not_meet(store: BlobStore) -> None:
    contents = [f"content {n}".encode() for n in range(100)]
    with ThreadPoolExecutor(16) as pool:
        kept = list(pool.map(store.put, contents))
    assert [read(store, digests) for digests in kept] == contents
    assert len(list(store.entries())) == 100


def test_an_upload_never_loses_what_it_found(store: BlobStore, clock: HandClock) -> None:
    """Whoever commits while a collector deletes: afterwards the blob is there."""
    for n in range(20):
        data = f"round {n}".encode()
        blake3 = store.put(data).blake3
        now = clock.advance(DAY)
        with ThreadPoolExecutor(2) as pool:
            collector = pool.submit(store.delete, blake3, untouched_since=now)
            upload = pool.submit(commit, store, data)
        is_new, _ = upload.result()
        assert is_new == collector.result(), "either it was found, or it was gone and came back"
        assert store.exists(blake3)
