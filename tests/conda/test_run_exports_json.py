"""What a package adds to those built with it."""

import pytest

from graphrepo.conda.run_exports_json import normalised_run_exports, read_run_exports
from graphrepo.errors import InvalidMatchSpecError, InvalidMetadataError


def test_a_package_without_run_exports_exports_nothing() -> None:
    assert read_run_exports(None) == read_run_exports(b"{}") == read_run_exports(b"[]") == {}


def test_a_bare_list_means_weak() -> None:
    assert read_run_exports(b'["zlib >=1.3"]') == {"weak": ["zlib >=1.3"]}


def test_known_keys_are_kept_and_others_dropped() -> None:
    lists = {
        "weak": ["a"],
        "strong": ["b >1"],
        "noarch": ["c"],
        "weak_constrains": ["d"],
        "strong_constrains": ["e"],
    }
    others = {"schema_version": 2, "other": ["x"]}
    assert normalised_run_exports({**lists, **others}) == lists
    assert normalised_run_exports({"weak": [], "strong": None}) == {}


@pytest.mark.parametrize(
    "document", [b'"zlib"', b"null", b'{"weak": "zlib"}', b'{"weak": [1]}', b"["]
)
def test_malformed_run_exports_are_refused(document: bytes) -> None:
    with pytest.raises(InvalidMetadataError, match=r"info/run_exports\.json"):
        read_run_exports(document)


def test_a_run_export_must_be_a_spec() -> None:
    with pytest.raises(InvalidMatchSpecError):
        read_run_exports(b'["zlib >="]')
