"""zstd frames: one, with its content size, the same for the same data."""

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.compression import compress, compress_stream, level_for


def decompress(data: bytes) -> bytes:
    """Read exactly one frame; anything after it is an error."""
    reader = zstandard.ZstdDecompressor().decompressobj()
    content = reader.decompress(data)
    assert reader.eof
    assert reader.unused_data == b""
    return content


@given(st.binary(max_size=2000))
def test_what_goes_in_comes_out(data: bytes) -> None:
    frame = compress(data)
    assert decompress(frame) == data
    assert zstandard.frame_content_size(frame) == len(data)


@given(st.lists(st.binary(max_size=300), max_size=20), st.sampled_from([1, 9, 12]))
def test_where_the_data_is_cut_does_not_matter(chunks: list[bytes], level: int) -> None:
    whole = b"".join(chunks)
    assert b"".join(compress_stream(chunks, len(whole), level)) == compress(whole, level)


@pytest.mark.parametrize("size", [0, 10_000, 1_000_000, 20_000_000])
def test_cuts_do_not_matter_at_any_level(size: int) -> None:
    whole = b"".join(b"%d," % number for number in range(size // 6))
    cut = [whole[start : start + 70_000] for start in range(0, len(whole), 70_000)]
    frame = b"".join(compress_stream(cut, len(whole)))
    assert frame == compress(whole)
    assert decompress(frame) == whole
    assert zstandard.get_frame_parameters(frame).window_size <= 2**23


@pytest.mark.parametrize("announced", [2, 4])
def test_a_wrong_size_is_refused(announced: int) -> None:
    with pytest.raises(zstandard.ZstdError):
        list(compress_stream([b"abc"], announced))


def test_small_documents_get_more_effort() -> None:
    assert level_for(20_000) > level_for(1_000_000) > level_for(100_000_000)
