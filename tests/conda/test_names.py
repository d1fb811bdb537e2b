"""Names, versions, builds, subdirs, channels and file names: CEP 26."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.names import (
    KNOWN_SUBDIRS,
    RESERVED_CHANNELS,
    Filename,
    check_build,
    check_channel_name,
    check_name,
    check_subdir,
    check_version,
    is_subdir,
    parse_filename,
    quoted,
)
from graphrepo.errors import (
    InvalidBuildError,
    InvalidChannelNameError,
    InvalidFilenameError,
    InvalidNameError,
    InvalidSubdirError,
    InvalidVersionError,
    UnsupportedFormatError,
)

NAMES = ["a", "0", "zlib", "_libgcc_mutex", "r-base", "ruamel.yaml", "x_y-z.w", "a" * 64]
NOT_NAMES = [
    *("", "_", "-a", ".a", "a-", "a.", "a_", "a--b", "a-_b", "__glibc", "_-a", "Zlib", "a b"),
    *("é", "a\n", "a/b", "a" * 65),
]
SUBDIRS = ["noarch", "linux-64", "linux-fake", "zos-z", "emscripten-wasm32", "a" * 29 + "-64"]
NOT_SUBDIRS = ["", "linux", "linux_64", "Linux-64", "linux-64-v2", "-64", "a" * 30 + "-64", "../x"]


@pytest.mark.parametrize("name", NAMES)
def test_a_legal_package_name_is_returned(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", NOT_NAMES)
def test_an_illegal_package_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidNameError, match="rename the package"):
        check_name(name)


@pytest.mark.parametrize("version", ["1", "1!2.0_a+local", "v" * 64])
def test_a_legal_version_is_returned(version: str) -> None:
    assert check_version(version) == version


@pytest.mark.parametrize("version", ["", "1-2", "R15B01", "1.0 ", "1" * 65])
def test_an_illegal_version_is_refused(version: str) -> None:
    with pytest.raises(InvalidVersionError):
        check_version(version)


@pytest.mark.parametrize("build", ["0", "py36_0", "H_1.2+x", "b" * 64])
def test_a_legal_build_string_is_returned(build: str) -> None:
    assert check_build(build) == build


@pytest.mark.parametrize("build", ["", "py36-0", "py36_0!", "0\x00", "b" * 65])
def test_an_illegal_build_string_is_refused(build: str) -> None:
    with pytest.raises(InvalidBuildError):
        check_build(build)


@pytest.mark.parametrize("subdir", SUBDIRS)
def test_subdirs_are_an_open_set(subdir: str) -> None:
    assert is_subdir(subdir)
    assert check_subdir(subdir) == subdir


@pytest.mark.parametrize("subdir", NOT_SUBDIRS)
def test_an_illegal_subdir_is_refused(subdir: str) -> None:
    assert not is_subdir(subdir)
    with pytest.raises(InvalidSubdirError):
        check_subdir(subdir)


def test_the_known_subdirs_are_legal_and_complete() -> None:
    assert all(map(is_subdir, KNOWN_SUBDIRS))
    assert len(KNOWN_SUBDIRS) == 21
    assert {"noarch", "linux-aarch64", "osx-arm64", "win-64"} <= KNOWN_SUBDIRS


@pytest.mark.parametrize("name", ["conda-forge", "main", "_private", "a.b", "2024", "x" * 128])
def test_a_legal_channel_name_is_returned(name: str) -> None:
    assert check_channel_name(name) == name


@pytest.mark.parametrize("name", ["", "Main", "-a", ".hidden", "a/b", "a b", "é", "x" * 129])
def test_an_illegal_channel_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidChannelNameError, match="must be"):
        check_channel_name(name)


@pytest.mark.parametrize("name", sorted(RESERVED_CHANNELS | KNOWN_SUBDIRS))
def test_a_reserved_channel_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidChannelNameError, match="reserved"):
        check_channel_name(name)


def test_a_file_name_is_split_from_the_right() -> None:
    parsed = parse_filename("r-my-lib-1!2.0-h1_3.tar.bz2")
    assert parsed == Filename("r-my-lib", "1!2.0", "h1_3", "tar.bz2")
    assert parsed.stem == "r-my-lib-1!2.0-h1_3"
    assert str(parsed) == "r-my-lib-1!2.0-h1_3.tar.bz2"


@pytest.mark.parametrize("filename", ["a-1-0.zip", "a-1-0", "a-1-0.conda.part", "conda", ""])
def test_a_file_name_of_another_format_is_refused(filename: str) -> None:
    with pytest.raises(UnsupportedFormatError, match=r"neither \.conda nor \.tar\.bz2"):
        parse_filename(filename)


@pytest.mark.parametrize("filename", ["a-1.conda", "a.tar.bz2", ".conda", "a" * 300 + "-1-0.conda"])
def test_a_file_name_without_three_parts_or_too_long_is_refused(filename: str) -> None:
    with pytest.raises(InvalidFilenameError):
        parse_filename(filename)


@pytest.mark.parametrize(
    ("filename", "error"),
    [
        ("A-1-0.conda", InvalidNameError),
        ("../etc/a-1-0.conda", InvalidNameError),
        ("a-1:2-0.conda", InvalidVersionError),
        ("a-1-0 (1).conda", InvalidBuildError),
    ],
)
def test_a_file_name_with_a_bad_part_names_the_part(filename: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_filename(filename)


@given(
    st.from_regex(r"[a-z]{1,9}(-[a-z]{1,9})?", fullmatch=True),
    st.from_regex(r"[0-9.]{1,9}", fullmatch=True),
    st.text(string.ascii_letters + string.digits + "_.+", min_size=1, max_size=64),
    st.sampled_from(["conda", "tar.bz2"]),
)
def test_a_file_name_survives_the_round_trip(
    name: str, version: str, build: str, extension: str
) -> None:
    parsed = Filename(name, version, build, extension)
    assert parse_filename(str(parsed)) == parsed


@given(st.text())
def test_a_quoted_text_is_short_and_printable(text: str) -> None:
    assert quoted(text).isprintable()
    assert len(quoted(text)) <= 80 * len(r"\U0010ffff") + 2


def test_a_quoted_text_reads_as_written_where_it_can() -> None:
    assert quoted("zlib") == "'zlib'"
    assert quoted("a\nb") == r"'a\nb'"
    assert quoted("x" * 100) == "'" + "x" * 79 + "…'"
