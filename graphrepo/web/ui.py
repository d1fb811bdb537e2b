"""The addresses of the web application: its pages, and the files that they load.

Each page is a shell that loads everything else from ``/ui/<revision>/…``. The revision is a
digest of all files, so those answers are immutable, and each module has exactly one address.
Pages themselves are fetched on every visit: they bring along what their reader may see.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import cast

from litestar import Router, route
from litestar.di import NamedDependency, Provide
from litestar.enums import HttpMethod
from litestar.params import FromPath, SkipValidation
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from graphrepo.web.answers import Answers, Ask, Version, nobody_asks, unknown_version
from graphrepo.web.assets import CONTENT_TYPES, Asset, Assets
from graphrepo.web.frames import Frame, frame_of
from graphrepo.web.identity import SESSION_COOKIE
from graphrepo.web.incoming import READING, Incoming
from graphrepo.web.pages import Page
from graphrepo.web.previews import Preview, Previews, fixed_preview

_SAME_ORIGIN = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
SHELL_POLICY = (
    f"{_SAME_ORIGIN}; style-src '{{style}}'; img-src 'self' data:; font-src 'self';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Content-Security-Policy (CSP 3) of our own pages: no markup from strings anywhere, and no style
but the one stylesheet with this digest."""

EXPLORER_POLICY = (
    f"{_SAME_ORIGIN}; style-src 'self'; style-src-elem 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self' data:"
)
"""The policy of GraphiQL, which carries its fonts as ``data:``, writes a ``<style>`` element
while a menu is open, and renders descriptions by ``innerHTML``. Scripts stay ours alone."""

_GUARDS = {
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}
_ALONE = {"cross-origin-opener-policy": "same-origin"}
"""No hold on the window for whoever opened it. That takes a process of its own, which the browser
starts when it reads this header: strangers, to whom a page shows what all may see, do not wait."""

_SHELL_HEADERS = {
    **_GUARDS,
    "content-type": CONTENT_TYPES[".html"],
    "cache-control": "no-store",  # it holds what this reader may see, as of now
}
_EXPLORER_HEADERS = {
    **_GUARDS,
    **_ALONE,
    "cache-control": "max-age=0, must-revalidate",
    "content-security-policy": EXPLORER_POLICY,
}
_FILE_HEADERS = {"cache-control": "public, max-age=31536000, immutable"}

_TITLE = "<title>graphrepo</title>"
_FRAME, _REGION, _ANSWERS = "<!-- frame -->", "<!-- region -->", "<!-- answers -->"
_MODULES = '<template id="modules">'
_PLACES = {"/": '<a href="/">', "/channels": '<a href="/channels">'}
"""The parts of the shell that differ from page to page; of the links, the one that leads here."""

_ROOT = '<html lang="en">'
"""The part that differs for readers who chose one of the themes, or come with a session."""

THEMES = ("light", "dark")
"""What the cookie ``theme`` may say; without it the system's wish decides."""

_SHORT_ENOUGH_TO_WAIT = 64_000


def ui_routes(
    assets: Assets,
    previews: Previews = fixed_preview,
    ask: Ask = nobody_asks,
    version: Version = unknown_version,
) -> list[Router]:
    """Return the pages and files of the web application, to be mounted at the root.

    ``previews`` tells what strangers may know of a page, ``ask`` answers what a page asks first.
    """
    answers = Answers(assets.documents, ask, version)
    return [
        Router(
            path="/",
            route_handlers=[shell_page, explorer_page, file],
            dependencies={
                "assets": Provide(lambda: assets, sync_to_thread=False),
                "previews": Provide(lambda: previews, sync_to_thread=False),
                "answers": Provide(lambda: answers, sync_to_thread=False),
            },
            include_in_schema=False,
        )
    ]


Loaded = NamedDependency[SkipValidation[Assets]]
Previewing = NamedDependency[SkipValidation[Previews]]
Answering = NamedDependency[SkipValidation[Answers]]


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
    http_method=READING,
)
async def shell_page(
    request: Incoming, assets: Loaded, previews: Previewing, answers: Answering
) -> ASGIApp:
    """Serve the shell with this page's title and first frame, in the reader's theme.

    Its script picks the page by the address. What it will ask comes along, and drawn where the
    server knows how to.
    """
    path = request.scope["path"]
    preview, frame = await previews(path), frame_of(path, request.query_params)
    page = _written(assets, preview, frame).replace(_ROOT, _root(request.cookies), 1)
    opening, _, closing = page.partition(_REGION)

    async def ending() -> str:
        known = await answers.of(request, frame)
        return known.region + frame.foot + closing.replace(_ANSWERS, known.block, 1)

    headers = {
        **_SHELL_HEADERS,
        "content-security-policy": SHELL_POLICY.format(style=assets.style),
        "vary": "accept-encoding",
        **(_ALONE if SESSION_COOKIE in request.cookies else {}),
    }
    takes_gzip = _takes_gzip(request.headers.get("accept-encoding", ""))
    return cast("ASGIApp", Page(opening, ending, tuple(headers.items()), takes_gzip))


def _written(assets: Assets, preview: Preview, frame: Frame) -> str:
    page = assets.shell.body.decode().replace(_TITLE, preview.elements(), 1)
    page = page.replace(_FRAME, frame.head + _REGION, 1)
    if frame.module:
        address = f"/ui/{assets.revision}/static/pages/{frame.module}.js"
        page = page.replace(
            _MODULES, f'{_MODULES}\n  <link rel="modulepreload" href="{address}">', 1
        )
    if link := _PLACES.get(frame.place):
        page = page.replace(link, f'{link[:-1]} aria-current="page">', 1)
    return page


def _root(cookies: Mapping[str, str]) -> str:
    theme = cookies.get("theme")
    marks = f' data-theme="{theme}"' if theme in THEMES else ""
    if (
        SESSION_COOKIE in cookies
    ):  # it may have ended: the script asks, and lays out for it till then
        marks += " data-signed-in"
    return f"{_ROOT[:-1]}{marks}>"


@route("/graphiql", http_method=READING)
async def explorer_page(request: Incoming, assets: Loaded) -> ASGIResponse:
    """Serve GraphiQL, or say how to get its files."""
    if assets.missing:
        sentence = (
            "The GraphQL explorer's files are missing from this installation:"
            " run `pip install .` in the source tree, then start the server again."
        )
        return _refuse(request, 503, sentence, _EXPLORER_HEADERS)
    return await _answer(request, assets.explorer, _EXPLORER_HEADERS)


@route("/ui/{revision:str}/{name:path}", http_method=READING)
async def file(
    request: Incoming, assets: Loaded, revision: FromPath[str], name: FromPath[str]
) -> ASGIResponse:
    """Serve a file of this revision; another revision's bytes are not here to be cached."""
    asset = assets.files.get(name.removeprefix("/"))
    if asset is None or revision != assets.revision:
        sentence = "There is no such file in this version of the server: reload the page."
        return _refuse(request, 404, sentence, {})
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
    # An expression for "blanks, a comma" would begin anew at each of a great many blanks.
    codings = (coding.strip() for coding in accept_encoding.lower().split(","))
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
