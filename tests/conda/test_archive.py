"""Finding metadata in both formats, and what makes an archive unfit."""

import tarfile
from pathlib import Path
from typing import Literal

import pytest
from conda_package_handling import api

from graphrepo.errors import (
    ArchiveLimitError,
    InvalidArchiveError,
    InvalidMetadataError,
    MissingIndexError,
)
from tests.builders import Extension, package, tar
from tests.conda.archives import (
    EXTENSIONS,
    INDEX,
    Packer,
    info_of,
    plain,
    read_bz2_tar,
    read_conda_tar,
    tar_of,
)
from tests.conda.reading import checked

both_formats = pytest.mark.parametrize("read", [read_conda_tar, read_bz2_tar])


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
