"""What a channel's page shows below its name, as ``static/pages/channel.js`` renders it."""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlsplit

from graphrepo.web.markup import Visit, path, region, search_box, several, size, time
from graphrepo.web.questions import PAGE_SIZE, sort_of
from graphrepo.web.rows import breakable, package_table, pages

Data = Mapping[str, Any]

_KEY = "YOUR_KEY"


def channel_region(data: Data, visit: Visit) -> str:
    """Return description, tabs and contents; nothing for a channel with nothing to list."""
    channel = data["channel"]
    if not (channel and channel["all"]["totalCount"] and channel["packages"]["totalCount"]):
        return ""
    lead = channel["description"]
    described = f'<p class="lead">{escape(lead)}</p>' if lead else ""
    contents = f'<div class="split">{_lists(channel, visit)}{_aside(channel, visit.now)}</div>'
    return described + _tabs(channel, visit) + region(contents)


def _tabs(channel: Data, visit: Visit) -> str:
    """Return the channel's pages for those who may do more than read."""
    role = channel["viewerRole"]
    manages = role == "OWNER" or visit.is_admin
    if not manages and role != "CONTRIBUTOR":
        return ""
    managed = (("Members", "members"), ("CI", "publishers"), ("Settings", "settings"))
    links = "".join(
        f'<a href="{path("channels", channel["name"], part)}">{word}</a>'
        for word, part in (("Upload", "upload"), *(managed if manages else ()))
    )
    here = f'<a href="{path("channels", channel["name"])}" aria-current="page">Packages</a>'
    return f'<nav class="tabs" aria-label="{escape(channel["name"])}">{here}{links}</nav>'


def _lists(channel: Data, visit: Visit) -> str:
    found, words = channel["packages"], f"Search in {escape(channel['name'])}"
    counted = several(found["totalCount"], "package")
    heading = f'<h2>Packages</h2><span class="count end">{counted}</span>'
    table = package_table(found["page"], sort_of(visit.query), visit.now, with_channel=False)
    return (
        f'<div class="stack">{_commands(channel, visit.tool)}'
        f'<div class="heading below">{heading}</div>{search_box(visit.query, words, words)}{table}'
        f"{pages(visit.path, visit.query, found, PAGE_SIZE, 'package')}</div>"
    )


def _commands(channel: Data, wanted: str) -> str:
    """Return the lines that use the channel, of one tool; the others are a press away."""
    lines = _set_up(channel, channel["all"]["page"][0]["name"])
    tool = wanted if wanted in lines else next(iter(lines))
    choices = "".join(
        f'<button type="button" class="toggle" aria-pressed="{str(one == tool).lower()}">{one}'
        "</button>"
        for one in lines
    )
    label = f"the {tool} command"
    note = (
        ""
        if channel["isPublic"]
        else '<p class="muted">This channel is private. Put one of <a href="/account/keys">your'
        f" keys</a> in place of {_KEY}.</p>"
    )
    return (
        '<div class="commands" role="group" aria-label="Use this channel">'
        f'<div class="toggles">{choices}</div>'
        f'<div class="command"><pre tabindex="0" role="group" aria-label="{label}"><code>'
        f"{escape(lines[tool])}</code></pre>"
        f'<button type="button" class="quiet copy" aria-label="Copy {label}">Copy</button></div>'
        f"{note}</div>"
    )


def _set_up(channel: Data, name: str) -> dict[str, str]:
    """Return the lines that put a package into an environment, by tool."""
    base: str = channel["baseUrl"]
    parts = urlsplit(base)
    origin = f"{parts.scheme}://{parts.netloc}"
    url, pixi, micromamba = base, "", ""
    if not channel["isPublic"]:
        url = f"{origin}/t/{_KEY}{parts.path}"
        pixi = f"pixi auth login {origin} --token {_KEY}\n"
        micromamba = f"micromamba auth login {parts.netloc} --bearer {_KEY}\n"
    return {
        "pixi": f"{pixi}pixi workspace channel add {base}\npixi add {name}",
        "conda": f"conda install --channel {url} {name}",
        "mamba": f"mamba install --channel {url} {name}",
        "micromamba": f"{micromamba}micromamba install --channel {base} {name}",
    }


def _aside(channel: Data, now: datetime) -> str:
    items = "".join(
        f'<li><a href="{path("channels", channel["name"], "packages", item["name"])}">'
        f'{breakable(item["name"])}</a> <span class="muted">{time(item["lastCreatedDate"], now)}'
        "</span></li>"
        for item in channel["all"]["page"]
    )
    latest = f'<h2>Latest uploads</h2><ul class="latest">{items}</ul>'
    return (
        f'<aside class="stack wide"><section class="stack">{latest}</section>'
        f'<section class="stack"><h2>Contents</h2>{_facts(channel, now)}</section></aside>'
    )


def _facts(channel: Data, now: datetime) -> str:
    subdirs = channel["subdirs"]
    files = several(sum(subdir["artifactCount"] for subdir in subdirs), "file")
    full = "".join(
        f"<span>{escape(subdir['name'])}</span>" for subdir in subdirs if subdir["artifactCount"]
    )
    platforms = f'<dt>Platforms</dt><dd><span class="words">{full}</span></dd>'
    indexed = max((subdir["indexedAt"] or "" for subdir in subdirs), default="")
    rows = (
        f"<dt>Files</dt><dd>{files}, {size(channel['size'])}</dd>",
        platforms if full else "",
        f"<dt>Index</dt><dd>updated {time(indexed, now) if indexed else ''}</dd>",
    )
    return f'<dl class="facts">{"".join(f"<div>{row}</div>" for row in rows if row)}</dl>'
