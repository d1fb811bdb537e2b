"""A file's bytes in chunks, from the page cache, from the disk, or from a store without files."""

import asyncio
import io
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from graphrepo.errors import BlobCorruptError
from graphrepo.web.conditional import Span
from graphrepo.web.file_chunks import CHUNK, file_chunks

DATA = bytes(range(251)) * 4000


def read(file: BinaryIO, span: Span) -> list[bytes]:
    async def collect() -> list[bytes]:
        return [chunk async for chunk in file_chunks(file, span)]

    return asyncio.run(collect())


@pytest.mark.parametrize(
    "span", [Span(0, len(DATA)), Span(1, CHUNK), Span(CHUNK - 1, 2), Span(len(DATA) - 1, 1)]
)
def test_a_span_comes_whole_and_in_bounded_chunks(tmp_path: Path, span: Span) -> None:
    path = tmp_path / "data"
    path.write_bytes(DATA)
    with path.open("rb") as on_disk:
        for file in (on_disk, io.BytesIO(DATA)):
            chunks = read(file, span)
            assert b"".join(chunks) == DATA[span.start :][: span.length]
            assert max(map(len, chunks)) <= CHUNK


def test_what_the_page_cache_lacks_is_read_from_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(DATA)
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        assert b"".join(read(file, Span(0, len(DATA)))) == DATA


def test_a_file_that_is_too_short_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(DATA)
    with path.open("rb") as on_disk:
        for file in (on_disk, io.BytesIO(DATA)):
            with pytest.raises(BlobCorruptError):
                read(file, Span(0, len(DATA) + 1))
