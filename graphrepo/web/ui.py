"""The web application's files: read once, held in memory, served line for line as written.

Each page is a shell that loads everything else from ``/ui/<revision>/…``. The revision is a
digest of all files, so those answers are immutable, and each module has exactly one address.
Pages themselves are checked on every visit; of each, only title, preview and theme differ.
"""

import asyncio
import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from litestar import Request, Router, route
from litestar.di import NamedDependency, Provide
from litestar.enums import HttpMethod
from litestar.params import FromPath, SkipValidation
from litestar.response.base import ASGIResponse

from graphrepo.web.previews import Previews, fixed_preview

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

_SAME_ORIGIN = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
SHELL_POLICY = (
    f"{_SAME_ORIGIN}; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Content-Security-Policy (CSP 3) of our own pages: no markup from strings anywhere."""

EXPLORER_POLICY = (
    f"{_SAME_ORIGIN}; style-src 'self'; style-src-elem 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self' data:"
)
"""The policy of GraphiQL, which carries its fonts as ``data:``, writes a ``<style>`` element
while a menu is open, and renders descriptions by ``innerHTML``. Scripts stay ours alone."""

_PAGE_HEADERS = {
    "cache-control": "max-age=0, must-revalidate",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_SHELL_HEADERS = {**_PAGE_HEADERS, "content-security-policy": SHELL_POLICY, "vary": "cookie"}
_EXPLORER_HEADERS = {**_PAGE_HEADERS, "content-security-policy": EXPLORER_POLICY}
_FILE_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
}

_TITLE = b"<title>graphrepo</title>"
"""The part of the shell that differs from page to page."""

_ROOT = b'<html lang="en">'
"""The part that differs for readers who chose one of the themes."""

THEMES = ("light", "dark")
"""What the cookie ``theme`` may say; without it the system's wish decides."""

_COMMENT = re.compile(rb"(?m)^[ \t]*(?:/\*\*(?:[^*]|\*(?!/))*\*/|//.*)$")
"""A comment that has its lines for itself."""

_REFERENCE = re.compile(rb"/ui/@/([^\"]+)")
_LARGE_ENOUGH_TO_GZIP = 512
_SHORT_ENOUGH_TO_WAIT = 64_000
_READ = [HttpMethod.GET, HttpMethod.HEAD]

Incoming = Request[Any, Any, Any]


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


def load_assets(folder: Traversable | None = None) -> Assets:
    """Read the packaged files, 5 MB."""
    folder = folder or files("graphrepo").joinpath("ui")
    bodies = {
        name: without_comments(body) if name.endswith(".js") and part == "static" else body
        for part in ("static", "vendor")
        for name, body in sorted(_read(folder.joinpath(part), part))
    }
    revision = _revision(bodies)
    shell = bodies.pop("static/index.html")
    explorer = bodies.pop("static/graphiql.html")
    wanted = (reference.decode() for reference in _REFERENCE.findall(explorer))
    return Assets(
        revision,
        {name: Asset.of(name, body) for name, body in bodies.items()},
        _page(shell, revision),
        _page(explorer, revision),
        tuple(name for name in wanted if name not in bodies),
    )


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


def ui_routes(assets: Assets, previews: Previews = fixed_preview) -> list[Router]:
    """Return the pages and files of the web application, to be mounted at the root."""
    return [
        Router(
            path="/",
            route_handlers=[shell_page, explorer_page, file],
            dependencies={
                "assets": Provide(lambda: assets, sync_to_thread=False),
                "previews": Provide(lambda: previews, sync_to_thread=False),
            },
            include_in_schema=False,
        )
    ]


Loaded = NamedDependency[SkipValidation[Assets]]
Previewing = NamedDependency[SkipValidation[Previews]]


@route(
    [
        "/",
        "/search",
        "/setup",
        "/login",
        "/account",
        "/account/{rest:path}",
        "/admin",
        "/admin/{rest:path}",
        "/channels",
        "/channels/{rest:path}",
    ],
    http_method=_READ,
)
async def shell_page(request: Incoming, assets: Loaded, previews: Previewing) -> ASGIResponse:
    """Serve the shell with this page's title and the reader's theme.

    Its script picks the page by the address.
    """
    preview = await previews(request.scope["path"])
    body = assets.shell.body.replace(_TITLE, preview.elements().encode(), 1)
    if (theme := request.cookies.get("theme")) in THEMES:
        body = body.replace(_ROOT, f'{_ROOT.decode()[:-1]} data-theme="{theme}">'.encode(), 1)
    return await _answer(request, Asset.of(".html", body), _SHELL_HEADERS)


@route("/graphiql", http_method=_READ)
async def explorer_page(request: Incoming, assets: Loaded) -> ASGIResponse:
    """Serve GraphiQL, or say how to get its files."""
    if assets.missing:
        sentence = (
            "The GraphQL explorer's files are missing from this installation:"
            " run `pip install .` in the source tree, then start the server again."
        )
        return _refuse(request, 503, sentence, _EXPLORER_HEADERS)
    return await _answer(request, assets.explorer, _EXPLORER_HEADERS)


@route("/ui/{revision:str}/{name:path}", http_method=_READ)
async def file(
    request: Incoming, assets: Loaded, revision: FromPath[str], name: FromPath[str]
) -> ASGIResponse:
    """Serve a file of this revision; another revision's bytes are not here to be cached."""
    asset = assets.files.get(name.removeprefix("/"))
    if asset is None or revision != assets.revision:
        sentence = "There is no such file in this version of the server: reload the page."
        return _refuse(request, 404, sentence, {"x-content-type-options": "nosniff"})
    return await _answer(request, asset, _FILE_HEADERS)


async def _answer(request: Incoming, asset: Asset, headers: Mapping[str, str]) -> ASGIResponse:
    """Send the asset, or 304 when the client holds it (RFC 9110, 13.1.2)."""
    headers = dict(headers)
    body, etag = asset.body, asset.etag
    gzipped = await _gzipped(asset)
    if gzipped is not None:
        headers["vary"] = ", ".join((*filter(None, [headers.get("vary")]), "accept-encoding"))
        if _takes_gzip(request.headers.get("accept-encoding", "")):
            # Another coding is another representation: its strong ETag must differ.
            body, etag = gzipped, f'{etag[:-1]}-gzip"'
            headers["content-encoding"] = "gzip"
    headers["etag"] = etag
    if _holds(request.headers.get("if-none-match", ""), etag):
        headers.pop("content-encoding", None)
        return ASGIResponse(status_code=304, headers=headers)
    return _send(request, 200, body, {"content-type": asset.content_type, **headers})


async def _gzipped(asset: Asset) -> bytes | None:
    """Return the body compressed; what takes long is done once, on a thread."""
    if len(asset.body) <= _SHORT_ENOUGH_TO_WAIT or "gzipped" in vars(asset):
        return asset.gzipped
    return await asyncio.to_thread(getattr, asset, "gzipped")


def _takes_gzip(accept_encoding: str) -> bool:
    codings = re.split(r"\s*,\s*", accept_encoding.lower())
    return any(re.fullmatch(r"gzip(?:\s*;\s*q=(?!0(?:\.0*)?$).*)?", coding) for coding in codings)


def _holds(if_none_match: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags


def _refuse(
    request: Incoming, status: int, sentence: str, headers: Mapping[str, str]
) -> ASGIResponse:
    plain = {"content-type": CONTENT_TYPES[".txt"], "cache-control": "no-store"}
    return _send(request, status, f"{sentence}\n".encode(), {**headers, **plain})


def _send(request: Incoming, status: int, body: bytes, headers: Mapping[str, str]) -> ASGIResponse:
    """Send the body; to HEAD the same headers without it (RFC 9110, 9.3.2)."""
    is_head = request.method == HttpMethod.HEAD
    return ASGIResponse(
        status_code=status,
        body=b"" if is_head else body,
        headers={**headers, "content-length": str(len(body))},
        is_head_response=is_head,
    )
