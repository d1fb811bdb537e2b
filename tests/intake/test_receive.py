"""A file arrives whole with its digests, or leaves no trace."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graphrepo.blobs.held import MOST
from graphrepo.blobs.staging import StagedFile, Staging
from graphrepo.errors import StorageFullError, TooLargeError, UploadInterruptedError
from graphrepo.intake.body import body_chunks
from graphrepo.intake.receive import Received, receive_file
from tests.intake.streams import GONE, in_pieces, part, receiving, stream

MEBI = 1024 * 1024


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path / "staging")


def left_in(tmp_path: Path) -> list[Path]:
    directory = tmp_path / "staging"
    return list(directory.iterdir()) if directory.exists() else []  # made with the first file


def receive(staging: Staging, chunks: AsyncIterator[bytes], limit: int = 10 * MEBI) -> Received:
    return asyncio.run(receive_file(staging.open, chunks, limit))


@pytest.mark.parametrize("size", [0, 1, MOST, MOST + 1, MEBI - 1, MEBI, 3 * MEBI + 17])
@pytest.mark.parametrize("piece", [1000, 65_536, 5 * MEBI])
def test_what_is_staged_is_what_was_sent(staging: Staging, size: int, piece: int) -> None:
    data = (bytes(range(251)) * (size // 251 + 1))[:size]
    received = receive(staging, stream(in_pieces(data, piece)))
    with received.staged as staged:
        staged.file.seek(0)
        assert staged.file.read() == data
    assert received.digests.sha256 == hashlib.sha256(data).hexdigest()
    assert received.digests.size == size


def test_a_small_file_waits_in_memory(staging: Staging, tmp_path: Path) -> None:
    with receive(staging, stream([bytes(MOST)])).staged as staged:
        assert left_in(tmp_path) == []
        with staged.laid_out(staging) as laid:
            assert laid.path.read_bytes() == bytes(MOST)
    assert left_in(tmp_path) == []


def test_a_file_over_the_limit_leaves_nothing(staging: Staging, tmp_path: Path) -> None:
    assert receive(staging, stream([bytes(100)]), limit=100).staged.discard() is None
    with pytest.raises(TooLargeError):
        receive(staging, stream([bytes(50), bytes(51)]), limit=100)
    assert left_in(tmp_path) == []


def test_a_client_that_leaves_leaves_nothing(staging: Staging, tmp_path: Path) -> None:
    messages = [part(bytes(MEBI))] * 3
    with pytest.raises(UploadInterruptedError):
        receive(staging, body_chunks(receiving(*messages, GONE)))
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("mebis", [0, 1, 3])
def test_a_cancelled_upload_leaves_nothing(staging: Staging, tmp_path: Path, mebis: int) -> None:
    async def cancel() -> None:
        is_waiting = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            for _ in range(mebis):
                yield bytes(MEBI)
            is_waiting.set()
            await asyncio.Future()

        task = asyncio.create_task(receive_file(staging.open, body(), 10 * MEBI))
        await is_waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert left_in(tmp_path) == []


def test_an_upload_that_is_cancelled_at_once_leaves_nothing(
    staging: Staging, tmp_path: Path
) -> None:
    async def cancel() -> None:
        loop = asyncio.get_running_loop()
        is_opening = asyncio.Event()

        def stage() -> StagedFile:
            loop.call_soon_threadsafe(is_opening.set)
            return staging.open()

        task = asyncio.create_task(receive_file(stage, stream([bytes(MOST + 1)]), MEBI))
        await is_opening.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert left_in(tmp_path) == []


class FullFile(StagedFile):
    """A staged file on a disk that takes only so many bytes."""

    room = 0

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        if self.size + len(chunk) > self.room:
            message = "full"
            raise StorageFullError(message)
        super().write(chunk)


@pytest.mark.parametrize("kibis", [300, 3 * 1024, 5 * 1024])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, kibis: int) -> None:
    def stage() -> StagedFile:
        staged = FullFile(file)
        staged.room = min(2 * MEBI, kibis * 1024 - 1)
        return staged

    file = tmp_path / "staged"
    data = stream(in_pieces(bytes(kibis * 1024), MEBI))
    with pytest.raises(StorageFullError):
        asyncio.run(receive_file(stage, data, 10 * MEBI))
    assert not file.exists()


def test_memory_does_not_grow_with_the_file(staging: Staging) -> None:
    size = 300 * MEBI
    chunk = bytes(64 * 1024)

    async def body() -> AsyncIterator[bytes]:
        for _ in range(size // len(chunk)):
            yield bytes(chunk)

    tracemalloc.start()
    try:
        received = receive(staging, body(), limit=size)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    received.staged.discard()
    assert received.digests.size == size
    assert peak < 8 * MEBI
