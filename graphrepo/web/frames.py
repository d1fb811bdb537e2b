"""What a page shows before its script runs, and which module takes over.

A browser paints heading and search box with the stylesheet alone. The script then finds the very
elements that it would make and keeps them, focus and typed text with them: so each frame says what
its module in ``static/pages/`` renders first. ``tests/ui/test_first_paint.py`` compares the two.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

_HUES = ("accent", "plum", "ok", "warn")
_PLAIN = "!'()*~"  # what encodeURIComponent leaves as it is, and quote does not
_WAITING = '<div class="waiting" aria-busy="true" hidden></div>'
_COUNT = '<span class="count end"></span>'

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Frame:
    """``module`` is the name of a file in ``static/pages/``, ``body`` the HTML of ``<main>``.

    ``place`` is the link of the top bar that leads here, or near here.
    """

    module: str
    body: str
    place: str


NOTHING = Frame("", "", "")
"""The frame of an address that is no page."""


def frame_of(path: str, query: Query) -> Frame:
    """Return the frame of a page as its address tells it: nobody has looked whether it is there."""
    for pattern, module, draw in _ADDRESSES:
        if named := pattern.fullmatch(path.rstrip("/") or "/"):
            place = "/" if draw is _home else f"/{path.split('/')[1]}"
            return Frame(module, draw(query, **named.groupdict()), place)
    return NOTHING


def _home(query: Query) -> str:
    box = _search(query, "Search packages", "Package name", takes_focus=True)
    return _page(
        f'<div class="heading"><h1>Packages</h1>{_COUNT}</div>',
        f'<div class="stack">{box}</div>',
        _WAITING,
    )


def _channels(query: Query) -> str:
    return _page(
        f'<div class="heading"><h1>Channels</h1>{_COUNT}</div>',
        _search(query, "Search channels", "Channel name"),
        _WAITING,
    )


def _channel(_: Query, channel: str) -> str:
    return _page(f'<div class="heading"><h1>{_mark(channel)}{escape(channel)}</h1></div>', _WAITING)


def _part(words: str) -> Callable[..., str]:
    """Return what draws a page about a channel: ``words`` stand before its name."""

    def draw(_: Query, channel: str) -> str:
        return _page(
            _crumbs(channel, words.partition(" ")[0]),
            f'<div class="heading"><h1>{words} {escape(channel)}</h1></div>',
            _WAITING,
        )

    return draw


def _package(_: Query, channel: str, name: str, version: str | None = None) -> str:
    of = f'<span class="version">{escape(version)}</span>' if version else ""
    return _page(
        f'<div class="stack">{_crumbs(channel)}<h1>{escape(name)} {of}</h1></div>', _WAITING
    )


def _files(_: Query, channel: str, name: str) -> str:
    link = f'<a href="{_path("channels", channel, "packages", name)}">{escape(name)}</a>'
    heading = f'<div class="heading"><h1>Files of {escape(name)}</h1>{_COUNT}</div>'
    return _page(f'<div class="stack">{_crumbs(channel, link)}{heading}</div>', _WAITING)


def _said(heading: str) -> Callable[..., str]:
    """Return what draws a page that is one form: where it depends on who asks, nothing yet."""

    def draw(_: Query) -> str:
        return f'<div class="page form"><h1>{heading}</h1></div>' if heading else ""

    return draw


def _page(*parts: str) -> str:
    return f'<div class="page">{"".join(parts)}</div>'


def _search(query: Query, label: str, placeholder: str, *, takes_focus: bool = False) -> str:
    marks = "data-early autofocus data-focus" if takes_focus else "data-early"
    typed = escape(query.get("q", ""))
    return (
        f'<form role="search" class="search"><input type="search" name="q" aria-label="{label}"'
        f' placeholder="{placeholder}" value="{typed}" autocomplete="off" autocapitalize="none"'
        f' spellcheck="false" {marks}><kbd aria-hidden="true">/</kbd></form>'
    )


def _path(*parts: str) -> str:
    return escape("".join(f"/{quote(part, safe=_PLAIN)}" for part in parts))


def _crumbs(channel: str, last: str = "") -> str:
    slash = '<span aria-hidden="true">/</span>'
    link = f'<a href="{_path("channels", channel)}">{escape(channel)}</a>'
    return (
        f'<p class="crumbs"><a href="/channels">Channels</a>{slash}'
        f"<span>{_mark(channel)}{link}</span>{slash + last if last else ''}</p>"
    )


def _mark(name: str) -> str:
    """Return a channel's own dot or ring, see ``Mark`` in ``lib/facts.js``."""
    number = 0
    for letter in name:
        number = (number * 31 + ord(letter)) % 2**32
    form = "dot" if (number >> 2) % 2 else "ring"
    return f'<span class="mark {_HUES[number % 4]} {form}" aria-hidden="true"></span>'


_CHANNEL = "/channels/(?P<channel>[^/]+)"
_PACKAGE = f"{_CHANNEL}/packages/(?P<name>[^/]+)"
_ADDRESSES = [
    (re.compile(pattern), module, draw)
    for pattern, module, draw in (
        ("/(?:search)?", "home", _home),
        ("/login", "entrance", _said("Sign in")),
        ("/setup", "entrance", _said("Set up graphrepo")),
        ("/account(?:/keys)?", "account", _said("")),
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
