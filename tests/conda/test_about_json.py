"""The words about a package."""

import pytest

from graphrepo.conda.about_json import About, read_about
from graphrepo.errors import InvalidMetadataError
from tests.builders import as_json


def test_a_package_without_about_json_says_nothing() -> None:
    assert read_about(None) == read_about(b"{}") == About()


def test_the_known_words_are_kept() -> None:
    about = {
        "summary": " A library ",
        "description": "Long.",
        "license": "MIT",
        "license_family": "MIT",
        "home": "https://example.org",
        "dev_url": ["https://example.org/dev", "https://example.org/other"],
        "doc_url": "http://example.org/doc",
        "source_url": "HTTPS://example.org/src",
        "extra": {"recipe-maintainers": ["a"]},
    }
    assert read_about(as_json(about)) == About(
        summary="A library",
        description="Long.",
        license="MIT",
        license_family="MIT",
        urls={
            "home": "https://example.org",
            "dev_url": "https://example.org/dev",
            "doc_url": "http://example.org/doc",
            "source_url": "HTTPS://example.org/src",
        },
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.org", "", "//x", 3, []])
def test_only_a_web_address_becomes_a_link(url: object) -> None:
    assert read_about(as_json({"home": url})).urls == {}


@pytest.mark.parametrize("value", [None, "", "  ", 3, {"en": "A"}, [], [3]])
def test_a_value_of_an_unusual_type_counts_as_absent(value: object) -> None:
    assert read_about(as_json({"summary": value})).summary is None


@pytest.mark.parametrize("document", [b"", b"[]", b"{'a': 1}", b'{"summary": NaN}'])
def test_a_malformed_about_json_is_refused(document: bytes) -> None:
    with pytest.raises(InvalidMetadataError, match=r"info/about\.json"):
        read_about(document)
