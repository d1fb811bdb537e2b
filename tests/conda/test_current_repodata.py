"""current_repodata.json: the newest versions and what they need."""

import json
from typing import Any

from graphrepo.conda.current_repodata import current
from tests.conda.listings import Listed, reference


def file(stem: str, *depends: str, extension: str = "conda") -> Listed:
    return Listed(f"{stem}.{extension}", more={"depends": list(depends)})


def kept(*files: Listed, **pins: list[str]) -> set[str]:
    names = current([(item.filename, json.loads(item.json)) for item in files], pins)
    return {name.removesuffix(".conda") for name in names}


def test_an_empty_subdir_keeps_nothing() -> None:
    assert current([]) == frozenset()


def test_only_the_newest_version_stays_with_all_its_builds() -> None:
    files = [file("a-1.9-0"), file("a-1.10-0"), file("a-1.10-1"), file("b-1-0")]
    assert kept(*files) == {"a-1.10-0", "a-1.10-1", "b-1-0"}


def test_equal_versions_and_twins_stay_together() -> None:
    files = [file("a-1.0-0"), file("a-1.0.0-1"), file("a-1.0-0", extension="tar.bz2")]
    assert kept(*files) == {"a-1.0-0", "a-1.0.0-1", "a-1.0-0.tar.bz2"}


def test_an_older_version_stays_where_something_needs_it() -> None:
    files = [file("app-1-0", "lib <2"), file("lib-1.0-0"), file("lib-1.5-0"), file("lib-2.0-0")]
    assert kept(*files) == {"app-1-0", "lib-1.5-0", "lib-2.0-0"}


def test_a_dependency_that_is_met_adds_nothing() -> None:
    files = [file("app-1-0", "lib >=1"), file("lib-1.0-0"), file("lib-2.0-0")]
    assert kept(*files) == {"app-1-0", "lib-2.0-0"}


def test_builds_are_looked_at() -> None:
    files = [file("app-1-0", "lib * mkl_*"), file("lib-1-mkl_0"), file("lib-2-openblas_0")]
    assert kept(*files) == {"app-1-0", "lib-1-mkl_0", "lib-2-openblas_0"}


def test_what_is_added_brings_its_own_needs() -> None:
    files = [
        file("app-1-0", "lib <2"),
        file("lib-1-0", "base <2"),
        file("lib-2-0", "base"),
        file("base-1-0", "lib <2"),
        file("base-2-0"),
    ]
    assert kept(*files) == {"app-1-0", "lib-1-0", "lib-2-0", "base-1-0", "base-2-0"}


def test_what_nobody_here_can_meet_is_passed_over() -> None:
    files = [file("a-1-0", "python >=3", "__unix", "b >=9", "not a ><spec", "*"), file("b-1-0")]
    assert kept(*files) == {"a-1-0", "b-1-0"}


def test_pinned_versions_stay() -> None:
    files = [file("python-2.7.18-0"), file("python-3.9.1-0"), file("python-3.13.0-0")]
    assert kept(*files, python=["2.7.*", "9.*"]) == {"python-2.7.18-0", "python-3.13.0-0"}


def test_every_dependency_of_a_real_index_that_can_be_met_is_met() -> None:
    place = reference("expected", "conda-index-0.13.0", "noarch", "repodata.json")
    theirs = json.loads(place.read_bytes())
    records: list[tuple[str, dict[str, Any]]] = [
        *theirs["packages"].items(),
        *theirs["packages.conda"].items(),
    ]
    chosen = current(records)
    assert {record["name"] for filename, record in records if filename in chosen} == {
        record["name"] for _, record in records
    }
    again = current([entry for entry in records if entry[0] in chosen])
    assert again == chosen
