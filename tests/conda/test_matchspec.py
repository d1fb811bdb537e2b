"""Dependencies: CEP 29, and the form of CEP 48."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.matchspec import bracket_form, check_matchspec, spec_keys
from graphrepo.errors import InvalidMatchSpecError

POSITIONAL = [
    ("python", "python"),
    ("python >=3.8", 'python[version=">=3.8"]'),
    ("python >=3.8,<4 *_cpython", 'python[version=">=3.8,<4",build="*_cpython"]'),
    ("python 3.4*", 'python[version="3.4.*"]'),
    ("python=3.4", 'python[version="3.4.*"]'),
    ("_libgcc_mutex 0.1 conda_forge", '_libgcc_mutex[version="==0.1",build="conda_forge"]'),
    ("foo[build_number='>3']", 'foo[build_number=">3"]'),
    ("foo[when='python >=3']", 'foo[when="python>=3"]'),
    ("foo[extras=[a,b], flags=[cuda]]", "foo[extras=[a,b],flags=[cuda]]"),
    ("foo[build='a\"b']", "foo[build='a\"b']"),
]
NOT_SPECS = [
    *("", " ", "*", "foo*", "^foo$", "foo >=", "foo >=1|", "foo!", "foo[bogus=1]", "[", "foo @x"),
    *("foo <0'\"", "é", "foo\n", "foo\x00", "foo >1\t", "ray[default,data] >=2.9.0"),
]


@pytest.mark.parametrize(("text", "brackets"), POSITIONAL)
def test_a_spec_has_one_bracket_form(text: str, brackets: str) -> None:
    assert check_matchspec(text) == text
    assert bracket_form(text) == brackets
    assert bracket_form(brackets) == brackets


@pytest.mark.parametrize("text", NOT_SPECS)
def test_a_text_that_is_no_spec_is_refused(text: str) -> None:
    with pytest.raises(InvalidMatchSpecError, match="is not a MatchSpec") as caught:
        check_matchspec(text)
    assert caught.value.message.isprintable()


def test_the_keys_of_a_spec_are_what_it_restricts() -> None:
    assert spec_keys("foo") == frozenset()
    assert spec_keys("foo >1 b") == {"version", "build"}
    assert spec_keys("foo[when='a[build=\"x=y,z\\'q=\"]',extras=[flags]]") == {"when", "extras"}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("conda-forge::foo", "channel"),
        ("foo[subdir=noarch]", "subdir"),
        ("foo[license=MIT]", "license"),
        ("https://example.org/foo-1-0.conda", "url"),
    ],
)
def test_a_spec_of_schema_3_may_not_restrict_other_fields(text: str, key: str) -> None:
    assert check_matchspec(text) == text
    with pytest.raises(InvalidMatchSpecError, match=f"sets {key},"):
        bracket_form(text)


@pytest.mark.parametrize("text", ["foo " + "(" * 65, "foo " + "1" * 2045, "foo " + "(" * 500_000])
def test_a_spec_that_could_overflow_the_parser_is_not_given_to_it(text: str) -> None:
    with pytest.raises(InvalidMatchSpecError, match="too many"):
        check_matchspec(text)


def test_a_spec_may_be_nested_and_long() -> None:
    assert check_matchspec("foo " + "(" * 64 + ">1" + ")" * 64)
    assert check_matchspec("foo " + "|".join(["1.0.0"] * 300))


@given(
    st.one_of(
        st.text(max_size=60), st.text("foo[]()='\", <>!*|.1&versionbuldwhextrag", max_size=60)
    )
)
def test_any_text_is_a_spec_or_refused(text: str) -> None:
    try:
        form = bracket_form(text)
    except InvalidMatchSpecError:
        return
    assert bracket_form(form) == form
