"""Digests: the published vectors, however the bytes arrive."""

import hashlib
import io

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.blobs.digest import Chunk, Digests, Hashes, check_blake3, digests_of, is_blake3
from graphrepo.errors import InvalidInputError

EMPTY = Digests(
    blake3="af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    md5="d41d8cd98f00b204e9800998ecf8427e",
    size=0,
)
ABC = Digests(
    blake3="6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    sha256="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    md5="900150983cd24fb0d6963f7d28e17f72",
    size=3,
)


def expected(data: bytes) -> Digests:
    return Digests(
        blake3=blake3(data).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        size=len(data),
    )


def hashed(*chunks: Chunk) -> Digests:
    hashes = Hashes()
    for chunk in chunks:
        hashes.update(chunk)
    return hashes.digests()


def test_the_published_vectors() -> None:
    assert hashed() == EMPTY
    assert hashed(b"abc") == ABC


@given(st.lists(st.binary(max_size=300)))
def test_only_the_bytes_count_not_how_they_are_cut(chunks: list[bytes]) -> None:
    assert hashed(*chunks) == expected(b"".join(chunks))


@pytest.mark.parametrize("size", [256 * 1024 - 1, 256 * 1024, 1024 * 1024 + 7])
def test_big_chunks_take_the_second_lane_to_the_same_end(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    assert hashed(data, b"tail", data) == expected(data + b"tail" + data)


def test_any_buffer_will_do() -> None:
    assert hashed(bytearray(b"a"), memoryview(b"bc")) == ABC


def test_a_file_from_where_it_stands() -> None:
    file = io.BytesIO(b"abc" * 1_000_000)
    assert digests_of(file) == expected(b"abc" * 1_000_000)
    file.seek(-3, io.SEEK_END)
    assert digests_of(file) == ABC


def test_a_blake3_digest_is_64_lower_case_digits() -> None:
    assert is_blake3(ABC.blake3)
    assert check_blake3(ABC.blake3) == ABC.blake3
    for text in ("", ABC.md5, ABC.blake3.upper(), ABC.blake3 + "\n", "../" + "a" * 61):
        assert not is_blake3(text)
        with pytest.raises(InvalidInputError, match="64 lower-case hex digits"):
            check_blake3(text)
