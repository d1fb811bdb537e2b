"""The pages that people read: titles, headings, focus, search, the grid, what is missing."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.builders import package
from tests.ui.conftest import PLATFORMS, OpenPage, Site
from tests.ui.looking import WIDTHS, check_page, settled, violations

ADDRESSES = {
    "home": ("/", "", "Packages · graphrepo"),
    "search": ("/search?q=arr", "olga", "“arr” · Packages · graphrepo"),
    "nothing-found": ("/?q=zzzz", "", "“zzzz” · Packages · graphrepo"),
    "channels": ("/channels", "olga", "Channels · graphrepo"),
    "channel": ("/channels/{open}", "", "{open} · graphrepo"),
    "private-channel": ("/channels/{closed}", "mia", "{closed} · graphrepo"),
    "empty-channel": ("/channels/{empty}", "olga", "{empty} · graphrepo"),
    "package": ("/channels/{open}/packages/arrow", "olga", "arrow · {open} · graphrepo"),
    "old-release": (
        "/channels/{open}/packages/arrow/1.9.0",
        "",
        "arrow 1.9.0 · {open} · graphrepo",
    ),
    "files": (
        "/channels/{open}/packages/arrow/files",
        "olga",
        "Files of arrow · {open} · graphrepo",
    ),
    "login": ("/login", "", "Sign in · graphrepo"),
    "setup": ("/setup?token=once", "", "Setup · graphrepo"),
    "missing": ("/channels/{closed}", "", "Not found · graphrepo"),
}
"""Name -> address, who looks, title."""


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_fits_and_can_be_used_by_everyone(
    open_page: OpenPage, site: Site, name: str
) -> None:
    names = {"open": site.open, "closed": site.closed, "empty": site.empty}
    address, login, title = (part.format(**names) for part in ADDRESSES[name])
    page = open_page(address, login=login)
    expect(page).to_have_title(title)
    check_page(page)


def test_after_going_somewhere_the_heading_has_the_focus(open_page: OpenPage, site: Site) -> None:
    page = open_page("/channels")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("link", name=site.open, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(site.open)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("link", name="Packages", exact=True).first.click()
    expect(page.get_by_role("searchbox")).to_be_focused()


# Search


def found(page: Page) -> list[str]:
    settled(page)
    return page.locator("td.main a").all_inner_texts()


def test_search_answers_while_one_types_and_the_address_keeps_it(open_page: OpenPage) -> None:
    page = open_page("/")
    expect(page.get_by_text("68 packages", exact=True)).to_be_visible()
    page.keyboard.type("ZLIB")
    expect(page.locator(".count")).to_have_text("2 packages")
    assert found(page) == ["zlib", "zlib-ng"]
    expect(page).to_have_url(re.compile(r"\?q=ZLIB$"))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("ZLIB")
    assert found(page) == ["zlib", "zlib-ng"]


def test_enter_leads_to_the_first_result_of_what_was_typed(open_page: OpenPage) -> None:
    page = open_page("/")
    settled(page)
    page.keyboard.type("zlib-")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="zlib-ng", exact=True)).to_be_focused()
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_going_back_restores_the_search_its_results_and_its_place(open_page: OpenPage) -> None:
    page = open_page("/?q=tool")
    settled(page)
    last = page.get_by_role("link", name="tool-55")
    last.scroll_into_view_if_needed()
    before = page.evaluate("() => scrollY")
    assert before > 500
    last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("tool-55"))
    assert page.evaluate("() => scrollY") == 0
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("tool")
    page.wait_for_function("before => Math.abs(scrollY - before) < 3", arg=before)


def test_with_the_keyboard_alone_one_finds_a_package_and_copies_how_to_get_it(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page("/channels", is_fresh=True)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    settled(page)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("link", name="Packages", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox", name="Search packages")).to_be_focused()
    page.keyboard.type("arr")
    expect(page.locator(".count")).to_have_text("1 package")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    while page.evaluate("() => document.activeElement.ariaLabel") != "Copy the pixi command":
        page.keyboard.press("Tab")
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineWidth") == "2px"
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"pixi workspace channel add {site.url}/{site.open}\npixi add arrow==2.0.0"


def test_escape_clears_the_search_and_the_keys_are_listed(open_page: OpenPage) -> None:
    page = open_page("/?q=zlib")
    settled(page)
    page.keyboard.press("Escape")
    expect(page.get_by_text("68 packages", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/$"))
    page.get_by_role("heading", level=1).click()
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("go through the results")
    assert violations(page, part="dialog") == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_search_without_result_says_what_to_do(open_page: OpenPage) -> None:
    page = open_page("/?q=zzzz")
    expect(page.get_by_text("Nothing here matches “zzzz”.")).to_be_visible()
    page.get_by_role("link", name="show all packages").click()
    expect(page.get_by_text("68 packages", exact=True)).to_be_visible()


def test_search_narrows_down_to_a_platform_and_a_channel_in_the_address(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page("/")
    settled(page)
    page.get_by_role("link", name="win-64", exact=True).click()
    expect(page.locator(".count")).to_have_text("1 package")
    assert found(page) == ["arrow"]
    # Its latest is a pre-release for linux-64 alone.
    expect(page.get_by_role("img", name=", ".join(PLATFORMS), exact=True)).to_be_visible()
    page.get_by_role("link", name="noarch", exact=True).click()
    expect(page.locator(".count")).to_have_text("67 packages")
    page.get_by_label("Channel", exact=True).fill(site.open)
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_text("2 packages")
    expect(page).to_have_url(re.compile(rf"\?platform=noarch&channel={site.open}$"))
    page.reload()
    expect(page.get_by_label("Channel", exact=True)).to_have_value(site.open)
    assert found(page) == ["zlib", "zlib-ng"]
    page.get_by_role("searchbox", name="Search packages").fill("arrow")
    expect(page.get_by_text("No package is like that.")).to_be_visible()
    page.go_back()
    expect(page.locator(".count")).to_have_text("67 packages")


def test_lists_come_in_pages_and_in_the_order_asked_for(open_page: OpenPage, site: Site) -> None:
    page = open_page("/")
    settled(page)
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("61–68 of 68 packages")).to_be_visible()
    assert found(page)[-1] == "zlib-ng"
    page.get_by_role("columnheader", name="Name").get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"\?sort=-name$"))
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Name↓")
    expect(page.locator("td.main a").first).to_have_text("zlib-ng")
    page.goto(f"/channels/{site.long}?sort=-updated")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Updated↓")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("61–65 of 65 packages")).to_be_visible()
    expect(page.locator("time").first).to_have_attribute("title", re.compile(r" at \d+:\d\d"))


# Channels


def test_a_channel_of_the_longest_name_fits_where_it_is_named(
    open_page: OpenPage, site: Site
) -> None:
    name = "experiments." + "a" * 116
    create = "mutation($n: String!) {createChannel(name: $n, isPublic: false) {name}}"
    site.owner.ask(create, n=name)
    site.owner.publish(name, package("kite-of-wind"))
    for address in (f"/?channel={name}", "/channels?show=mine", f"/channels/{name}/settings"):
        page = open_page(address, login="olga")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            settled(page)
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    site.owner.ask("mutation($n: String!) {deleteChannel(name: $n) {name}}", n=name)


def test_the_list_of_channels_shows_each_viewer_their_own(open_page: OpenPage, site: Site) -> None:
    page = open_page("/channels")
    settled(page)
    assert site.open in found(page)
    assert site.closed not in found(page)
    page = open_page("/channels", login="olga")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=site.closed, exact=True))
    expect(row).to_contain_text("private")
    expect(row).to_contain_text("owner")
    page.get_by_role("link", name="Public", exact=True).click()
    expect(page.get_by_role("link", name=site.closed, exact=True)).to_have_count(0)
    page.get_by_role("columnheader", name="Packages").get_by_role("button").click()
    expect(page.locator("td.main a").first).to_have_text(site.long)
    page.get_by_role("link", name="Mine", exact=True).click()
    expect(page.get_by_role("link", name=site.closed, exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?show=mine&sort=-packages$"))


def test_a_channel_tells_how_to_use_it_with_each_tool(open_page: OpenPage, site: Site) -> None:
    page = open_page(f"/channels/{site.open}", is_fresh=True)
    url = f"{site.url}/{site.open}"
    for tool in ("conda", "mamba", "micromamba"):
        page.get_by_role("button", name=tool, exact=True).click()
        expect(page.get_by_text(f"{tool} install --channel {url} ")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="micromamba", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_private_channel_tells_how_to_sign_in_first(open_page: OpenPage, site: Site) -> None:
    page = open_page(f"/channels/{site.closed}", login="mia", is_fresh=True)
    expect(page.get_by_text(f"pixi auth login {site.url} --token YOUR_KEY")).to_be_visible()
    page.get_by_role("button", name="conda", exact=True).click()
    expect(page.get_by_text(f"/t/YOUR_KEY/{site.closed} secret")).to_be_visible()


def test_only_those_who_may_upload_see_how(open_page: OpenPage, site: Site) -> None:
    for login, shown in (("carl", 1), ("mia", 0), ("", 0)):
        page = open_page(f"/channels/{site.open}", login=login)
        settled(page)
        expect(page.get_by_role("link", name="+ Add")).to_have_count(shown)


def test_a_channel_is_searched_and_screen_readers_hear_how_much_there_is(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(f"/channels/{site.open}")
    page.get_by_role("searchbox").fill("zlib")
    expect(page.locator("#announcements")).to_have_text("2 packages")
    assert found(page) == ["zlib", "zlib-ng"]
