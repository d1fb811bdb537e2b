"""The bytes of a record."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.record import ALWAYS_PRESENT, canonical_json, record_json, without_empty

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
)


@given(JSON)
def test_equal_values_have_equal_bytes(value: object) -> None:
    data = canonical_json(value)
    assert json.loads(data) == value
    assert canonical_json(json.loads(data)) == data


def test_the_one_form_is_sorted_compact_utf8() -> None:
    assert canonical_json({"b": [1, 2.5, None], "a": "é\n"}) == (
        '{"a":"é\\n","b":[1,2.5,null]}'.encode()
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_json_cannot_hold_is_an_error(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        canonical_json(value)


def test_a_record_is_written_with_what_the_channel_adds() -> None:
    record: dict[str, object] = {
        "name": "zlib",
        "version": "1.3",
        "build": "0",
        "build_number": 0,
        "subdir": "linux-64",
        "depends": [],
        "constrains": [],
        "license": None,
        "features": "",
        "extra_depends": {},
    }
    data = record_json(record, md5="aa", sha256="bb", size=3, indexed_timestamp=4)
    assert data == (
        b'{"build":"0","build_number":0,"depends":[],"indexed_timestamp":4,"md5":"aa",'
        b'"name":"zlib","sha256":"bb","size":3,"subdir":"linux-64","version":"1.3"}'
    )


def test_only_optional_keys_may_go() -> None:
    kept: dict[str, object] = {**dict.fromkeys(ALWAYS_PRESENT, ""), "timestamp": 0}
    assert without_empty({**kept, "flags": []}) == kept
