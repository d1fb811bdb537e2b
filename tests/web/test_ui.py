"""The web application over HTTP: types, caching, policies, and what is missing."""

import gzip
import re
import shutil
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from graphrepo.web.assets import Assets, load_assets, without_comments
from graphrepo.web.identity import SESSION_COOKIE
from graphrepo.web.ui import EXPLORER_POLICY, SHELL_POLICY, ui_routes

UI = Path(__file__).parents[2] / "graphrepo" / "ui"
PAGES = ["/", "/setup", "/setup?token=abc", "/login?next=/channels/lab", "/channels/lab"]
PLAIN = {"accept-encoding": "identity"}


def complete_copy(folder: Path) -> Path:
    """Lay out the application's own files with a stand-in for each vendored one."""
    shutil.copytree(UI / "static", folder / "static")
    (folder / "vendor").mkdir()
    for name in ("react.js", "react-dom.js", "graphiql.js", "explorer.js"):
        (folder / "vendor" / name).write_text(f"// {name} " + "x" * 1000)
    for name in ("graphiql.css", "explorer.css"):
        (folder / "vendor" / name).write_text("a{}")
    return folder


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Assets:
    return load_assets(complete_copy(tmp_path_factory.mktemp("ui")))


@pytest.fixture(scope="module")
def client(assets: Assets) -> TestClient[Litestar]:
    return TestClient(Litestar(ui_routes(assets), openapi_config=None))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_forbids_inline_scripts_frames_and_other_origins(
    client: TestClient[Litestar], assets: Assets, page: str
) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == SHELL_POLICY.format(style=assets.style)
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "unsafe" not in SHELL_POLICY


@pytest.mark.parametrize("page", [*PAGES, "/graphiql"])
def test_nobody_holds_the_window_of_those_who_come_with_a_session(
    client: TestClient[Litestar], page: str
) -> None:
    answer = client.get(page, headers={"cookie": f"{SESSION_COOKIE}=gr-any"})
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


def test_a_page_comes_whole_though_nothing_can_be_answered(assets: Assets) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    pages = TestClient(Litestar(ui_routes(assets, ask=broken), openapi_config=None))
    html = pages.get("/").text
    assert '<div class="waiting"' in html
    assert '<script id="answers" type="application/json">[]</script>' in html
    assert html.endswith("</html>\n")


def test_the_explorer_has_its_own_policy_with_scripts_from_here_alone(
    client: TestClient[Litestar],
) -> None:
    answer = client.get("/graphiql")
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == EXPLORER_POLICY
    assert "script-src 'self';" in EXPLORER_POLICY
    assert "connect-src 'self';" in EXPLORER_POLICY
    assert "frame-ancestors 'none'" in EXPLORER_POLICY
    assert "http" not in EXPLORER_POLICY


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("static/app.js", "text/javascript; charset=utf-8"),
        ("static/pages/home.js", "text/javascript; charset=utf-8"),
        ("static/graphiql.css", "text/css; charset=utf-8"),
        ("static/mark.svg", "image/svg+xml"),
        ("vendor/graphiql.js", "text/javascript; charset=utf-8"),
    ],
)
def test_files_are_immutable_under_their_revision(
    client: TestClient[Litestar], assets: Assets, name: str, content_type: str
) -> None:
    answer = client.get(f"/ui/{assets.revision}/{name}", headers=PLAIN)
    assert answer.status_code == 200
    assert answer.content == assets.files[name].body
    assert answer.headers["content-type"] == content_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in answer.headers


def test_modules_are_sent_without_their_comments_and_with_every_line_in_its_place(
    assets: Assets,
) -> None:
    script = b"""// What it is.
/**
 * It adds.
 * @param {number} one
 */
export const more = (one) => one + 1; // one more
/** @type {number} */ let two;
  /** Two. */
  two = 2 / 1 /* or so */;
"""
    assert without_comments(script).split(b"\n") == [
        *(b"",) * 5,
        b"export const more = (one) => one + 1; // one more",
        b"/** @type {number} */ let two;",
        b"",
        b"  two = 2 / 1 /* or so */;",
        b"",
    ]
    written = (UI / "static" / "app.js").read_bytes()
    assert assets.files["static/app.js"].body == without_comments(written) != written


@pytest.mark.parametrize("path", sorted((UI / "static").rglob("*.js")), ids=lambda path: path.name)
def test_no_comment_of_a_module_stands_in_a_template(path: Path) -> None:
    # There it would be text. A template is open where an odd number of backticks precedes.
    source = path.read_text()
    for comment in re.finditer(r"(?m)^[ \t]*(?:/\*\*|//)", source):
        assert source.count("`", 0, comment.start()) % 2 == 0


def test_a_page_brings_its_stylesheet_along_and_no_other_style_counts(
    client: TestClient[Litestar],
) -> None:
    answer = client.get("/")
    [style] = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style == (UI / "static" / "app.css").read_text()
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in answer.headers["content-security-policy"]
    assert "stylesheet" not in answer.text


def test_a_page_whose_questions_nobody_answers_yet_asks_them_itself(
    client: TestClient[Litestar],
) -> None:
    answer = client.get("/")
    assert '<script id="answers" type="application/json">[]</script>' in answer.text
    assert '<div class="waiting" aria-busy="true" hidden></div></div></main>' in answer.text


@pytest.mark.parametrize(
    ("theme", "root"),
    [
        ("dark", '<html lang="en" data-theme="dark">'),
        ("light", '<html lang="en" data-theme="light">'),
        ("system", '<html lang="en">'),
        ('"><script>', '<html lang="en">'),
    ],
)
def test_the_theme_that_a_reader_chose_is_there_for_the_first_paint(
    client: TestClient[Litestar], theme: str, root: str
) -> None:
    answer = client.get("/", headers={"cookie": f"theme={theme}"})
    assert root in answer.text


def test_gzip_is_sent_to_those_who_take_it_under_another_etag(
    client: TestClient[Litestar], assets: Assets
) -> None:
    address = f"/ui/{assets.revision}/static/app.js"
    plain = client.get(address, headers={"accept-encoding": "br, gzip;q=0"})
    small = client.get(address, headers={"accept-encoding": "br, gzip;q=0.5"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"])
    assert small.content == plain.content
    assert small.headers["etag"] != plain.headers["etag"]
    assert small.headers["vary"] == plain.headers["vary"] == "accept-encoding"


def test_blanks_in_accept_encoding_are_read_once(client: TestClient[Litestar]) -> None:
    """Who reads a million once for each of them is not done within an hour."""
    blanks = " " * 1_000_000
    answer = client.get("/", headers={"accept-encoding": f"br{blanks}x ,{blanks}gzip"})
    assert answer.headers["content-encoding"] == "gzip"


def test_a_tiny_file_is_not_gzipped(client: TestClient[Litestar], assets: Assets) -> None:
    answer = client.get(f"/ui/{assets.revision}/vendor/graphiql.css")
    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers


@pytest.mark.parametrize("page", ["/graphiql", "/ui/{revision}/static/app.js"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_the_client_holds_is_not_sent_again(
    client: TestClient[Litestar], assets: Assets, page: str, coding: str
) -> None:
    page = page.format(revision=assets.revision)
    first = client.get(page, headers={"accept-encoding": coding})
    etag = first.headers["etag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        again = client.get(page, headers={"accept-encoding": coding, "if-none-match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == etag
        assert again.headers["cache-control"] == first.headers["cache-control"]
    other = client.get(page, headers={"accept-encoding": coding, "if-none-match": '"other"'})
    assert other.status_code == 200


@pytest.mark.parametrize("page", ["/", "/graphiql", "/ui/{revision}/static/app.js", "/ui/x/y.js"])
def test_head_answers_like_get_without_the_body(
    client: TestClient[Litestar], assets: Assets, page: str
) -> None:
    page = page.format(revision=assets.revision)
    got, head = client.get(page), client.head(page)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize(
    "name",
    [
        "static/nothing.js",
        "static/index.html",
        "static/../package.json",
        "%2e%2e/package.json",
        "package.json",
        "build_hook.py",
    ],
)
def test_nothing_but_the_listed_files_is_served(
    client: TestClient[Litestar], assets: Assets, name: str
) -> None:
    answer = client.get(f"/ui/{assets.revision}/{name}")
    assert answer.status_code == 404


def test_another_revision_is_not_answered_with_these_bytes(client: TestClient[Litestar]) -> None:
    answer = client.get("/ui/0123456789abcdef/static/app.js")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert "reload the page" in answer.text


def test_without_the_vendored_files_the_explorer_says_what_to_do(tmp_path: Path) -> None:
    shutil.copytree(UI / "static", tmp_path / "static")
    bare = load_assets(tmp_path)
    client = TestClient(Litestar(ui_routes(bare), openapi_config=None))
    answer = client.get("/graphiql")
    assert answer.status_code == 503
    assert "pip install ." in answer.text
    assert answer.headers["content-security-policy"] == EXPLORER_POLICY
    assert "vendor/react.js" in bare.missing
    assert client.get("/").status_code == 200


def test_the_revision_follows_every_file(tmp_path: Path, assets: Assets) -> None:
    copy = complete_copy(tmp_path / "ui")
    assert load_assets(copy).revision == assets.revision
    with (copy / "static" / "app.css").open("a") as stylesheet:
        stylesheet.write("/* one more line */")
    assert load_assets(copy).revision != assets.revision


def test_the_compressed_form_is_the_same_file(assets: Assets) -> None:
    compressed = [asset for asset in assets.files.values() if asset.gzipped is not None]
    assert compressed
    for asset in compressed:
        assert asset.gzipped is not None
        assert gzip.decompress(asset.gzipped) == asset.body
