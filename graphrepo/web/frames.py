"""What a page shows before anything is known of what it is about, and which module takes over.

A browser paints heading and search box with the stylesheet alone. The script then finds the very
elements that it would make and keeps them, focus and typed text with them: so each frame says what
its module in ``static/pages/`` renders first. ``tests/ui/test_first_paint.py`` compares the two.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape

from graphrepo.web.markup import (
    COUNT,
    PLATFORMS,
    WAITING,
    Query,
    mark,
    path,
    search_box,
    toggles,
    with_query,
)
from graphrepo.web.rows import breakable


@dataclass(frozen=True, slots=True)
class Frame:
    """The HTML of ``<main>``: ``head``, then the region that waits for an answer, then ``foot``.

    ``module`` is the name of a file in ``static/pages/``; ``place`` is the link of the top bar
    that leads here, or near here; ``named`` is what the path names.
    """

    module: str = ""
    head: str = ""
    foot: str = ""
    place: str = ""
    named: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def body(self) -> str:
        """Return the whole while nothing is known."""
        return f"{self.head}{WAITING}{self.foot}" if self.foot else self.head


NOTHING = Frame()
"""The frame of an address that is no page."""

_Halves = tuple[str, str]  # what stands before the region, and what closes after it


def frame_of(address: str, query: Query) -> Frame:
    """Return the frame of a page as its address tells it: nobody has looked whether it is there."""
    for pattern, module, draw in _ADDRESSES:
        if found := pattern.fullmatch(address.rstrip("/") or "/"):
            place = "/" if draw is _home else f"/{address.split('/')[1]}"
            named = {name: value for name, value in found.groupdict().items() if value is not None}
            return Frame(module, *draw(query, **named), place, named)
    return NOTHING


def _home(query: Query, address: str) -> _Halves:
    box = search_box(query, "Search packages", "Package name", takes_focus=True)
    return _page(
        f'<div class="heading"><h1>Packages</h1>{COUNT}</div>',
        f'<div class="stack">{box}{_narrowing(query, address)}</div>',
    )


def _narrowing(query: Query, address: str) -> str:
    """Return the links and the field that leave only some packages."""
    chosen = query.get("platform", "")
    choices = [
        (with_query(address, query, platform=one, page=""), one or "All platforms", one == chosen)
        for one in ("", *PLATFORMS)
    ]
    channel = (
        f'<label class="inline">Channel<input value="{escape(query.get("channel", ""))}"'
        ' autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="any"></label>'
    )
    return toggles("Platform", choices, channel)


def _channels(query: Query) -> _Halves:
    return _page(
        f'<div class="heading"><h1>Channels</h1>{COUNT}</div>',
        search_box(query, "Search channels", "Channel name"),
    )


def _channel(_: Query, channel: str) -> _Halves:
    return _page(f'<div class="heading"><h1>{mark(channel)}{escape(channel)}</h1></div>')


def _part(words: str) -> Callable[..., _Halves]:
    """Return what draws a page about a channel: ``words`` stand before its name."""

    def draw(_: Query, channel: str) -> _Halves:
        return _page(
            _crumbs(channel, words.partition(" ")[0]),
            f'<div class="heading"><h1>{words} {escape(channel)}</h1></div>',
        )

    return draw


def _package(_: Query, channel: str, name: str, version: str | None = None) -> _Halves:
    of = f'<span class="version">{escape(version)}</span>' if version else ""
    return _page(f'<div class="stack">{_crumbs(channel)}<h1>{breakable(name)} {of}</h1></div>')


def _files(_: Query, channel: str, name: str) -> _Halves:
    link = f'<a href="{path("channels", channel, "packages", name)}">{escape(name)}</a>'
    heading = f'<div class="heading"><h1>Files of {breakable(name)}</h1>{COUNT}</div>'
    return _page(f'<div class="stack">{_crumbs(channel, link)}{heading}</div>')


def _said(heading: str) -> Callable[..., _Halves]:
    """Return what draws a page that is one form: where it depends on who asks, nothing yet."""

    def draw(_: Query) -> _Halves:
        return (f'<div class="page form"><h1>{heading}</h1></div>' if heading else ""), ""

    return draw


def _page(*parts: str) -> _Halves:
    return f'<div class="page">{"".join(parts)}', "</div>"


def _crumbs(channel: str, last: str = "") -> str:
    slash = '<span aria-hidden="true">/</span>'
    link = f'<a href="{path("channels", channel)}">{escape(channel)}</a>'
    return (
        f'<p class="crumbs"><a href="/channels">Channels</a>{slash}'
        f"<span>{mark(channel)}{link}</span>{slash + last if last else ''}</p>"
    )


_CHANNEL = "/channels/(?P<channel>[^/]+)"
_PACKAGE = f"{_CHANNEL}/packages/(?P<name>[^/]+)"
_ADDRESSES = [
    (re.compile(pattern), module, draw)
    for pattern, module, draw in (
        ("(?P<address>/(?:search)?)", "home", _home),
        ("/login", "entrance", _said("Sign in")),
        ("/setup", "entrance", _said("Set up graphrepo")),
        ("/account", "account", _said("")),
        ("/account/keys", "keys", _said("")),
        ("/account/new-channel", "newchannel", _said("")),
        ("/admin(?:/channels)?", "admin", _said("")),
        ("/admin/(?:jobs|quarantine)", "oversight", _said("")),
        ("/admin/log", "log", _said("")),
        ("/channels", "channels", _channels),
        (_CHANNEL, "channel", _channel),
        (f"{_CHANNEL}/upload", "upload", _part("Upload to")),
        (f"{_CHANNEL}/members", "members", _part("Members of")),
        (f"{_CHANNEL}/publishers", "publishers", _part("CI jobs of")),
        (f"{_CHANNEL}/settings", "settings", _part("Settings of")),
        (f"{_PACKAGE}/files", "files", _files),
        (f"{_PACKAGE}(?:/(?P<version>[^/]+))?", "package", _package),
    )
]
"""Pattern of a path, its page's module, what draws the frame: the table in ``static/app.js``."""
