"""The name of the package that a dependency asks for."""

import pytest

from graphrepo.conda.dependencies import needed_name

NAMES = {
    "zlib": "zlib",
    " zlib 1.2.* h1_0": "zlib",
    "zlib>=1.2,<2": "zlib",
    "zlib[version='>=1.2']": "zlib",
    "Python[version='>=3']": "python",
    "_libgcc_mutex 0.1": "_libgcc_mutex",
    "backports.zoneinfo!=1": "backports.zoneinfo",
    "somewhere::else 1.0": "else",
    "somewhere/linux-64::else[build=b]": "else",
    "somewhere:space:zlib 1.2": "zlib",
}
"""Specs as packages carry them, and what they name."""


@pytest.mark.parametrize(("spec", "name"), NAMES.items())
def test_a_spec_names_a_package(spec: str, name: str) -> None:
    assert needed_name(spec) == name
