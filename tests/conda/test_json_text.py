"""JSON from strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.json_text import parse_json
from graphrepo.conda.record import canonical_json
from graphrepo.errors import InvalidMetadataError


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"{}", {}),
        (b' {"a": [1, 2.5, true, null, "\xc3\xa9"]}\n', {"a": [1, 2.5, True, None, "é"]}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'"\\ud83d\\ude00"', "😀"),
    ],
)
def test_json_is_read(data: bytes, value: object) -> None:
    assert parse_json(data, "info/about.json") == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"{} {}", "Extra data"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b'"\xff"', "utf-8"),
        (b"NaN", "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b"1e999", "too large"),
        (b"1" * 5000, "4300 digits"),
        (b'["\\ud800"]', "surrogates not allowed"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'[{"a": ["\\u0000"]}]', "NUL"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_what_is_not_json_everywhere_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidMetadataError, match=reason) as caught:
        parse_json(data, "info/about.json")
    assert caught.value.message.startswith("The file info/about.json is not valid JSON")


def test_a_repeated_key_is_refused_where_readers_must_agree() -> None:
    assert parse_json(b'{"a": {"b": 1}}', "x", unique_keys=True) == {"a": {"b": 1}}
    with pytest.raises(InvalidMetadataError, match="names a key twice"):
        parse_json(b'{"a": {"b": 1, "b": 1}}', "x", unique_keys=True)


@given(
    st.binary(max_size=40)
    | st.text('[]{}",:0123456789.eE-+\\u"ntrfal', max_size=40).map(str.encode)
)
def test_what_is_read_can_be_written(data: bytes) -> None:
    try:
        value = parse_json(data, "x")
    except InvalidMetadataError:
        return
    assert parse_json(canonical_json(value), "x") == value
