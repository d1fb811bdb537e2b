"""What a page says of itself before its script runs: the title, and what link previews show.

Whoever follows a shared link may be anybody, so this is what a stranger may know: a private
channel and one that does not exist are alike, and the answer is the same for every viewer.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape

from graphrepo.access.viewer import ANONYMOUS
from graphrepo.errors import GraphrepoError
from graphrepo.registry.registry import Registry

SITE = "graphrepo"

_PAGES = {
    "/": "Packages",
    "/search": "Packages",
    "/channels": "Channels",
    "/login": "Sign in",
    "/setup": "Setup",
}
_PACKAGE = re.compile(r"/channels/([^/]+)/packages/([^/]+)(?:/([^/]+))?")
_CHANNEL = re.compile(r"/channels/([^/]+)")
_MOST = 200  # characters of a description; what shows previews cuts there or sooner


@dataclass(frozen=True, slots=True)
class Preview:
    """A page in two lines; ``title`` without the site's name, which is added."""

    title: str = ""
    description: str = ""

    def elements(self) -> str:
        """Return the elements of the page's head: plain HTML and Open Graph."""
        title = " · ".join(part for part in (self.title, SITE) if part)
        lines = [
            f"<title>{escape(title)}</title>",
            _meta("property", "og:title", title),
            _meta("property", "og:site_name", SITE),
            _meta("property", "og:type", "website"),
        ]
        if text := _shortened(self.description):
            lines.append(_meta("name", "description", text))
            lines.append(_meta("property", "og:description", text))
        return "\n".join(lines)


Previews = Callable[[str], Awaitable[Preview]]
"""Returns the preview of a page's path."""


async def fixed_preview(path: str) -> Preview:
    """Return what needs no look into the registry."""
    return Preview(_PAGES.get(path, ""))


def previews_of(registry: Registry) -> Previews:
    """Return previews that know the public channels and their packages."""

    async def preview(path: str) -> Preview:
        try:
            return await _found(registry, path)
        except GraphrepoError:
            # The page itself says what is wrong, once its own questions fail.
            return await fixed_preview(path)

    return preview


async def _found(registry: Registry, path: str) -> Preview:
    if named := _PACKAGE.fullmatch(path):
        channel, name, version = named.groups()
        return await _package(registry, channel, name, version)
    if named := _CHANNEL.fullmatch(path):
        channel = await registry.channels.get(ANONYMOUS, named[1])
        return Preview(channel.name, channel.description or "") if channel else Preview()
    return await fixed_preview(path)


async def _package(registry: Registry, channel: str, name: str, version: str | None) -> Preview:
    package = await registry.catalog.package(ANONYMOUS, channel, name)
    if package is None:
        return Preview()
    what = f"Files of {package.name}" if version == "files" else package.name
    if version and version != "files":
        what = f"{package.name} {version}"
    return Preview(f"{what} · {channel}", package.summary or package.description or "")


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST else f"{line[: _MOST - 1].rstrip()}…"


def _meta(key: str, name: str, content: str) -> str:
    return f'<meta {key}="{name}" content="{escape(content)}">'
