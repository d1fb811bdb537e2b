"""channeldata.json: one entry per package name, folded from its files."""

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack

import pytest

from graphrepo.conda.channeldata import (
    TRAITS,
    FileFacts,
    PackageFacts,
    channeldata,
    channeldata_entry,
    package_facts,
)
from graphrepo.conda.limits import Limits
from graphrepo.conda.package import CheckedPackage, read_package
from graphrepo.conda.versions import sort_key
from graphrepo.errors import InvalidNameError
from tests.conda.listings import reference


class Facts(TypedDict, total=False):
    """What a file may say beside its name and age."""

    traits: frozenset[str]
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


def document(packages: Iterable[PackageFacts], subdirs: Iterable[str] = ()) -> bytes:
    entries = [(facts.name, channeldata_entry(facts)) for facts in packages]
    return b"".join(channeldata(entries, subdirs))


def entry(*files: FileFacts) -> dict[str, Any]:
    return json.loads(document([package_facts("a", files)]))["packages"]["a"]


def test_an_empty_channel() -> None:
    assert document([]) == b'{"channeldata_version":1,"packages":{},"subdirs":["noarch"]}'


def test_a_bare_package_has_every_required_field() -> None:
    assert entry(file(timestamp=None)) == {
        **dict.fromkeys(TRAITS, False),
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


@pytest.mark.parametrize("trait", TRAITS)
def test_one_file_with_a_trait_is_enough(trait: str) -> None:
    found = entry(file("1"), file("2", traits=frozenset({trait})))
    assert [name for name in TRAITS if found[name]] == [trait]


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
    found = json.loads(document(packages, ["linux-64", "win-64"]))
    assert found["subdirs"] == ["linux-64", "noarch", "win-64"]
    assert found["packages"]["a"]["subdirs"] == ["linux-64", "win-64"]


def test_unknown_and_empty_about_fields_are_left_out() -> None:
    found = entry(file(about={"summary": "", "license": None, "recipe-maintainers": ["me"]}))
    assert not found.keys() & {"summary", "license", "recipe-maintainers"}


def test_source_urls_may_be_a_list() -> None:
    urls = ["https://a.example/1", "https://a.example/2"]
    assert entry(file(about={"source_url": urls}))["source_url"] == urls


def test_the_order_of_files_does_not_matter() -> None:
    files = [file("1", 5, about={"summary": "x"}), file("2", 5, about={"summary": "y"})]
    first = package_facts("a", files)
    second = package_facts("a", reversed(files))
    assert document([first]) == document([second])


def test_a_name_without_files_is_no_package() -> None:
    with pytest.raises(ValueError, match="empty"):
        package_facts("a", [])


def test_conda_index_says_the_same_of_real_packages() -> None:
    """Where it differs: it takes ``source_url`` from recipes and older files' words and times."""
    theirs = json.loads(
        reference("expected", "conda-index-0.13.0", "channeldata.json").read_bytes()
    )
    facts = real_packages()
    subdirs = {file.subdir for files in facts.values() for file in files}
    ours = json.loads(
        document((package_facts(name, facts[name]) for name in sorted(facts)), subdirs)
    )
    assert ours["subdirs"] == theirs["subdirs"]
    # One name is longer than CEP 26 allows, so no channel of ours can hold it.
    assert len(theirs["packages"].keys() - ours["packages"].keys()) == 1
    for name, found in ours["packages"].items():
        expected = theirs["packages"][name]
        for key in ("version", "subdirs", "run_exports"):
            assert found[key] == expected[key]
        assert {key for key in TRAITS if expected[key]} <= {key for key in TRAITS if found[key]}


def real_packages() -> dict[str, list[FileFacts]]:
    """Read the real files that conda-index listed, by package name."""
    names = listed_by_conda_index()
    facts: dict[str, list[FileFacts]] = defaultdict(list)
    for path in sorted(reference("packages").iterdir()):
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        checked = read_real(data, names[digest]) if digest in names else None
        if checked is not None:
            facts[checked.name].append(facts_of(checked))
    return facts


def read_real(data: bytes, filename: str) -> CheckedPackage | None:
    """Read a real file; none where its name is too long for CEP 26."""
    try:
        return read_package(
            io.BytesIO(data), filename, target_subdir=None, now_ms=2**41, limits=Limits()
        )
    except InvalidNameError:
        return None


def facts_of(checked: CheckedPackage) -> FileFacts:
    return FileFacts(
        checked.filename,
        checked.subdir,
        checked.version,
        checked.version_key,
        checked.timestamp,
        frozenset(name for name, present in checked.features.items() if present),
        json.loads(checked.run_exports_json or "{}"),
    )


def listed_by_conda_index() -> dict[str, str]:
    """Return the names of the files it listed, by SHA-256."""
    found: dict[str, str] = {}
    for path in reference("expected", "conda-index-0.13.0").glob("*/repodata.json"):
        document = json.loads(path.read_bytes())
        for section in ("packages", "packages.conda"):
            found |= {record["sha256"]: name for name, record in document[section].items()}
    return found
