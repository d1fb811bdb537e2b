"""A blob behind requests, read as a file."""

import io
import random

import pytest

from graphrepo.blobs.object_reader import BLOCK, open_blob

DATA = random.Random(7).randbytes(3 * BLOCK + 12_345)  # noqa: S311 - bytes that differ by place


class Requests:
    """Answers requests from memory and notes them."""

    def __init__(self, data: bytes = DATA) -> None:
        self.data = data
        self.asked: list[tuple[int, int]] = []

    def __call__(self, start: int, length: int) -> tuple[bytes, int]:
        self.asked.append((start, length))
        return self.data[start : start + length], len(self.data)


def test_it_reads_as_any_file() -> None:
    plain, dice = io.BytesIO(DATA), random.Random(1)  # noqa: S311 - the same each time
    with open_blob(Requests()) as blob:
        for _ in range(200):
            place, length = dice.randrange(len(DATA) + 10), dice.randrange(2 * BLOCK)
            plain.seek(place)
            assert blob.seek(place) == place
            assert blob.read(length) == plain.read(length)
            assert blob.tell() == plain.tell()


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK])
def test_a_small_blob_takes_one_request(size: int) -> None:
    requests = Requests(DATA[:size])
    with open_blob(requests) as blob:
        assert blob.read() == DATA[:size]
        assert blob.read() == b""
    assert requests.asked == [(0, BLOCK)]


def test_small_reads_share_a_request() -> None:
    requests = Requests()
    with open_blob(requests) as blob:
        read = b"".join(iter(lambda: blob.read(64 * 1024), b""))
    assert read == DATA
    assert len(requests.asked) == 4


def test_a_part_in_the_middle_does_not_take_what_is_before_it() -> None:
    requests = Requests()
    with open_blob(requests) as blob:
        blob.seek(-100, io.SEEK_END)
        assert blob.read() == DATA[-100:]
        blob.seek(2 * BLOCK)
        assert blob.read(10) == DATA[2 * BLOCK : 2 * BLOCK + 10]
    assert requests.asked == [(0, BLOCK), (len(DATA) - 100, 100), (2 * BLOCK, BLOCK)]


def test_it_has_no_descriptor() -> None:
    with open_blob(Requests()) as blob, pytest.raises(OSError, match="fileno"):
        blob.fileno()
