"""The pages in a real browser; any message on its console fails the test."""

import re
import shutil
from collections.abc import Iterator

import pytest

from graphrepo.web.ui import load_assets
from tests.ui.stage import Stage, running

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    with running() as stage:
        yield stage


@pytest.fixture
def page(browser: Browser, stage: Stage) -> Iterator[Page]:
    """Open a tab whose console must stay silent, and which must not leave the site."""
    context = browser.new_context(base_url=stage.address)
    page = context.new_page()
    complaints: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("request", lambda request: requested.append(request.url))
    yield page
    context.close()
    assert [text for text in complaints if is_fault(text)] == []
    assert [url for url in requested if not url.startswith((stage.address, "data:"))] == []


def is_fault(complaint: str) -> bool:
    """Tell a fault from advice, and from the note that a browser makes of each refusal."""
    refused = "the server responded with a status of 401" in complaint
    return complaint.startswith(("error", "warning")) and not refused


def test_home_lists_the_channels(page: Page) -> None:
    page.goto("/")
    expect(page).to_have_title("Channels · graphrepo")
    expect(page.get_by_text("2 channels")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="vision")).to_contain_text("private")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    page.get_by_role("link", name="main").click()
    expect(page).to_have_url(re.compile(r"/channels/main$"))


def test_a_channel_shows_how_to_install_from_it(page: Page, stage: Stage) -> None:
    page.goto("/channels/vision")
    expect(page.get_by_role("heading", level=1)).to_have_text("vision")
    url = f"{stage.address}/vision"
    for line in (
        f"conda install --channel {url} zlib",
        f"mamba install --channel {url} zlib",
        f"pixi init --channel {url} && pixi add zlib",
    ):
        expect(page.get_by_text(line, exact=True)).to_be_visible()
    row = page.get_by_role("row").filter(has_text="zlib")
    expect(row).to_contain_text("Massively spiffy <b>compression</b> & more")
    expect(row).to_contain_text("linux-64 · osx-arm64")


def test_the_copy_button_copies_the_line(page: Page, stage: Stage) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/channels/main")
    page.get_by_role("button", name="Copy the mamba command").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"mamba install --channel {stage.address}/main zlib"


def test_a_missing_channel_and_a_private_one_read_the_same(page: Page) -> None:
    page.goto("/channels/nothing")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("There is no page here, or you may not see it")


def test_a_refusal_is_shown_in_the_servers_own_sentence(page: Page, stage: Stage) -> None:
    stage.refusal = "The database does not answer: try again in a minute."
    page.goto("/channels/main")
    expect(page.get_by_role("alert")).to_have_text(stage.refusal)


@pytest.mark.parametrize("address", ["/", "/channels/vision", "/login", "/channels/nothing"])
def test_pages_fit_a_small_phone(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_heading_has_the_focus_once_a_page_is_shown(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_signing_in_returns_to_where_one_came_from(page: Page, stage: Stage) -> None:
    page.goto("/channels/main")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Login").fill("mara")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Login and password do not belong together: check both and try again."
    )
    page.get_by_label("Password").fill("right")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{stage.address}/channels/main")
    expect(page.get_by_text("mara")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert stage.bodies("/api/auth/login")[-1] == {"login": "mara", "password": "right"}
    assert all(headers["x-graphrepo-csrf"] == "1" for _, _, headers in stage.heard)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "{here}//evil.example",
        "http://",
    ],
)
def test_signing_in_never_leads_to_another_origin(page: Page, stage: Stage, elsewhere: str) -> None:
    page.goto("/login")
    module = f"/ui/{load_assets().revision}/static/pages/login.js"
    target = page.evaluate(
        "async ([module, next]) => (await import(module)).destination(next)",
        [module, elsewhere.format(here=stage.address)],
    )
    assert target == "/" or target.startswith(f"{stage.address}/")


def test_setup_creates_the_first_administrator(page: Page, stage: Stage) -> None:
    page.goto("/setup?token=one-time")
    page.get_by_label("Login").fill("root")
    page.get_by_label("Password").fill("a long passphrase")
    assert page.url == f"{stage.address}/setup"
    page.get_by_role("button", name="Create administrator").click()
    expect(page).to_have_url(f"{stage.address}/")
    expect(page.get_by_text("root")).to_be_visible()
    (sent,) = stage.bodies("/api/auth/setup")
    assert sent == {"token": "one-time", "login": "root", "password": "a long passphrase"}


def test_setup_without_its_token_says_where_the_link_is(page: Page) -> None:
    page.goto("/setup")
    expect(page.get_by_role("alert")).to_contain_text("the whole link that the server printed")


@pytest.mark.skipif(bool(load_assets().missing), reason="vendor/ is empty: run pip install .")
def test_the_explorer_runs_a_query_with_the_key_in_the_bar(page: Page, stage: Stage) -> None:
    page.goto("/graphiql")
    page.get_by_label("API key").fill("gr-secret")
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text('"vision"')
    _, body, headers = stage.heard[-1]
    assert body["operationName"] == "Channels"
    assert headers["authorization"] == "Bearer gr-secret"
    assert headers["x-graphrepo-csrf"] == "1"
    assert "gr-secret" not in page.evaluate("JSON.stringify({...localStorage})")


@pytest.mark.skipif(bool(load_assets().missing), reason="vendor/ is empty: run pip install .")
def test_every_pane_of_the_explorer_works_under_its_policy(page: Page) -> None:
    page.goto("/graphiql")
    for pane in ("Show Documentation Explorer", "Show History", "Show GraphiQL Explorer"):
        page.get_by_role("button", name=pane).click()
        expect(page.locator(".graphiql-plugin")).to_be_visible()
    page.get_by_role("button", name="Open settings dialog").click()
    expect(page.get_by_role("dialog")).to_be_visible()
