"""What a package installs: paths.json, and the lists that came before it."""

from collections.abc import Mapping

import pytest

from graphrepo.conda.info_files import InfoFiles
from graphrepo.conda.limits import Limits
from graphrepo.conda.paths import Paths, read_paths
from graphrepo.errors import ArchiveLimitError, InvalidMetadataError
from tests.builders import as_json

NO_FEATURES = {
    "activate.d": False,
    "deactivate.d": False,
    "binary_prefix": False,
    "text_prefix": False,
    "pre_link": False,
    "post_link": False,
    "pre_unlink": False,
}


def from_paths_json(*entries: Mapping[str, object]) -> Paths:
    document = as_json({"paths": list(entries), "paths_version": 1})
    return read_paths(InfoFiles(b"", paths_json=document), Limits())


def from_lists(files: bytes, has_prefix: bytes | None = None) -> Paths:
    return read_paths(InfoFiles(b"", files=files, has_prefix=has_prefix), Limits())


def test_paths_come_from_paths_json() -> None:
    paths = from_paths_json({"_path": "bin/a", "path_type": "hardlink"}, {"_path": "share/é"})
    assert paths == Paths(("bin/a", "share/é"), NO_FEATURES)


def sized(size: object, kind: str = "hardlink") -> dict[str, object]:
    return {"_path": "a", "path_type": kind, "size_in_bytes": size}


def test_files_add_up_to_the_installed_size_and_links_to_nothing() -> None:
    assert from_paths_json(sized(3), sized(4), sized(4, "softlink")).installed_size == 7
    assert from_paths_json(sized(3), {"_path": "b", "path_type": "directory"}).installed_size == 3
    assert from_paths_json().installed_size == 0


@pytest.mark.parametrize("size", [None, "3", 1.5, True, -1, 2**53 + 1, 10**30, [3]])
def test_the_installed_size_is_unknown_where_a_file_has_no_true_size(size: object) -> None:
    assert from_paths_json(sized(3), sized(size)).installed_size is None
    assert from_lists(b"a").installed_size is None


@pytest.mark.parametrize(
    ("path", "feature"),
    [
        ("etc/conda/activate.d/a.sh", "activate.d"),
        ("etc/conda/deactivate.d/a.sh", "deactivate.d"),
        ("bin/.a-pre-link.sh", "pre_link"),
        ("bin/.a-post-link.sh", "post_link"),
        ("Scripts/.a-pre-unlink.bat", "pre_unlink"),
    ],
)
def test_a_path_may_be_a_feature(path: str, feature: str) -> None:
    assert from_paths_json({"_path": path}).features == NO_FEATURES | {feature: True}
    assert from_lists(path.encode()).features == NO_FEATURES | {feature: True}


def test_a_prefix_placeholder_is_a_feature_by_its_mode() -> None:
    binary = {"_path": "a", "prefix_placeholder": "/opt", "file_mode": "binary"}
    text = {"_path": "b", "prefix_placeholder": "/opt"}
    without = {"_path": "c", "file_mode": "binary"}
    assert from_paths_json(binary).features == NO_FEATURES | {"binary_prefix": True}
    assert from_paths_json(text).features == NO_FEATURES | {"text_prefix": True}
    assert from_paths_json(without).features == NO_FEATURES


def test_old_packages_list_their_files_line_by_line() -> None:
    paths = from_lists(b"bin/a\r\nlib/b c\n\nshare/\xff\n")
    assert paths.paths == ("bin/a", "lib/b c", "share/\ufffd")
    assert paths.warnings == ("info/paths.json is missing",)


def test_old_packages_list_their_prefixes_line_by_line() -> None:
    assert from_lists(b"", b"bin/a\n").features["text_prefix"]
    both = from_lists(b"", b"/opt/x binary lib/b.so\n/opt/x text bin/a\n").features
    assert both["binary_prefix"]
    assert both["text_prefix"]


def test_paths_json_wins_over_the_lists() -> None:
    info = InfoFiles(b"", paths_json=b'{"paths": []}', files=b"a\n", has_prefix=b"a\n")
    assert read_paths(info, Limits()) == Paths((), NO_FEATURES, installed_size=0)


def test_a_package_may_list_nothing() -> None:
    assert read_paths(InfoFiles(b""), Limits()).paths == ()


@pytest.mark.parametrize(
    "document",
    [
        *(b"", b"[]", b"{}", b'{"paths": {}}', b'{"paths": [{}]}', b'{"paths": [{"_path": 1}]}'),
        *(b'{"paths": [{"_path": "\xff"}]}', b'{"x": ' + b"[" * 100_000),
    ],
)
def test_a_malformed_paths_json_is_refused(document: bytes) -> None:
    with pytest.raises(InvalidMetadataError, match="CEP 34"):
        read_paths(InfoFiles(b"", paths_json=document), Limits())


@pytest.mark.parametrize(
    "info",
    [
        InfoFiles(b"", paths_json=b'{"paths": [{"_path": "a"}, {"_path": "b"}, {"_path": "c"}]}'),
        InfoFiles(b"", files=b"a\nb\nc\nd\n"),
        InfoFiles(b"", has_prefix=b"\n\n\n\n"),
    ],
)
def test_too_many_paths_are_refused_before_they_are_read(info: InfoFiles) -> None:
    with pytest.raises(ArchiveLimitError, match="more than 3 files"):
        read_paths(info, Limits(paths=3))
