"""What every page is asked: does it fit, can everyone use it, is it what its title says?"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

WIDTHS = (1280, 390, 320)
SCHEMES = ("light", "dark")

_CONTRAST = "color-contrast"
# The widest and the narrowest: what lies between is laid out as on the narrowest. Colours are
# compared once in the light and once, after all of it, in the dark.
_ASKED = {1280: {}, 320: {"rules": {_CONTRAST: {"enabled": False}}}}
_IN_THE_DARK = {"runOnly": [_CONTRAST]}
# The rules that need a stylesheet's text or a frame's insides are for what our pages do not have.
_QUICKLY = {"resultTypes": ["violations"], "preload": False, "iframes": False}

_AXE: Any = Axe()
# Rows of a table are alike: the first ones stand for all.
_LOOK = """async ([part, options]) => {
    const context = { include: [[part]], exclude: [["tbody tr:nth-child(n + 7)"]] };
    const { violations } = await axe.run(context, options);
    return violations.map(({ id, help, nodes }) =>
        [id, help, ...nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))].join(": "));
}"""


def module_path(page: Page, name: str) -> str:
    """Return the address of one of the application's modules: each has exactly one."""
    source = page.locator("script[src$='/boot.js']").get_attribute("src") or ""
    return source.replace("boot.js", name)


def settled(page: Page) -> None:
    """Wait until the script has taken over, and the page has asked all and shown everything."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("footer .theme")).to_be_attached()
    expect(page.locator("[data-early]")).to_have_count(0)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def held(page: Page, address: str) -> list[Route]:
    """Let no request to such an address go on; return them as they come."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(address, hold)
    return waiting


def check_page(page: Page) -> None:
    """Check a page at every width and in both schemes: nothing sticks out, axe finds nothing."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        settled(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert width not in _ASKED or violations(page, _ASKED[width]) == []
    # In the dark only the colours differ; without motion they change at once.
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(page, _IN_THE_DARK) == []


def violations(
    page: Page, options: Mapping[str, object] = MappingProxyType({}), *, part: str = "html"
) -> list[str]:
    """Return what axe-core finds wrong in a part of the page, with the elements that it means."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_AXE.axe_script)
    found: Any = page.evaluate(_LOOK, [part, {**_QUICKLY, **options}])
    return found
