"""The order of versions: CEP 33, and rattler's own comparison."""

import pytest
import rattler
from hypothesis import example, given
from hypothesis import strategies as st

from graphrepo.conda.versions import sort_key
from graphrepo.errors import InvalidVersionError

# The list of examples in CEP 33; versions on one line are equal.
ORDER = """
    0.4 0.4.0
    0.4.1.rc 0.4.1.RC
    0.4.1+local
    0.4.1+0.local
    0.4.1 0.4.1+0
    0.4.1+1.local
    0.5a1
    0.5b3
    0.5C1
    0.5
    0.9.6
    0.960923
    1.0
    1.1dev1
    1.1a1
    1.1.0dev1 1.1.dev1
    1.1.a1
    1.1.0rc1
    1.1.0.0 1.1.0 1.1
    1.1.post1 1.1.0post1
    1.1post1
    1996.07.12
    1!0.4.1
    1!3.1.1.6
    2!0.4.1
"""


def parts() -> st.SearchStrategy[str]:
    pieces = ["0", "00", "1", "2", "10", "a", "b", "rc", "dev", "post", "local"]
    return st.lists(st.sampled_from(pieces), min_size=1, max_size=3).map("".join)


def segments() -> st.SearchStrategy[str]:
    return st.lists(parts(), min_size=1, max_size=4).flatmap(
        lambda texts: st.sampled_from("._").map(lambda separator: separator.join(texts))
    )


def short(version: str) -> bool:
    return len(version) <= 64


@st.composite
def versions(draw: st.DrawFn) -> str:
    """Draw versions; an underscore at the end follows a digit, see the test of the others."""
    epoch = draw(st.sampled_from(["", "0!", "1!", "2!"]))
    main = draw(segments())
    trail = "_" if main[-1].isdigit() and draw(st.booleans()) else ""
    local = draw(st.one_of(st.just(""), segments().map("+{}".format)))
    return f"{epoch}{main}{trail}{local}"


def test_the_examples_of_the_standard_are_in_order() -> None:
    keys = [[sort_key(version) for version in line.split()] for line in ORDER.strip().split("\n")]
    assert all(len(set(equal)) == 1 for equal in keys)
    firsts = [equal[0] for equal in keys]
    assert firsts == sorted(set(firsts))


@st.composite
def relatives(draw: st.DrawFn) -> tuple[str, str]:
    """Draw two versions that differ in their last part only."""
    main = draw(segments())
    suffixes = st.sampled_from(
        ["", ".0", ".1", "dev", ".dev", "a", ".a", "post", ".post", "+0", "+a"]
    )
    return main + draw(suffixes), main + draw(suffixes)


@given(st.one_of(st.tuples(*[versions().filter(short)] * 2), relatives()))
@example(("1.0", "1.0_"))
@example(("1", "1.0.0.1"))
def test_any_two_versions_compare_as_rattler_compares_them(pair: tuple[str, str]) -> None:
    one, other = map(sort_key, pair)
    rattlers_one, rattlers_other = map(rattler.Version, pair)
    assert (one < other) == (rattlers_one < rattlers_other)
    assert (one == other) == (rattlers_one == rattlers_other)


def test_an_underscore_belongs_to_the_string_before_it() -> None:
    # CEP 33: "Trailing underscores are considered part of the preceding string". rattler makes
    # them a component of their own, and so puts 1.0a_ before 1.0a.
    ordered = ["1.0.1_", "1.0.1a", "1.0.1a_", "1.0.1b", "1.0.1"]
    keys = [sort_key(version) for version in ordered]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize(
    "version",
    [
        *("", "!", "1!", "!1", "1!2!3", "1+", "+1", "1+2+3", "1..2", "1._2", "1__", "_", ".", "1."),
        *("1*", "1 ", "é", "1/2", "1" * 65),
    ],
)
def test_a_text_that_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(InvalidVersionError, match="change the version"):
        sort_key(version)


def test_a_number_may_be_as_large_as_the_standard_says() -> None:
    assert sort_key("2147483647") > sort_key("2147483646.post")
    with pytest.raises(InvalidVersionError, match="over 2147483647"):
        sort_key("1.2147483648")


def test_many_missing_parts_are_counted() -> None:
    zeros = ".0" * 29
    assert sort_key(f"1{zeros}") == sort_key("1")
    assert sort_key(f"1{zeros}a") < sort_key("1") < sort_key(f"1{zeros}1")
    assert sort_key(f"1{zeros}.0.a") > sort_key(f"1{zeros}.a")
    assert sort_key(f"1{zeros}.0.1") < sort_key(f"1{zeros}.1")
