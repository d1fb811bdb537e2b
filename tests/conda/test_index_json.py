"""index.json: every check of the channel contract, and the record that follows."""

from typing import Any

import pytest

from graphrepo.errors import (
    FilenameMismatchError,
    InvalidBuildError,
    InvalidMatchSpecError,
    InvalidMetadataError,
    InvalidNameError,
    InvalidPackageError,
    InvalidSubdirError,
    InvalidTimestampError,
    InvalidVersionError,
    SubdirMismatchError,
)
from tests.builders import TIMESTAMP, package
from tests.conda.reading import NOW_MS, checked, read, record

OLD = {"subdir": None, "noarch": None}


INDEX = {
    "arch": "x86_64",
    "platform": "linux",
    "has_prefix": False,
    "app_type": "web",
    "license": "MIT",
    "license_family": "MIT",
    "purls": ["pkg:pypi/demo@1.0"],
    "features": "mkl",
    "track_features": ["a", "b"],
    "python_site_packages_path": "lib/python3.13t/site-packages",
    "schema_version": 2,
}


def test_a_record_has_the_keys_of_the_contract_and_no_others() -> None:
    built = package(
        "demo",
        "1.0",
        build="py_3",
        depends=["python >=3.8"],
        constrains=["old <1"],
        index=INDEX,
    )
    package_read = checked(built)
    assert package_read.record == {
        "build": "py_3",
        "build_number": 3,
        "constrains": ["old <1"],
        "depends": ["python >=3.8"],
        "features": "mkl",
        "license": "MIT",
        "license_family": "MIT",
        "name": "demo",
        "noarch": "generic",
        "purls": ["pkg:pypi/demo@1.0"],
        "python_site_packages_path": "lib/python3.13t/site-packages",
        "subdir": "noarch",
        "timestamp": TIMESTAMP,
        "track_features": "a b",
        "version": "1.0",
    }
    assert not package_read.is_v3
    assert package_read.warnings == ()


def test_optional_keys_that_say_nothing_are_left_out() -> None:
    nothing: dict[str, object] = {
        "constrains": [],
        "license": "",
        "features": "",
        "track_features": [],
        "purls": [],
    }
    plain = {"build", "build_number", "depends", "name", "noarch", "subdir", "timestamp", "version"}
    assert record(**nothing).keys() == plain
    assert record(depends=None)["depends"] == []


@pytest.mark.parametrize(
    ("index", "error"),
    [
        ({"name": None}, InvalidMetadataError),
        ({"version": 1.0}, InvalidMetadataError),
        ({"build": 0}, InvalidMetadataError),
        ({"name": "Demo"}, InvalidNameError),
        ({"version": "1-0"}, InvalidVersionError),
        ({"build": "0!"}, InvalidBuildError),
        ({"name": "other"}, FilenameMismatchError),
        ({"version": "1.0.0"}, FilenameMismatchError),
        ({"build": "1"}, FilenameMismatchError),
        ({"build_number": "0"}, InvalidBuildError),
        ({"build_number": -1}, InvalidBuildError),
        ({"build_number": True}, InvalidBuildError),
        ({"build_number": 2**63}, InvalidBuildError),
        ({"depends": "python"}, InvalidMetadataError),
        ({"depends": ["python", 3]}, InvalidMetadataError),
        ({"depends": {"python": 3}}, InvalidMetadataError),
        ({"depends": ["python >="]}, InvalidMatchSpecError),
        ({"constrains": ["*"]}, InvalidMatchSpecError),
        ({"depends": ["a"] * 10_001}, InvalidMetadataError),
        ({"subdir": "Linux-64"}, InvalidSubdirError),
        ({"subdir": 64}, InvalidMetadataError),
        ({"noarch": "r"}, InvalidMetadataError),
        ({"noarch": 1}, InvalidMetadataError),
        ({"license": ["MIT"]}, InvalidMetadataError),
        ({"features": {"mkl": True}}, InvalidMetadataError),
        ({"track_features": [1]}, InvalidMetadataError),
        ({"purls": "pkg:pypi/demo"}, InvalidMetadataError),
        ({"timestamp": "yesterday"}, InvalidTimestampError),
        ({"timestamp": True}, InvalidTimestampError),
        ({"timestamp": -1}, InvalidTimestampError),
        ({"timestamp": NOW_MS + 5 * 60 * 1000 + 1}, InvalidTimestampError),
        ({"timestamp": 1e300}, InvalidTimestampError),
        ({"schema_version": "3"}, InvalidMetadataError),
        ({"repodata_revision": 3.0}, InvalidMetadataError),
        ({"extra_depends": ["a"]}, InvalidMetadataError),
        ({"extra_depends": {"Test": ["a"]}}, InvalidMetadataError),
        ({"extra_depends": {"test": "a"}}, InvalidMetadataError),
        ({"extra_depends": {"test": ["a >="]}}, InvalidMatchSpecError),
        ({"flags": "cuda"}, InvalidMetadataError),
        ({"flags": ["CUDA"]}, InvalidMetadataError),
        ({"flags": ["a:b:c"]}, InvalidMetadataError),
        ({"schema_version": 3, "depends": ["conda-forge::a"]}, InvalidMatchSpecError),
    ],
)
def test_each_fault_has_its_own_error(
    index: dict[str, Any], error: type[InvalidPackageError]
) -> None:
    with pytest.raises(error) as caught:
        record(**index)
    assert type(caught.value) is error
    assert caught.value.message.endswith(".")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("document", [b"[]", b'"x"', b"null", b"", b'{"name": "a", "name": "a"}'])
def test_index_json_must_be_an_object_that_readers_agree_on(document: bytes) -> None:
    with pytest.raises(InvalidMetadataError):
        read(info_files={"index.json": document})


@pytest.mark.parametrize(
    ("build", "number"), [("py_3", 3), ("py36h1_1001", 1001), ("7", 7), ("h1a", 0), ("cpython", 0)]
)
def test_a_missing_build_number_is_taken_from_the_build(build: str, number: int) -> None:
    result = read(build=build, index={"build_number": None})
    assert result.build_number == number
    assert result.warnings == ("info/index.json has no build_number",)


@pytest.mark.parametrize(
    ("shipped", "kept"),
    [("python", "python"), ("generic", "generic"), (True, "generic"), (False, None), (None, None)],
)
def test_noarch_is_python_or_generic(shipped: object, kept: str | None) -> None:
    result = read(index={"noarch": shipped})
    assert result.noarch == kept
    assert result.record.get("noarch") == kept


def test_noarch_python_may_stand_in_a_platform_subdir() -> None:
    result = read(subdir="linux-64", index={"noarch": "python"})
    assert (result.subdir, result.noarch) == ("linux-64", "python")


@pytest.mark.parametrize(
    ("shipped", "kept"),
    [
        (1_613_117_294, 1_613_117_294_000),
        (1_613_117_294.5, 1_613_117_294_500),
        (1_613_117_294_123, 1_613_117_294_123),
        (1_613_117_294_123.9, 1_613_117_294_123),
        (NOW_MS + 5 * 60 * 1000, NOW_MS + 5 * 60 * 1000),
        (0, 0),
        (None, None),
    ],
)
def test_a_timestamp_becomes_whole_milliseconds(shipped: float | None, kept: int | None) -> None:
    result = read(index={"timestamp": shipped})
    assert result.timestamp == kept
    assert result.record.get("timestamp") == kept


@pytest.mark.parametrize(
    ("platform", "arch", "subdir"),
    [
        ("linux", "x86_64", "linux-64"),
        ("osx", "x86", "osx-32"),
        ("linux", "aarch64", "linux-aarch64"),
        ("win", "arm64", "win-arm64"),
    ],
)
def test_a_very_old_package_implies_its_subdir(platform: str, arch: str, subdir: str) -> None:
    assert record(**OLD, platform=platform, arch=arch)["subdir"] == subdir


@pytest.mark.parametrize("index", [OLD, {**OLD, "arch": "x86_64"}, {**OLD, "platform": "linux"}])
def test_a_package_without_any_subdir_takes_that_of_the_upload(index: dict[str, Any]) -> None:
    built = package("demo", index=index)
    assert checked(built, "linux-64").subdir == "linux-64"
    with pytest.raises(InvalidSubdirError, match="does not say which subdir"):
        checked(built)


def test_a_package_is_not_taken_into_another_subdir() -> None:
    built = package("demo", subdir="linux-64")
    assert checked(built, "linux-64").subdir == "linux-64"
    with pytest.raises(SubdirMismatchError, match="for the subdir linux-64 and was sent to noarch"):
        checked(built, "noarch")
    with pytest.raises(InvalidSubdirError):
        checked(built, "LINUX-64")


def test_an_illegal_subdir_is_not_repeated_as_if_it_were_one() -> None:
    with pytest.raises(InvalidSubdirError):
        checked(package("demo", index={"subdir": "../etc"}), "linux-64")


@pytest.mark.parametrize(
    "path",
    ["/usr/lib", "\\lib", "C:\\lib", "c:lib", "..", "lib/../../etc", "lib\\..\\..\\etc"],
)
def test_site_packages_stay_inside_the_environment(path: str) -> None:
    with pytest.raises(InvalidMetadataError, match="stay inside the environment"):
        record(python_site_packages_path=path)


@pytest.mark.parametrize(
    "index",
    [
        {"schema_version": 3},
        {"repodata_revision": 4},
        {"extra_depends": {"test": []}},
        {"flags": ["cuda:12"]},
        {"depends": ["a[when='python >3']"]},
        {"constrains": ["a[extras=[b]]"]},
        {"depends": ["a[flags=[cuda]]"]},
    ],
)
def test_what_only_v3_clients_understand_is_v3(index: dict[str, Any]) -> None:
    result = read(index=index)
    assert result.is_v3
    assert result.record["fn"] == "demo-1.0-0.conda"


@pytest.mark.parametrize(
    "index",
    [
        {"schema_version": 2},
        {"repodata_revision": 0},
        {"extra_depends": {}, "flags": []},
        {"depends": ["a[version='>1',build=b]"]},
    ],
)
def test_everything_else_stays_legacy(index: dict[str, Any]) -> None:
    result = read(index=index)
    assert not result.is_v3
    assert "fn" not in result.record


def test_v3_records_hold_specs_in_brackets_and_legacy_records_verbatim() -> None:
    specs = ["python >=3.8", "numpy 1.2*", "pip"]
    assert record(depends=specs, constrains=specs)["depends"] == specs
    v3 = record(
        depends=specs, constrains=specs, flags=["gpu"], extra_depends={"test": ["pytest >8"]}
    )
    brackets = ['python[version=">=3.8"]', 'numpy[version="1.2.*"]', "pip"]
    assert v3["depends"] == v3["constrains"] == brackets
    assert v3["flags"] == ["gpu"]
    assert v3["extra_depends"] == {"test": ['pytest[version=">8"]']}
