"""RFC 9110, sections 13 and 14, as far as a file server needs them."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.web.conditional import Span, Unsatisfiable, Validators, is_unchanged, span_of

CHANGED = datetime(2026, 3, 4, 5, 6, 7, 890_000, UTC)
OURS = Validators('"abc"', CHANGED)
LAST_MODIFIED = "Wed, 04 Mar 2026 05:06:07 GMT"
EARLIER = format_datetime(CHANGED - timedelta(seconds=1), usegmt=True)
LATER = format_datetime(CHANGED + timedelta(days=1), usegmt=True)
SIZE = 100


def test_last_modified_is_written_in_whole_seconds() -> None:
    assert OURS.last_modified == LAST_MODIFIED


@pytest.mark.parametrize(
    ("headers", "unchanged"),
    [
        ({}, False),
        ({"if-none-match": '"abc"'}, True),
        ({"if-none-match": 'W/"abc"'}, True),
        ({"if-none-match": '"x", W/"y" ,"abc"'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"abcd"'}, False),
        ({"if-none-match": "abc"}, False),
        ({"if-none-match": '"a,b"'}, False),
        ({"if-modified-since": LAST_MODIFIED}, True),
        ({"if-modified-since": LATER}, True),
        ({"if-modified-since": EARLIER}, False),
        ({"if-modified-since": "yesterday"}, False),
        ({"if-modified-since": "Wed, 04 Mar 2026 05:06:07 -0000"}, True),
        ({"if-modified-since": "Wed, 04 Mar 99999999999 05:06:07 GMT"}, False),
        ({"if-modified-since": "Wed, 04 Mar 2026 05:06:07 +99999999999"}, False),
        ({"if-modified-since": "Fri, 31 Dec 9999 23:00:00 -2300"}, True),
        # conda sends both, and the tag of another file: the tag decides.
        ({"if-none-match": '"other"', "if-modified-since": LATER}, False),
        ({"if-none-match": '"abc"', "if-modified-since": EARLIER}, True),
    ],
)
def test_a_copy_is_good_if_its_tag_is_ours_or_else_its_date(
    headers: dict[str, str], *, unchanged: bool
) -> None:
    assert is_unchanged(headers, OURS) is unchanged


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-9", Span(0, 10)),
        ("bytes=90-", Span(90, 10)),
        ("bytes=99-200", Span(99, 1)),
        ("bytes=0-", Span(0, 100)),
        ("bytes=-10", Span(90, 10)),
        ("bytes=-100", Span(0, 100)),
        ("bytes=-500", Span(0, 100)),
        ("Bytes = 5 - 5", Span(5, 1)),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
        ("", None),
    ],
)
def test_one_range_is_answered_and_what_is_none_means_the_whole(
    asked: str, span: Span | None
) -> None:
    assert span_of({"range": asked}, OURS, SIZE) == span


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ("bytes=100-", 100),
        ("bytes=100-101", 100),
        ("bytes=-0", 100),
        ("bytes=-5", 0),
        ("bytes=0-", 0),
    ],
)
def test_a_range_behind_the_end_is_unsatisfiable(asked: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        span_of({"range": asked}, OURS, size)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('"abc"', True),
        ('"old"', False),
        ('W/"abc"', False),
        (LAST_MODIFIED, True),
        (EARLIER, False),
        (LATER, False),
        ("nonsense", False),
    ],
)
def test_if_range_gives_the_whole_file_unless_the_copy_is_exactly_ours(
    condition: str, *, holds: bool
) -> None:
    span = span_of({"range": "bytes=1-", "if-range": condition}, OURS, SIZE)
    assert span == (Span(1, 99) if holds else None)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 200))
def test_a_span_lies_within_the_file_and_is_what_slicing_gives(
    first: int, last: int, size: int
) -> None:
    data = bytes(range(200))[:size]
    try:
        span = span_of({"range": f"bytes={first}-{last}"}, OURS, size)
    except Unsatisfiable:
        assert first >= size
        return
    if span is None:
        assert last < first
    else:
        assert data[span.start :][: span.length] == data[first : last + 1]
        assert span.length >= 1


@given(st.text(max_size=40))
def test_no_text_breaks_the_parsing(text: str) -> None:
    headers = {"range": text, "if-range": text, "if-none-match": text, "if-modified-since": text}
    is_unchanged(headers, OURS)
    span_of(headers, OURS, SIZE)


@pytest.mark.parametrize("text", ["bytes={}x", "bytes={}1{}x", "bytes=1-{}x", "bytes{}x"])
def test_a_million_blanks_are_read_once(text: str) -> None:
    """Who reads them once for each of them is not done within an hour."""
    assert span_of({"range": text.replace("{}", " " * 1_000_000)}, OURS, SIZE) is None
