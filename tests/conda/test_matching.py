"""A spec selects exactly the files that it describes, or is refused."""

import pytest

from graphrepo.conda.matching import FileMatcher, Identity
from graphrepo.errors import InvalidMatchSpecError

ZLIB = Identity("zlib", "1.3.1", "h1_2", 2, "linux-64", "0" * 32, "a" * 64)


@pytest.mark.parametrize(
    ("spec", "selected"),
    [
        ("zlib", True),
        ("ZLIB", True),
        ("zlib >=1.3,<2", True),
        ("zlib 1.3.*", True),
        ("zlib <1.3", False),
        ("zlib=1.3.1=h1_2", True),
        ("zlib 1.3.1 h2*", False),
        ("zlib[build_number='>=2']", True),
        ("zlib[build_number='>2']", False),
        ("zlib[subdir=linux-64]", True),
        ("zlib[subdir=noarch]", False),
        (f"zlib[md5={'0' * 32}]", True),
        (f"zlib[md5={'1' * 32}]", False),
        (f"zlib[sha256={'a' * 64}]", True),
        (f"zlib[sha256={'b' * 64}]", False),
        ("curl", False),
    ],
)
def test_a_spec_selects_what_it_describes(spec: str, *, selected: bool) -> None:
    assert FileMatcher.of(spec).matches(ZLIB) is selected


def test_the_name_is_known_before_any_file() -> None:
    assert FileMatcher.of("ZLib >=1").name == "zlib"


@pytest.mark.parametrize(
    "spec",
    [
        "conda-forge::zlib",
        "zlib[license=MIT]",
        'zlib[url="https://example.org/zlib"]',
        "zlib[fn=zlib-1.3.1-h1_2.conda]",
        "zlib[when='python']",
        "zlib[extras=[tests]]",
    ],
)
def test_what_would_be_passed_over_is_refused(spec: str) -> None:
    with pytest.raises(InvalidMatchSpecError, match="cannot be selected by"):
        FileMatcher.of(spec)


@pytest.mark.parametrize("spec", ["", "*", "zlib >=", "zlib[", "(" * 100])
def test_what_is_no_spec_is_refused(spec: str) -> None:
    with pytest.raises(InvalidMatchSpecError):
        FileMatcher.of(spec)
