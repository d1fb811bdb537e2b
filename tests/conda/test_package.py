"""A package as a whole."""

import json

import pytest

from graphrepo.conda.versions import sort_key
from graphrepo.errors import (
    FilenameMismatchError,
    InvalidFilenameError,
    InvalidMetadataError,
    InvalidVersionError,
    UnsupportedFormatError,
)
from tests.builders import TIMESTAMP, Built, Extension, conda_file, info_files, package
from tests.conda.reading import checked, read

EXTENSIONS: tuple[Extension, ...] = ("conda", "tar.bz2")


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_everything_that_the_server_keeps_is_read(extension: Extension) -> None:
    built = package(
        "zlib",
        "1.3.1",
        build="h1_2",
        subdir="linux-64",
        extension=extension,
        depends=["libc"],
        files={"lib/libz.so": b"elf", "etc/conda/activate.d/z.sh": b"true"},
        about={"summary": "Compression", "license": "Zlib", "home": "https://zlib.net"},
        run_exports=["zlib >=1.3"],
    )
    read_back = checked(built)
    assert read_back.filename == f"zlib-1.3.1-h1_2.{extension}"
    assert (read_back.name, read_back.version, read_back.build) == ("zlib", "1.3.1", "h1_2")
    assert (read_back.extension, read_back.subdir, read_back.noarch) == (
        extension,
        "linux-64",
        None,
    )
    assert (read_back.build_number, read_back.timestamp) == (2, TIMESTAMP)
    assert read_back.version_key == sort_key("1.3.1")
    assert json.loads(read_back.index_json) == built.index
    assert json.loads(read_back.about_json or "")["summary"] == read_back.summary == "Compression"
    assert read_back.description is None
    assert read_back.urls == {"home": "https://zlib.net"}
    assert read_back.run_exports_json == '{"weak":["zlib >=1.3"]}'
    assert read_back.paths == ("etc/conda/activate.d/z.sh", "lib/libz.so")
    assert read_back.features["activate.d"]
    assert read_back.record["depends"] == ["libc"]
    assert read_back.warnings == ()


def test_the_licence_of_the_index_wins_over_that_of_the_words() -> None:
    words = {"license": "GPL", "license_family": "GPL"}
    assert read(about=words).license == read(about=words).license_family == "GPL"
    assert "license" not in read(about=words).record
    both = read(about=words, index={"license": "MIT", "license_family": "MIT"})
    assert both.license == both.license_family == "MIT"


def test_a_package_may_lack_every_optional_file() -> None:
    bare = read(info_files={"about.json": None, "paths.json": None, "files": None})
    assert (bare.about_json, bare.run_exports_json, bare.summary) == (None, None, None)
    assert bare.paths == ()
    assert bare.warnings == ("info/paths.json is missing",)


def test_an_old_empty_link_json_does_no_harm() -> None:
    assert read(info_files={"link.json": b""}).warnings == ()


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_renamed_package_is_refused_with_its_true_name(extension: Extension) -> None:
    renamed = f"demo-1.0-0_copy.{extension}"
    with pytest.raises(
        FilenameMismatchError, match=rf"upload the file as demo-1\.0-0\.{extension}"
    ):
        read(extension=extension, filename=renamed)


def test_inner_archives_of_another_name_are_refused() -> None:
    # conda's extractor would not find them.
    built = package("demo")
    info = info_files(built.index, {}, {})
    odd = Built(built.filename, conda_file("other-1.0-0", info, {}), built.index)
    with pytest.raises(FilenameMismatchError, match="inside the file are named after"):
        checked(odd)


def test_a_version_must_have_an_order() -> None:
    with pytest.raises(InvalidVersionError, match=r"'1\.\.0' is not of the form"):
        checked(package("demo", "1..0"))


def test_the_file_name_is_looked_at_first() -> None:
    with pytest.raises(UnsupportedFormatError):
        read(filename="demo-1.0-0.zip")
    with pytest.raises(InvalidFilenameError):
        read(filename="demo.conda")


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_shipped_repodata_record_is_refused(extension: Extension) -> None:
    with pytest.raises(InvalidMetadataError, match=r"info/repodata_record\.json"):
        read(extension=extension, info_files={"repodata_record.json": b"{}"})
