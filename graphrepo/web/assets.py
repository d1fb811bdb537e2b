"""The web application's files: read once, held in memory, served line for line as written."""

import gzip
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

_COMMENT = re.compile(rb"(?m)^[ \t]*(?:/\*\*(?:[^*]|\*(?!/))*\*/|//.*)$")
"""A comment that has its lines for itself."""

_STYLE = b'<link rel="stylesheet" href="/ui/@/static/app.css">'
"""What stands in the shell for its stylesheet, which is sent within the page: a browser paints
as soon as it has both, and a page of 10 kB comes in one round trip."""

_PAGES = re.compile(r"static/(?:lib|pages)/\w+\.js$")
_DOCUMENT = re.compile(r"`(query (\w+)[^`]*)`")

_REFERENCE = re.compile(rb"/ui/@/([^\"]+)")
_LARGE_ENOUGH_TO_GZIP = 512


@dataclass(frozen=True)
class Asset:
    """One file in each coding it is sent in; ``etag`` is the quoted SHA-256 of ``body``."""

    body: bytes
    content_type: str
    etag: str

    @classmethod
    def of(cls, name: str, body: bytes) -> "Asset":
        """Return a file's asset; its type follows from the suffix."""
        kind = CONTENT_TYPES[name[name.rindex(".") :]]
        return cls(body, kind, f'"{sha256(body).hexdigest()}"')

    @cached_property
    def gzipped(self) -> bytes | None:
        """The body compressed, where that makes it smaller; takes 0.1 s for the largest file."""
        if len(self.body) <= _LARGE_ENOUGH_TO_GZIP:
            return None
        small = gzip.compress(self.body, 9, mtime=0)
        return small if len(small) < len(self.body) else None


@dataclass(frozen=True, slots=True)
class Assets:
    """All files of the web application, by their path in ``graphrepo/ui``."""

    revision: str
    files: Mapping[str, Asset]
    shell: Asset
    explorer: Asset
    missing: tuple[str, ...]
    """Files that the explorer loads and this installation lacks."""
    documents: Mapping[str, str]
    """The queries that stand in the modules, by the names of their operations."""
    style: str
    """The digest of the shell's stylesheet as a Content-Security-Policy names it."""


def load_assets(folder: Traversable | None = None) -> Assets:
    """Read the packaged files, 5 MB."""
    folder = folder or files("graphrepo").joinpath("ui")
    bodies = {
        name: without_comments(body) if name.endswith(".js") and part == "static" else body
        for part in ("static", "vendor")
        for name, body in sorted(_read(folder.joinpath(part), part))
    }
    revision = _revision(bodies)
    style = bodies.pop("static/app.css")
    shell = bodies.pop("static/index.html").replace(_STYLE, b"<style>%b</style>" % style)
    explorer = bodies.pop("static/graphiql.html")
    wanted = (reference.decode() for reference in _REFERENCE.findall(explorer))
    return Assets(
        revision,
        {name: Asset.of(name, body) for name, body in bodies.items()},
        _page(shell, revision),
        _page(explorer, revision),
        tuple(name for name in wanted if name not in bodies),
        _documents(bodies),
        f"sha256-{b64encode(sha256(style).digest()).decode()}",
    )


def _documents(bodies: Mapping[str, bytes]) -> dict[str, str]:
    scripts = (body.decode() for name, body in bodies.items() if _PAGES.match(name))
    return {name: text for script in scripts for text, name in _DOCUMENT.findall(script)}


def _read(folder: Traversable, path: str) -> list[tuple[str, bytes]]:
    if not folder.is_dir():
        return []
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        name = f"{path}/{entry.name}"
        found += _read(entry, name) if entry.is_dir() else [(name, entry.read_bytes())]
    return found


def without_comments(script: bytes) -> bytes:
    """Return a module with empty lines for its comments, a sixth of what would be sent.

    Each line keeps its number, so that what browsers report is found in the source.
    """
    return _COMMENT.sub(lambda comment: b"\n" * comment[0].count(b"\n"), script)


def _revision(bodies: Mapping[str, bytes]) -> str:
    digest = sha256()
    for name, body in bodies.items():
        digest.update(f"{name} {len(body)}\n".encode() + body)
    return digest.hexdigest()[:16]


def _page(body: bytes, revision: str) -> Asset:
    return Asset.of(".html", body.replace(b"/ui/@/", f"/ui/{revision}/".encode()))
