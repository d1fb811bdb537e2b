"""What every page is asked: does it fit, can everyone use it, is it what its title says?"""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

WIDTHS = (1280, 390, 320)
SCHEMES = ("light", "dark")
_AXE = Axe()


def settled(page: Page) -> None:
    """Wait until the page has asked nothing and shown everything."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def check_page(page: Page, scheme: str = "light") -> None:
    """Check a page that is shown for every width: nothing sticks out, axe-core finds nothing.

    In the dark only the colours differ, so only they are looked at again.
    """
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        settled(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert violations(page, rules) == []


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    """Return what axe-core finds wrong, with the elements that it means."""
    found: list[dict[str, Any]] = _AXE.run(page, options=rules).response["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {[node['html'][:200] for node in rule['nodes']][:3]}"
        for rule in found
    ]
