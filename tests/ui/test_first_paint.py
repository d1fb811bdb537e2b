"""The first frame, which the server draws: there before any script, and taken over as it stands."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import OpenPage, Profiles, Site, Tabs
from tests.ui.looking import held, settled

NOTED = """
window.noted = () => ["h1", ".crumbs", "input[type=search]"]
    .map((one) => document.querySelector(`#main ${one}`))
    .filter((found) => found)
    .map((found) => [found.tagName, found.getBoundingClientRect()])
    .map(([name, { x, y }]) => [name, x, y]);
window.moved = 0;
new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) window.moved += value;
}).observe({ type: "layout-shift", buffered: true });
document.addEventListener("DOMContentLoaded", () => requestAnimationFrame(() => {
    window.drawn = window.noted();
    window.here = document.querySelector("#places [aria-current=page]")?.textContent;
    window.heading = document.querySelector("h1");
}));
"""
"""Notes where things are while the server's frame is all that there is."""

FRAMES = {
    "/": "Packages",
    "/search?q=arr": "Packages",
    "/channels?q=chan": "Channels",
    "/channels/{open}": "{open}",
    "/channels/{open}/packages/arrow": "arrow",
    "/channels/{open}/packages/arrow/1.9.0": "arrow 1.9.0",
    "/channels/{open}/packages/arrow/files": "Files of arrow",
    "/channels/{open}/upload": "Upload to {open}",
    "/channels/{open}/members": "Members of {open}",
    "/channels/{open}/publishers": "CI jobs of {open}",
    "/channels/{open}/settings": "Settings of {open}",
    "/login": "Sign in",
    "/setup?token=once": "Set up graphrepo",
}
"""Address -> heading, for olga."""


@pytest.mark.parametrize("address", FRAMES)
def test_the_page_takes_over_what_was_drawn_and_nothing_moves(
    tabs: Tabs, site: Site, address: str
) -> None:
    page = tabs.profiles.of("olga").new_page()
    tabs.pages.append(page)
    tabs.watch.follow(page)
    page.add_init_script(NOTED)
    page.goto(address.format(open=site.open))
    settled(page)
    drawn: list[tuple[str, float, float]] = page.evaluate("() => window.drawn")
    assert drawn
    for (name, *before), (same, *after) in zip(
        drawn, page.evaluate("() => window.noted()"), strict=False
    ):
        assert same == name
        assert after == pytest.approx(before, abs=1)
    assert page.evaluate("() => window.heading.isConnected")
    assert page.evaluate("() => window.moved") <= 0.01
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(FRAMES[address].format(open=site.open))
    place = "Channels" if address.startswith("/channels") else "Packages"
    if address[1:6] not in {"login", "setup"}:
        assert page.evaluate("() => window.here") == place


DRAWN = """() => {
    const main = document.getElementById("main").cloneNode(true);
    for (const each of main.querySelectorAll("*")) {
        if (each.tagName === "TIME") each.removeAttribute("title"); // depends on where one is
        if (each.tagName === "H1") each.removeAttribute("tabindex"); // the focus goes there
        if (each.matches(".heading .count, time")) each.textContent = "";
        if (each.matches(".heading > :is(.pill, .button)")) each.remove(); // beside the name
        if (each.getAttribute("class")?.trim() === "") each.removeAttribute("class");
        for (const name of ["data-early", "style"]) each.removeAttribute(name);
    }
    return main.innerHTML.replace(/<!--.*?-->/g, "").replace(/></g, ">\\n<").split("\\n");
}"""
"""The page, but for what only a browser knows."""


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?q=zlib",
        "/search?platform=linux-64&sort=-updated",
        "/?channel={long}&page=2",
        "/channels/{open}",
        "/channels/{open}?q=zlib",
        "olga/channels/{closed}",
    ],
)
def test_the_server_draws_what_the_script_makes_of_the_same_answer(
    tabs: Tabs, site: Site, address: str
) -> None:
    login, slash, rest = address.partition("/")
    tabs.own.append(tabs.profiles.fresh(login))
    page = tabs.own[-1].new_page()
    if login:  # who chose a tool
        tabs.own[-1].add_cookies([{"name": "tool", "value": "micromamba", "url": site.url}])
    tabs.watch.follow(page)
    page.add_init_script(NOTED)
    page.add_init_script(
        f'addEventListener("DOMContentLoaded", () => {{ window.sent = ({DRAWN})(); }});'
    )
    page.goto(slash + rest.format(open=site.open, closed=site.closed, long=site.long))
    expect(page.get_by_text(re.compile(r"^graphrepo \d"))).to_be_visible()
    settled(page)
    assert page.evaluate(DRAWN) == page.evaluate("() => window.sent")
    assert page.evaluate("() => window.moved") <= 0.01
    assert [url for url in tabs.watch.requested if "/api/" in url] == []


def test_a_search_can_be_typed_before_the_script_is_here(tabs: Tabs) -> None:
    page = tabs.open("/healthz", is_fresh=True)
    loading = held(page, "**/static/app.js")
    page.goto("/", wait_until="commit")
    box = page.get_by_role("searchbox", name="Search packages")
    expect(box).to_be_focused()
    page.keyboard.type("zlib")
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    loading[0].continue_()
    expect(page.locator(".count")).to_have_text("2 packages")
    expect(box).to_be_focused()
    page.keyboard.type("-n")
    expect(box).to_have_value("zlib-n")
    expect(page.locator(".count")).to_have_text("1 package")


def test_a_button_can_be_pressed_before_the_script_is_here(tabs: Tabs, site: Site) -> None:
    page = tabs.open("/healthz", is_fresh=True)
    loading = held(page, "**/static/app.js")
    page.goto(f"/channels/{site.open}", wait_until="commit")
    page.get_by_role("button", name="conda", exact=True).click()
    expect(page.get_by_text("pixi workspace channel add")).to_be_visible()
    loading[0].continue_()
    expect(page.get_by_text("conda install --channel")).to_be_visible()


def test_without_scripts_there_are_a_heading_and_a_search(profiles: Profiles, site: Site) -> None:
    context = profiles.browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Packages")
    page.get_by_role("searchbox").fill("zlib")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/?q=zlib")
    expect(page.get_by_role("searchbox")).to_have_value("zlib")
    context.close()


def test_rows_come_by_themselves_where_the_script_never_does(tabs: Tabs) -> None:
    page = tabs.open("/healthz", is_fresh=True)
    tabs.watch.forgiven += ("Failed to load resource",)
    page.route("**/*.js", lambda route: route.abort())
    page.goto("/")
    shown(page)


def test_a_page_in_the_background_waits_for_no_frame(open_page: OpenPage) -> None:
    page = open_page("/healthz", is_fresh=True)
    page.add_init_script("""
        Object.defineProperty(document, "hidden", { value: true });
        const frame = requestAnimationFrame;
        window.requestAnimationFrame = (act) => document.querySelector("td") && frame(act);
    """)
    page.goto("/")
    shown(page)


def shown(page: Page) -> None:
    expect(page.locator("td.main a").first).to_be_visible()
