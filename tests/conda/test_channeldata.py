"""channeldata.json: one entry per package name, folded from its files."""

import json
from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

import pytest

from graphrepo.conda.channeldata import (
    FEATURES,
    FileFacts,
    PackageFacts,
    channeldata,
    package_facts,
)
from graphrepo.conda.versions import sort_key


class Facts(TypedDict, total=False):
    """What a file may say beside its name and age."""

    features: Mapping[str, bool]
    run_exports: Mapping[str, object]
    about: Mapping[str, object]


def file(
    version: str = "1.0",
    timestamp: int | None = 1_000,
    subdir: str = "noarch",
    **facts: Unpack[Facts],
) -> FileFacts:
    filename = f"a-{version}-0.conda"
    return FileFacts(filename, subdir, version, sort_key(version), timestamp, **facts)


def entry(*files: FileFacts) -> dict[str, Any]:
    return json.loads(channeldata([package_facts("a", files)]))["packages"]["a"]


def test_an_empty_channel() -> None:
    assert channeldata([]) == b'{"channeldata_version":1,"packages":{},"subdirs":[]}'


def test_a_bare_package_has_every_required_field() -> None:
    assert entry(file(timestamp=None)) == {
        **dict.fromkeys(FEATURES, False),
        "run_exports": {},
        "subdirs": ["noarch"],
        "timestamp": 0,
        "version": "1.0",
    }


def test_the_version_is_the_highest_and_the_about_is_the_newest() -> None:
    old = file("2.0", 5_000, about={"summary": "old", "license": "MIT"})
    new = file("1.9", 9_000, about={"summary": "new", "home": "https://a.example"})
    found = entry(new, old)
    assert found["version"] == "2.0"
    assert found["summary"] == "new"
    assert found["home"] == "https://a.example"
    assert "license" not in found


def test_equal_versions_show_the_newest_spelling() -> None:
    assert entry(file("1.0", 1), file("1.0.0", 2))["version"] == "1.0.0"


def test_the_timestamp_is_in_seconds() -> None:
    assert entry(file("1", 1_700_000_000_999), file("2", 1_600_000_000_000))["timestamp"] == (
        1_700_000_000
    )


@pytest.mark.parametrize("feature", FEATURES)
def test_one_file_with_a_feature_is_enough(feature: str) -> None:
    found = entry(file("1", features={feature: False}), file("2", features={feature: True}))
    assert [name for name in FEATURES if found[name]] == [feature]


def test_run_exports_are_kept_per_version_of_its_newest_file() -> None:
    weak: dict[str, object] = {"weak": ["a >=1"]}
    strong: dict[str, object] = {"strong": ["a >=1"]}
    found = entry(
        file("1.0", 2_000, "win-64", run_exports=strong),
        file("1.0", 1_000, "linux-64", run_exports=weak),
        file("1.0", 3_000, "osx-64"),
        file("2.0", 3_000),
    )
    assert found["run_exports"] == {"1.0": strong}


def test_subdirs_are_sorted_and_all_there() -> None:
    packages = [package_facts("a", [file(subdir="win-64"), file(subdir="linux-64")])]
    document = json.loads(channeldata(packages, ["noarch"]))
    assert document["subdirs"] == ["linux-64", "noarch", "win-64"]
    assert document["packages"]["a"]["subdirs"] == ["linux-64", "win-64"]


def test_unknown_and_empty_about_fields_are_left_out() -> None:
    found = entry(file(about={"summary": "", "license": None, "recipe-maintainers": ["me"]}))
    assert not found.keys() & {"summary", "license", "recipe-maintainers"}


def test_source_urls_may_be_a_list() -> None:
    urls = ["https://a.example/1", "https://a.example/2"]
    assert entry(file(about={"source_url": urls}))["source_url"] == urls


def test_the_order_of_files_and_packages_does_not_matter() -> None:
    files = [file("1", 5, about={"summary": "x"}), file("2", 5, about={"summary": "y"})]
    first = package_facts("a", files)
    second = package_facts("a", reversed(files))
    other = PackageFacts("b", "1", 1, frozenset({"noarch"}))
    assert channeldata([first, other]) == channeldata([other, second])


def test_a_name_without_files_is_no_package() -> None:
    with pytest.raises(ValueError, match="empty"):
        package_facts("a", [])
