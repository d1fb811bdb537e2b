"""The outer zip of a ``.conda`` file: CEP 35."""

import io
import struct
import zipfile
from collections.abc import Mapping

import pytest

from graphrepo.errors import ArchiveLimitError, InvalidArchiveError, InvalidMetadataError
from tests.builders import bz2_file, conda_file, stored_zip, tar, zst
from tests.conda.archives import FORMAT, INDEX, info_of


def outer(info: bytes | None = None, **members: bytes) -> dict[str, bytes]:
    """Return the members of a .conda file, laid over those of a good one."""
    good = {"pkg-a.tar.zst": zst(tar({})), "info-a.tar.zst": info or zst(tar(INDEX))}
    return {**FORMAT, **good, **members}


def without(members: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    return {key: data for key, data in members.items() if key != name}


def test_the_inner_archives_name_the_package() -> None:
    info = info_of(stored_zip(outer()))
    assert info.inner_stem == "a"
    assert info.warnings == ()
    assert info_of(bz2_file(INDEX), "tar.bz2").inner_stem is None


def test_unknown_members_are_ignored() -> None:
    assert (
        info_of(stored_zip(outer() | {"signature.json": b"x", "pkg-a.txt": b""})).index_json
        == b"{}"
    )


def test_a_zip64_package_is_read() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in outer().items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(data)
    assert info_of(buffer.getvalue()).index_json == b"{}"
    assert info_of(with_zip64_end(buffer.getvalue())).index_json == b"{}"


def with_zip64_end(data: bytes, entries: int | None = None, shift: int = 0) -> bytes:
    """Return the zip with a zip64 end record, as tools write it that cannot seek back."""
    body, end = data[:-22], struct.unpack("<4s4H2LH", data[-22:])
    count, size, offset = end[4] if entries is None else entries, end[5], end[6]
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(body) + shift, 1)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    return body + record + locator + tail


@pytest.mark.parametrize("part", ["info", "pkg"])
def test_both_inner_archives_are_required_once(part: str) -> None:
    with pytest.raises(InvalidArchiveError, match=rf"has 0 {part}-\*\.tar\.zst members"):
        info_of(stored_zip(without(outer(), f"{part}-a.tar.zst")))
    with pytest.raises(InvalidArchiveError, match=rf"has 2 {part}-\*\.tar\.zst members"):
        info_of(stored_zip(outer() | {f"{part}-b.tar.zst": b""}))


def test_the_inner_archives_belong_together() -> None:
    members = without(outer(), "pkg-a.tar.zst") | {"pkg-b.tar.zst": zst(b"")}
    with pytest.raises(InvalidArchiveError, match="belong to different packages"):
        info_of(stored_zip(members))


@pytest.mark.parametrize("name", ["pkg-a.tar.zst", "info-a.tar.zst"])
def test_the_inner_archives_are_zstd_compressed(name: str) -> None:
    with pytest.raises(InvalidArchiveError, match=r"zstd|damaged"):
        info_of(stored_zip(outer() | {name: tar(INDEX)}))


def test_info_may_be_several_zstd_frames() -> None:
    archive = tar(INDEX)
    assert info_of(stored_zip(outer(zst(archive[:700]) + zst(archive[700:])))).index_json == b"{}"


@pytest.mark.parametrize(
    ("members", "warning"),
    [
        (without(outer(), "metadata.json"), "metadata.json is missing"),
        (outer() | {"metadata.json": b""}, "metadata.json is empty"),
        (without(outer(), "metadata.json") | FORMAT, "metadata.json is not the first member"),
    ],
)
def test_an_odd_format_marker_of_an_old_tool_is_a_warning(
    members: dict[str, bytes], warning: str
) -> None:
    assert info_of(stored_zip(members)).warnings == (warning,)


@pytest.mark.parametrize(
    "marker", [b'{"conda_pkg_format_version": 3}', b'{"conda_pkg_format_version": "2"}', b"{}"]
)
def test_another_format_version_is_refused(marker: bytes) -> None:
    with pytest.raises(InvalidArchiveError, match="only 2 is known"):
        info_of(stored_zip(outer() | {"metadata.json": marker}))


def test_a_broken_format_marker_is_refused() -> None:
    with pytest.raises(InvalidMetadataError, match=r"metadata\.json"):
        info_of(stored_zip(outer() | {"metadata.json": b"[]"}))
    with pytest.raises(ArchiveLimitError, match=r"metadata\.json"):
        info_of(stored_zip(outer() | {"metadata.json": bytes(2**20 + 1)}))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressed_members_are_refused(method: int) -> None:
    with pytest.raises(InvalidArchiveError, match="compressed or encrypted"):
        info_of(stored_zip(outer(), method))


def test_encrypted_members_are_refused() -> None:
    data = bytearray(stored_zip(outer()))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InvalidArchiveError, match="compressed or encrypted"):
        info_of(bytes(data))


def test_repeated_zip_members_are_refused() -> None:
    data = stored_zip(outer() | {"info-b.tar.zst": b""}).replace(b"info-b", b"info-a")
    with pytest.raises(InvalidArchiveError, match="two members of one name"):
        info_of(data)


def test_zip_members_are_few() -> None:
    some = {f"x{number}": b"" for number in range(13)}
    assert info_of(stored_zip(outer() | some))
    with pytest.raises(ArchiveLimitError, match="has 17 members"):
        info_of(stored_zip(outer() | some | {"y": b""}))


def test_zip_members_are_counted_before_they_are_read() -> None:
    few = stored_zip(outer())
    with pytest.raises(ArchiveLimitError, match="has 4000000000 members"):
        info_of(with_zip64_end(few, entries=4_000_000_000))
    with pytest.raises(ArchiveLimitError):
        info_of(few[:-10] + struct.pack("<2LH", 2**31, 0, 0))


@pytest.mark.parametrize(
    "data",
    [
        stored_zip(outer())[:-1],
        stored_zip(outer()) + b"x",
        stored_zip(outer())[:-2] + b"\x01\x00x",
        with_zip64_end(stored_zip(outer()), shift=1),
        with_zip64_end(stored_zip(outer())).replace(b"PK\x06\x06", b"PK\x06\x09"),
        b"PK\x03\x04" + struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1) + stored_zip({})[-22:],
        stored_zip(outer()).replace(b"PK\x01\x02", b"PK\x01\x09"),
    ],
)
def test_a_zip_with_a_doubtful_end_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidArchiveError, match=r"no complete \.conda archive"):
        info_of(data)


def test_a_changed_byte_in_the_info_part_is_found() -> None:
    frame = zst(tar(INDEX))
    data = stored_zip(outer(frame))
    at = data.index(frame) + len(frame) // 2
    with pytest.raises(InvalidArchiveError, match="damaged"):
        info_of(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_conda_file_of_the_builders_has_the_order_of_the_standard() -> None:
    with zipfile.ZipFile(io.BytesIO(conda_file("a", INDEX, {}))) as archive:
        assert archive.namelist() == ["metadata.json", "pkg-a.tar.zst", "info-a.tar.zst"]
