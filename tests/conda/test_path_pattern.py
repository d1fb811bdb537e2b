"""What a pattern of a path finds, and that no pattern takes long."""

import re
from fnmatch import translate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.path_pattern import read_path_pattern
from graphrepo.errors import InvalidInputError

PATHS = (
    "bin/python3.11",
    "lib/libz.so",
    "lib/libz.so.1.3",
    "lib/python3.11/site-packages/numpy/__init__.py",
    "Library/bin/Qt5Core.dll",
    "README",
)


def folded(*paths: str) -> str:
    return "\n" + "\n".join(paths).lower() + "\n"


def found(pattern: str) -> list[str]:
    read = read_path_pattern(pattern)
    return [path for path in PATHS if read.rank(folded(path)) is not None]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("libz.so", ["lib/libz.so", "lib/libz.so.1.3"]),
        ("lib/libz", ["lib/libz.so", "lib/libz.so.1.3"]),
        ("QT5core", ["Library/bin/Qt5Core.dll"]),
        ("  readme ", ["README"]),
        ("/README", ["README"]),
        ("/bin/py", ["bin/python3.11"]),
        ("/python", []),
        ("absent", []),
        ("libz.so*", ["lib/libz.so", "lib/libz.so.1.3"]),
        ("*.so", ["lib/libz.so"]),
        ("lib*.1.?", ["lib/libz.so.1.3"]),
        ("python?.11", ["bin/python3.11"]),
        ("py*11", ["bin/python3.11"]),
        ("libz*.so*.3", ["lib/libz.so.1.3"]),
        ("python*init*", []),
        ("python*/__init__.py", ["lib/python3.11/site-packages/numpy/__init__.py"]),
        ("site-packages/*/__init__.py", ["lib/python3.11/site-packages/numpy/__init__.py"]),
        ("*/__init__.py", ["lib/python3.11/site-packages/numpy/__init__.py"]),
        ("bin/*.dll", ["Library/bin/Qt5Core.dll"]),
        ("/bin/*", ["bin/python3.11"]),
        ("/bin/python?.11", ["bin/python3.11"]),
        ("bin/python?.11", ["bin/python3.11"]),
        ("bin/python*", ["bin/python3.11"]),
        ("/lib/*/numpy/*", ["lib/python3.11/site-packages/numpy/__init__.py"]),
        ("[lib]z.so*", []),
    ],
)
def test_a_pattern_finds(pattern: str, expected: list[str]) -> None:
    assert found(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "paths", "rank"),
    [
        ("libz.so", ["lib/libz.so", "lib/libz.so.1"], 0),
        ("libz.so", ["lib/libz.so.1"], 1),
        ("lib/libz.so", ["opt/lib/libz.so"], 0),
        ("readme", ["README"], 0),
        ("/readme", ["README"], 0),
        ("/readme", ["README.md"], 1),
        ("/readme", ["doc/README"], None),
        ("read*", ["doc/README"], 0),
    ],
)
def test_exactly_what_is_meant_ranks_first(
    pattern: str, paths: list[str], rank: int | None
) -> None:
    assert read_path_pattern(pattern).rank(folded(*paths)) == rank


def test_the_pieces_are_in_whatever_matches() -> None:
    assert read_path_pattern("libz.so").pieces == ("libz.so",)
    assert read_path_pattern("/Bin/x").pieces == ("\nbin/x",)
    assert read_path_pattern("lib*z?.so").pieces == ("lib", ".so\n")
    assert read_path_pattern("*.h").pieces == (".h\n",)


@pytest.mark.parametrize("pattern", ["", "ls", "*a*b*", "a?b", "????", "  x  "])
def test_a_pattern_that_says_too_little_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInputError, match="at least 3 letters in a row"):
        read_path_pattern(pattern)


@pytest.mark.parametrize("pattern", ["x" * 257, "lib\nz", "lib\x00z"])
def test_a_pattern_that_no_path_has_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInputError, match="printable"):
        read_path_pattern(pattern)


def test_no_pattern_takes_long() -> None:
    deep = "a/" * 50_000
    for pattern in ("a*a*a*a*a*a*a*bbb", "*a/a*a/a*a/a*bbb", "a/a*a/a*bbb*c", "/a*a*a*a*bbb"):
        assert read_path_pattern(pattern).rank(folded(deep, "a" * 100_000)) is None


@given(
    st.text("ab/*?", max_size=8),
    st.sampled_from(["abb*", "abb?", "*abb", "*abb*a", "?ab"]),
    st.lists(st.text("ab/", max_size=10), max_size=4),
)
def test_wildcards_mean_what_shells_mean(glob: str, end: str, paths: list[str]) -> None:
    pattern = glob + end
    expected = [path for path in paths if _plainly(pattern, path)]
    read = read_path_pattern(pattern)
    assert [path for path in paths if read.rank(folded(path)) is not None] == expected


def _plainly(pattern: str, path: str) -> bool:
    """Say the same as the module's first lines, in the slow and obvious way."""
    anchored = pattern.startswith("/")
    plain = pattern.removeprefix("/")
    if "/" not in pattern:
        return bool(re.match(translate(plain), path.rpartition("/")[2]))
    starts = [0] if anchored else [0, *(at + 1 for at, letter in enumerate(path) if letter == "/")]
    return any(re.match(translate(plain), path[start:]) for start in starts)
