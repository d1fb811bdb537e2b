"""rss.xml: well-formed whatever the summaries hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.feed import FEED_LIMIT, FeedItem, rss

DAY = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
ZLIB = FeedItem("zlib", "1!1.3+x", "linux-64", "zlib-1!1.3+x-0.conda", "It <packs> & more.", DAY)


def parsed(*items: FeedItem, channel: str = "forge") -> ET.Element:
    root = ET.fromstring(rss(channel, "https://conda.example/forge", items))  # noqa: S314 - our own
    found = root.find("channel")
    assert found is not None
    return found


def test_an_empty_channel_has_a_feed() -> None:
    channel = parsed()
    assert channel.findtext("title") == "forge"
    assert channel.findtext("link") == "https://conda.example/forge"
    assert channel.findtext("lastBuildDate") is None


def test_an_item_names_the_file() -> None:
    item = parsed(ZLIB).find("item")
    assert item is not None
    assert item.findtext("title") == "zlib 1!1.3+x [linux-64]"
    assert item.findtext("description") == "It <packs> & more."
    assert item.findtext("pubDate") == "Sun, 22 Nov 2026 07:00:00 GMT"
    assert item.findtext("link") == (
        "https://conda.example/forge/linux-64/zlib-1%211.3%2Bx-0.conda"
    )


def test_who_says_nothing_of_a_package_is_not_made_to() -> None:
    assert parsed(replace(ZLIB, summary="")).find("item/description") is None


def test_the_feed_is_as_old_as_its_newest_item() -> None:
    assert parsed(ZLIB).findtext("lastBuildDate") == "Sun, 22 Nov 2026 07:00:00 GMT"


def test_a_replaced_file_is_a_new_item() -> None:
    again = replace(ZLIB, published=DAY + timedelta(days=1))
    first, second = (parsed(item).findtext("item/guid") for item in (ZLIB, again))
    assert first != second


def test_the_feed_is_bounded() -> None:
    assert len(parsed(*[ZLIB] * 150).findall("item")) == FEED_LIMIT == 100


@given(st.text(), st.text())
def test_no_text_breaks_the_document(channel: str, summary: str) -> None:
    item = FeedItem("a", "1", "noarch", "a-1-0.conda", summary, DAY)
    shown = parsed(item, channel=channel).findtext("item/description")
    assert (shown is None) == (summary == "")


def test_surrogates_and_control_characters_are_replaced() -> None:
    item = FeedItem("a", "1", "noarch", "a-1-0.conda", "\ud800\x00\x1b[31m", DAY)
    assert parsed(item).findtext("item/description") == "\ufffd\ufffd\ufffd[31m"
