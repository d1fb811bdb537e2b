"""Files under way: written, hashed, read back, discarded, swept; and a disk that refuses."""

import os
import resource
import stat
import tempfile
import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graphrepo.blobs.digest import digests_of
from graphrepo.blobs.disk import make_directory, refusals
from graphrepo.blobs.held import HeldFile
from graphrepo.blobs.staging import Staging
from graphrepo.errors import StorageFullError, UnavailableError

MIB = 1024 * 1024


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "new" / "staging"


@pytest.fixture
def staging(directory: Path) -> Staging:
    return Staging(directory)


@contextmanager
def largest_file(size: int) -> Generator[None]:
    """Let the system refuse files over this size: a disk that is full at a known byte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def unprivileged() -> Generator[Path]:
    """Give up root, for whom no permission counts, and return a directory of one's own."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        with tempfile.TemporaryDirectory() as own:
            yield Path(own)
    finally:
        os.seteuid(user)


def test_what_is_written_is_read_back_and_measured(staging: Staging) -> None:
    with staging.open() as staged:
        for chunk in (b"abc", bytearray(b"def"), memoryview(b"x" * MIB)):
            staged.write(chunk)
        assert staged.size == MIB + 6
        digests = staged.finish()
        assert digests.size == staged.size
        staged.file.seek(0)
        assert digests_of(staged.file) == digests
        staged.file.seek(3)
        assert staged.file.read(4) == b"defx"


def test_files_are_private_and_their_names_say_nothing(staging: Staging, directory: Path) -> None:
    with staging.open() as one, staging.open() as other:
        assert one.path.parent == other.path.parent == directory
        assert one.path.name != other.path.name
        assert len(one.path.name) == 32
        assert stat.S_IMODE(one.path.stat().st_mode) == 0o600


def test_leaving_discards(staging: Staging, directory: Path) -> None:
    with staging.open() as staged:
        staged.write(b"given up")
    assert staged.file.closed
    assert list(directory.iterdir()) == []


def test_a_failure_discards(staging: Staging, directory: Path) -> None:
    staged = staging.open()
    staged.write(b"half")
    with pytest.raises(KeyError), staged:
        raise KeyError
    assert list(directory.iterdir()) == []


def test_discarding_twice_is_once(staging: Staging, directory: Path) -> None:
    staged = staging.open()
    staged.discard()
    staged.discard()
    assert list(directory.iterdir()) == []


def test_a_sweep_takes_what_was_left_long_ago(staging: Staging, directory: Path) -> None:
    left, current = staging.open(), staging.open()
    yesterday = datetime(2026, 1, 1, tzinfo=UTC)
    os.utime(left.path, (yesterday.timestamp(), yesterday.timestamp()))
    assert staging.sweep(yesterday) == 0
    assert staging.sweep(yesterday + timedelta(seconds=1)) == 1
    assert list(directory.iterdir()) == [current.path]
    left.discard()
    current.discard()


def test_there_may_be_nothing_to_sweep(staging: Staging) -> None:
    assert staging.sweep(datetime(2026, 1, 1, tzinfo=UTC)) == 0


def test_memory_does_not_grow_with_the_file(staging: Staging) -> None:
    chunk = bytes(MIB)
    with staging.open() as staged:
        tracemalloc.start()
        try:
            for _ in range(300):
                staged.write(chunk)
            digests = staged.finish()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert digests.size == 300 * MIB
    assert peak < MIB


def test_a_disk_that_fills_up_is_named_and_leaves_nothing(
    staging: Staging, directory: Path
) -> None:
    staged = staging.open()
    with largest_file(4096), staged, pytest.raises(StorageFullError, match="storage is full"):
        staged.write(b"x" * MIB)
    assert list(directory.iterdir()) == []


def test_bytes_in_memory_that_find_no_room_leave_nothing(staging: Staging, directory: Path) -> None:
    with HeldFile(b"x" * 5000) as held, largest_file(4096), pytest.raises(StorageFullError):
        held.laid_out(staging)
    assert list(directory.iterdir()) == []


def test_what_fits_exactly_is_taken(staging: Staging) -> None:
    with largest_file(4096), staging.open() as staged:
        staged.write(b"x" * 4000)
        staged.write(b"x" * 96)
        assert staged.finish().size == staged.path.stat().st_size == 4096
        with pytest.raises(StorageFullError):
            staged.write(b"x")


def test_reading_does_not_disturb_writing(staging: Staging) -> None:
    with staging.open() as staged:
        staged.write(b"abc")
        assert staged.file.read() == b"abc"
        staged.file.seek(1)
        staged.write(b"def")
        assert staged.file.read() == b"bcdef"


def test_no_space_left_is_a_full_storage() -> None:
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(StorageFullError),
        refusals(),
    ):
        full.write(b"x")


def test_a_path_that_is_no_directory_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnavailableError, match=r"Not a directory.*mounted and writable"):
        Staging(tmp_path / "file" / "staging").open()


def test_a_directory_that_may_not_be_written_is_unavailable(unprivileged: Path) -> None:
    unprivileged.chmod(0o500)
    with pytest.raises(UnavailableError, match="Permission denied"):
        Staging(unprivileged / "staging").open()


def test_a_parent_that_may_only_be_passed_is_no_obstacle(unprivileged: Path) -> None:
    parent = unprivileged / "parent"
    parent.mkdir()
    (parent / "data").mkdir()
    parent.chmod(0o100)
    make_directory(parent / "data" / "blobs")
    make_directory(parent / "data")
    parent.chmod(0o700)


def test_a_refusal_without_words_is_named_by_its_kind() -> None:
    with pytest.raises(UnavailableError, match="InterruptedError"), refusals():
        raise InterruptedError
