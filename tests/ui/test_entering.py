"""Signing in and out, the first set-up, and the GraphQL explorer."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from graphrepo.web.assets import load_assets
from tests.processes import PASSWORD, serving
from tests.ui.conftest import OpenPage, Site, Watch
from tests.ui.looking import module_path, settled

needs_vendor = pytest.mark.skipif(
    bool(load_assets().missing), reason="vendor/ is empty: run pip install ."
)


def test_signing_in_returns_to_where_one_came_from(open_page: OpenPage, site: Site) -> None:
    page = open_page(f"/channels/{site.open}?q=arrow", is_fresh=True)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Login").fill("mia")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("Login")).to_be_focused()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{site.url}/channels/{site.open}?q=arrow")
    expect(page.get_by_role("link", name="mia")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{site.url}/")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "{here}//evil.example",
    "http://",
    "///evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\n//evil.example",
    "https:evil.example",
    "{here}@evil.example",
    "{here}.evil.example",
    "javascript:%0aalert(1)//{here}",
    "data:text/html,<script>alert(1)</script>",
    "blob:{here}/made-elsewhere",
    "/%0d%0aLocation:%20https://evil.example",
]


def test_signing_in_never_leads_to_another_origin(open_page: OpenPage, site: Site) -> None:
    page = open_page("/login")
    targets = page.evaluate(
        "async ([module, all]) => all.map((await import(module)).destination)",
        [
            module_path(page, "pages/entrance.js"),
            [address.format(here=site.url) for address in ELSEWHERE],
        ],
    )
    away = [to for to in targets if to != "/" and not to.startswith(f"{site.url}/")]
    assert (len(targets), away) == (len(ELSEWHERE), [])


def test_the_first_administrator_is_set_up_once(browser: Browser, tmp_path: Path) -> None:
    watch = Watch()
    with serving(tmp_path / "data", is_first=True) as server:
        page = browser.new_context(base_url=server.url).new_page()
        watch.follow(page)
        page.goto(f"/setup?token={server.setup_token}")
        page.get_by_label("Login").fill("root")
        page.get_by_label("Password").fill("a long passphrase")
        expect(page).to_have_url(f"{server.url}/setup")
        page.get_by_role("button", name="Create administrator").click()
        expect(page).to_have_url(f"{server.url}/")
        expect(page.get_by_role("link", name="root")).to_be_visible()
        expect(page.get_by_role("link", name="Admin", exact=True)).to_be_visible()
        expect(page.get_by_text("There is no package here yet")).to_be_visible()
        page.context.close()
    assert watch.faults() == []


def test_whether_somebody_is_signed_in_is_known_to_the_first_frame(open_page: OpenPage) -> None:
    root = open_page("/channels", login="mia").locator("html")
    assert root.get_attribute("data-signed-in") == ""
    assert open_page("/channels").locator("html").get_attribute("data-signed-in") is None


def test_setup_without_its_token_says_where_the_link_is(open_page: OpenPage) -> None:
    page = open_page("/setup")
    expect(page.get_by_role("alert")).to_contain_text("the whole link that the server printed")


def test_the_theme_is_the_readers_own_and_lasts(open_page: OpenPage) -> None:
    page = open_page("/channels", is_fresh=True)
    settled(page)
    dark = "() => getComputedStyle(document.body).backgroundColor === 'rgb(14, 21, 20)'"
    assert not page.evaluate(dark)
    page.get_by_label("Theme").select_option("dark")
    assert page.evaluate(dark)
    page.reload()
    settled(page)
    assert page.evaluate(dark)


# The explorer


@needs_vendor
def test_the_explorer_runs_a_query_with_the_key_in_the_bar(open_page: OpenPage, site: Site) -> None:
    page = open_page("/graphiql", is_fresh=True)
    page.get_by_label("API key").fill(site.owner.token)
    with page.expect_request("**/api/graphql") as asked:
        page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text(f'"{site.closed}"')
    assert asked.value.headers["authorization"] == f"Bearer {site.owner.token}"
    assert asked.value.headers["x-graphrepo-csrf"] == "1"
    assert site.owner.token not in page.evaluate("() => JSON.stringify({...localStorage})")


@needs_vendor
def test_the_explorer_has_the_rights_of_the_session(open_page: OpenPage, site: Site) -> None:
    page = open_page("/graphiql", login="mia", is_fresh=True)
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text(f'"{site.closed}"')


@needs_vendor
def test_every_pane_of_the_explorer_works_under_its_policy(open_page: OpenPage) -> None:
    page = open_page("/graphiql", is_fresh=True)
    for pane in ("Show Documentation Explorer", "Show History", "Show GraphiQL Explorer"):
        page.get_by_role("button", name=pane).click()
        expect(page.locator(".graphiql-plugin")).to_be_visible()
    page.get_by_role("button", name="Open settings dialog").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page).to_have_title(re.compile("^GraphQL explorer"))
