"""``rss.xml``: a channel's newest files for feed readers (RSS 2.0)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import islice
from urllib.parse import quote
from xml.sax.saxutils import escape

FEED_LIMIT = 100
"""Most items that a feed holds; older ones are left out."""

# XML 1.0 §2.2: characters that no document may hold, escaped or not
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class FeedItem:
    """A published file; ``published`` is an aware time."""

    name: str
    version: str
    subdir: str
    filename: str
    summary: str | None
    published: datetime


def rss(channel: str, base_url: str, items: Iterable[FeedItem]) -> bytes:
    """Return rss.xml for the first 100 items, which come newest first.

    The only times in it are those of the items, so an idle channel's feed keeps its bytes.

    Args:
        channel: The channel's name.
        base_url: The channel's URL without a slash at its end.
        items: Files, newest first.
    """
    newest = list(islice(items, FEED_LIMIT))
    return "\n".join(_lines(channel, base_url, newest)).encode()


def _lines(channel: str, base_url: str, newest: list[FeedItem]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<rss version="2.0">'
    yield "<channel>"
    yield _element("title", channel)
    yield _element("link", base_url)
    yield _element("description", f"The newest packages of the conda channel {channel}.")
    if newest:
        yield _element("lastBuildDate", _date(newest[0].published))
    for item in newest:
        yield from _item_lines(base_url, item)
    yield "</channel>"
    yield "</rss>"


def _item_lines(base_url: str, item: FeedItem) -> Iterator[str]:
    link = f"{base_url}/{item.subdir}/{quote(item.filename)}"
    yield "<item>"
    yield _element("title", f"{item.name} {item.version} [{item.subdir}]")
    yield _element("link", link)
    # A replaced file is news: its guid must differ, so it carries the time.
    stamp = int(item.published.timestamp() * 1000)
    yield f'<guid isPermaLink="false">{_text(f"{link}#{stamp}")}</guid>'
    if item.summary:
        yield _element("description", item.summary)
    yield _element("pubDate", _date(item.published))
    yield "</item>"


def _element(tag: str, text: str) -> str:
    return f"<{tag}>{_text(text)}</{tag}>"


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))


def _date(moment: datetime) -> str:
    """Return the date as RSS wants it: RFC 822 with a four-digit year."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
