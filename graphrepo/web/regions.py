"""What pages show below their first frame, drawn by the server of the answers that come along.

Each region says what its module in ``static/pages/`` renders of the same answer. So it can be read
and used before the script is there, which then finds the elements that it would make itself.
``tests/ui/test_first_paint.py`` compares the two.
"""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from graphrepo.web.channel_region import channel_region
from graphrepo.web.markup import WAITING, Visit, mark, path, region
from graphrepo.web.questions import PAGE_SIZE, sort_of
from graphrepo.web.rows import package_table, pages

Data = Mapping[str, Any]

_NONE: Data = {"totalCount": 0, "page": ()}


def region_of(module: str, data: Data, visit: Visit) -> str:
    """Return the region of a page; one that waits for the script where the server draws none."""
    draw = _DRAWN.get(module)
    return (draw(data, visit) if draw else "") or WAITING


def _home(data: Data, visit: Visit) -> str:
    if not data["packages"]["totalCount"]:
        return ""
    rows = _packages(data["packages"], visit, with_channel=True)
    return _mine(data.get("viewer")) + region(rows)


def _packages(found: Data, visit: Visit, *, with_channel: bool) -> str:
    sort = sort_of(visit.query)
    table = package_table(found["page"], sort, visit.now, with_channel=with_channel)
    return table + pages(visit.path, visit.query, found, PAGE_SIZE, "package")


def _mine(viewer: Data | None) -> str:
    """Return the viewer's own channels, one line; nothing where there are none."""
    channels: Data = viewer["channels"] if viewer else _NONE
    if not channels["totalCount"]:
        return ""
    links = "".join(_own(channel) for channel in channels["page"])
    total = channels["totalCount"]
    rest = f'<a href="/channels?show=mine">all {total}</a>' if total > len(channels["page"]) else ""
    return (
        '<nav class="strip-links" aria-label="Your channels"><span class="muted">Your channels'
        f"</span>{links}{rest}</nav>"
    )


def _own(channel: Data) -> str:
    name = channel["name"]
    return (
        f'<a href="{path("channels", name)}">{mark(name)}{escape(name)} {visibility(channel)}</a>'
    )


def visibility(channel: Data) -> str:
    """Return "private"; a public channel needs no word."""
    return "" if channel["isPublic"] else '<span class="pill plum">private</span>'


_DRAWN: Mapping[str, Callable[[Data, Visit], str]] = {"home": _home, "channel": channel_region}
"""Module of a page -> what draws its region."""
