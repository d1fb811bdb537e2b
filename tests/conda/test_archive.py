"""Finding metadata in both formats, and what makes an archive unfit."""

import bz2
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import pytest
from conda_package_handling import api

from graphrepo.conda.archive import read_info
from graphrepo.conda.info_files import InfoFiles
from graphrepo.conda.limits import Limits
from graphrepo.errors import (
    ArchiveLimitError,
    InvalidArchiveError,
    InvalidMetadataError,
    MissingIndexError,
)
from tests.builders import Extension, bz2_file, conda_file, package, stored_zip, tar, zst
from tests.conda.reading import checked

INDEX = {"info/index.json": b"{}"}
EXTENSIONS: tuple[Extension, ...] = ("conda", "tar.bz2")
FORMAT = {"metadata.json": b'{"conda_pkg_format_version": 2}'}

Packer = Callable[[bytes], InfoFiles]


def info_of(data: bytes, extension: Extension = "conda", limits: Limits | None = None) -> InfoFiles:
    return read_info(io.BytesIO(data), extension, limits or Limits())


def read_conda_tar(archive: bytes) -> InfoFiles:
    return info_of(
        stored_zip({**FORMAT, "pkg-a.tar.zst": zst(tar({})), "info-a.tar.zst": zst(archive)})
    )


def read_bz2_tar(archive: bytes) -> InfoFiles:
    return info_of(bz2.compress(archive), "tar.bz2")


both_formats = pytest.mark.parametrize("read", [read_conda_tar, read_bz2_tar])


def tar_of(*members: tuple[str, bytes, bytes]) -> bytes:
    """Return a tar of (name, type, data); data is the target of a link."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind, data in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                member.linkname = data.decode()
            else:
                member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def plain(name: str, data: bytes = b"{}") -> tuple[str, bytes, bytes]:
    return name, tarfile.REGTYPE, data


@both_formats
def test_every_file_of_interest_is_read_as_it_is(read: Packer) -> None:
    names = ["index.json", "about.json", "run_exports.json", "link.json", "paths.json"]
    files = {f"info/{name}": name.encode() for name in [*names, "files", "has_prefix", "git"]}
    info = read(tar(files))
    assert info.index_json == b"index.json"
    assert info.about_json == b"about.json"
    assert info.run_exports_json == b"run_exports.json"
    assert info.link_json == b"link.json"
    assert info.paths_json == b"paths.json"
    assert info.files == b"files"
    assert info.has_prefix == b"has_prefix"


@both_formats
def test_only_index_json_is_required(read: Packer) -> None:
    info = read(tar(INDEX))
    assert info.about_json is info.paths_json is info.files is None
    with pytest.raises(MissingIndexError, match=r"no info/index\.json"):
        read(tar({"info/about.json": b"{}", "index.json": b"{}"}))


@both_formats
def test_members_may_begin_with_a_dot_and_stand_in_any_order(read: Packer) -> None:
    info = read(tar({"bin/a": b"", "./info/index.json": b"1", "lib/b": b"", "info/files": b"2"}))
    assert (info.index_json, info.files) == (b"1", b"2")


@both_formats
def test_members_of_no_interest_are_ignored(read: Packer) -> None:
    info = read(
        tar_of(
            ("info", tarfile.DIRTYPE, b""),
            ("info/recipe/link", tarfile.SYMTYPE, b"/etc/passwd"),
            ("info/recipe/hard", tarfile.LNKTYPE, b"info/index.json"),
            ("info/pipe", tarfile.FIFOTYPE, b""),
            plain("/etc/passwd"),
            plain("../../etc/passwd"),
            plain("info/recipe/info/index.json"),
            plain("information/index.json"),
            plain("info/index.json", b"1"),
        )
    )
    assert info.index_json == b"1"


@both_formats
@pytest.mark.parametrize(
    "name",
    [
        "/info/index.json",
        "//info/index.json",
        "info//index.json",
        "info/./index.json",
        "info/index.json/",
        "x/../info/index.json",
        "../info/index.json",
        "../../info/about.json",
        "info\\index.json",
        "INFO/index.json",
        "info/Paths.json",
    ],
)
def test_a_second_way_to_a_metadata_file_is_refused(read: Packer, name: str) -> None:
    # Whatever extractors make of such a name, it must not be another index.json than ours.
    with pytest.raises(InvalidArchiveError, match="not a plain file at its plain path"):
        read(tar_of(plain("info/index.json"), plain(name)))


@both_formats
@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE]
)
def test_metadata_that_is_no_regular_file_is_refused(read: Packer, kind: bytes) -> None:
    target = b"/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else b""
    with pytest.raises(InvalidArchiveError, match="not a plain file"):
        read(tar_of(("info/index.json", kind, target)))


@both_formats
def test_info_itself_must_be_a_directory(read: Packer) -> None:
    with pytest.raises(InvalidArchiveError, match="info is not a directory"):
        read(tar_of(("info", tarfile.SYMTYPE, b"share"), plain("info/index.json")))


@both_formats
@pytest.mark.parametrize("name", ["index.json", "paths.json", "run_exports.json", "files"])
def test_a_repeated_metadata_file_is_refused(read: Packer, name: str) -> None:
    twice = [plain(f"info/{name}", b"1"), plain("bin/a"), plain(f"./info/{name}", b"2")]
    with pytest.raises(InvalidArchiveError, match=f"two info/{name} members"):
        read(tar_of(plain("info/about.json"), *twice))


@both_formats
def test_a_shipped_repodata_record_is_refused(read: Packer) -> None:
    with pytest.raises(InvalidMetadataError, match="only installers write"):
        read(tar({**INDEX, "info/repodata_record.json": b"{}"}))


@both_formats
@pytest.mark.parametrize(
    ("name", "size"), [("index.json", 2**20), ("paths.json", 16 * 2**20), ("files", 8 * 2**20)]
)
def test_a_metadata_file_has_a_largest_size(read: Packer, name: str, size: int) -> None:
    path = f"info/{name}"
    assert read(tar({**INDEX, path: bytes(size)}))
    with pytest.raises(ArchiveLimitError, match=f"has {size + 1} bytes"):
        read(tar({**INDEX, path: bytes(size + 1)}))


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x1f\x8b" + bytes(40), tar(INDEX), b"BZh91AY&SY", b"PK\x03\x04"]
)
def test_a_file_that_is_no_archive_is_refused(data: bytes, extension: Extension) -> None:
    with pytest.raises(InvalidArchiveError):
        info_of(data, extension)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_an_archive_of_the_other_format_is_refused(extension: Extension) -> None:
    other = package("a", extension=EXTENSIONS[extension == "conda"])
    with pytest.raises(InvalidArchiveError, match="as its name says"):
        info_of(other.data, extension)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_git_lfs_pointer_is_recognised(extension: Extension) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    with pytest.raises(InvalidArchiveError, match="git lfs pull"):
        info_of(pointer, extension)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_truncated_package_is_refused_wherever_it_ends(extension: Extension) -> None:
    data = package("a", extension=extension).data
    for length in range(0, len(data) - 1, 7):
        with pytest.raises(InvalidArchiveError):
            info_of(data[:length], extension)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_package_with_one_changed_byte_is_read_or_refused(extension: Extension) -> None:
    data = package("a", extension=extension).data
    for position in range(0, len(data), 3):
        changed = data[:position] + bytes([data[position] ^ 0x55]) + data[position + 1 :]
        try:
            info_of(changed, extension)
        except (InvalidArchiveError, ArchiveLimitError, MissingIndexError, InvalidMetadataError):
            continue


# The outer zip of a .conda


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


# The search through a .tar.bz2

LARGE = {"lib/large": bytes(4000)}
NARROW = Limits(scan_bytes=4000, scan_ratio=1)


def test_metadata_is_found_far_behind_the_files_it_describes() -> None:
    late = bz2_file({**LARGE, **INDEX})
    assert info_of(late, "tar.bz2", Limits(scan_bytes=4000, scan_ratio=100)).index_json == b"{}"
    with pytest.raises(ArchiveLimitError, match="pack info/ first"):
        info_of(late, "tar.bz2", NARROW)


def test_the_search_ends_where_info_is_over_and_the_rest_is_large() -> None:
    early = bz2_file({**INDEX, **LARGE, "lib/more": bytes(10_000)})
    assert info_of(early, "tar.bz2", NARROW).index_json == b"{}"


def test_the_search_goes_on_while_that_is_cheap() -> None:
    data = bz2.compress(tar_of(plain("info/index.json"), plain("a"), plain("info/index.json")))
    with pytest.raises(InvalidArchiveError, match="two"):
        info_of(data, "tar.bz2")
    assert info_of(data, "tar.bz2", Limits(scan_bytes=1500)).index_json == b"{}"


def test_the_search_ends_before_the_members_are_too_many() -> None:
    files = {f"lib/{number}": b"" for number in range(50)}
    assert info_of(bz2_file({**INDEX, **files}), "tar.bz2", Limits(members=20)).index_json == b"{}"
    with pytest.raises(ArchiveLimitError, match="more than 20 members"):
        info_of(bz2_file({**files, **INDEX}), "tar.bz2", Limits(members=20))


def test_a_cut_is_noticed_where_the_search_ended_early() -> None:
    early = bz2_file({**INDEX, "lib/large": bytes(range(256)) * 400})
    assert info_of(early, "tar.bz2", NARROW)
    for missing in (1, 4, 10, 100):
        with pytest.raises(InvalidArchiveError, match="cut off"):
            info_of(early[:-missing], "tar.bz2", NARROW)


def test_a_package_of_several_bzip2_streams_is_read() -> None:
    archive = tar({**INDEX, "info/files": b"a"})
    data = bz2.compress(archive[:900]) + bz2.compress(archive[900:])
    assert info_of(data, "tar.bz2").files == b"a"


# conda's own packer


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_what_conda_packs_is_read(extension: Literal["conda", "tar.bz2"], tmp_path: Path) -> None:
    ours = package("demo", extension="conda", files={"bin/demo": b"#!", "share/x": b"1"})
    (tmp_path / ours.filename).write_bytes(ours.data)
    api.extract(str(tmp_path / ours.filename), str(tmp_path / "tree"))
    packed = f"demo-1.0-0.{extension}"
    (tmp_path / "out").mkdir()
    api.create(str(tmp_path / "tree"), None, packed, out_folder=str(tmp_path / "out"))
    info = info_of((tmp_path / "out" / packed).read_bytes(), extension)
    assert info.index_json == info_of(ours.data).index_json
    assert info.warnings == ()


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_conda_unpacks_what_we_build(extension: Extension, tmp_path: Path) -> None:
    built = package("demo", extension=extension, files={"bin/demo": b"#!"})
    (tmp_path / built.filename).write_bytes(built.data)
    api.extract(str(tmp_path / built.filename), str(tmp_path / "tree"))
    assert (tmp_path / "tree" / "bin" / "demo").read_bytes() == b"#!"
    assert (tmp_path / "tree" / "info" / "index.json").read_text() == checked(built).index_json


def test_a_disk_error_is_not_the_fault_of_the_package() -> None:
    class FailingDisk(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if size is not None and size > 1000:
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(OSError, match="Input/output"):
        read_info(FailingDisk(package("a", extension="tar.bz2").data), "tar.bz2", Limits())


def test_conda_file_of_the_builders_has_the_order_of_the_standard() -> None:
    with zipfile.ZipFile(io.BytesIO(conda_file("a", INDEX, {}))) as archive:
        assert archive.namelist() == ["metadata.json", "pkg-a.tar.zst", "info-a.tar.zst"]
