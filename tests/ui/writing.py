"""What the tests of the writing pages do again and again."""

from playwright.sync_api import Locator, Page, expect

from tests.ui.looking import violations

ASIDE = """(dialog) => {
    const { left, right } = dialog.getBoundingClientRect();
    return Math.abs(left + right - document.documentElement.clientWidth);
}"""
"""How far a dialog is from the middle, twice."""


def line(page: Page, name: str) -> Locator:
    """Return the row of a table that names this."""
    return page.get_by_role("row").filter(has=page.get_by_role("cell", name=name))


def opened(page: Page, title: str) -> Locator:
    """Open a part of a channel's settings, and return it."""
    part = page.get_by_role("region", name=title)
    part.locator("summary").filter(has_text=title).click()
    return part


def confirm(page: Page, action: str, typed: str = "", reason: str = "") -> None:
    """Answer the second look, where a name or a reason may have to be typed first.

    It must stand in the middle, and axe has nothing to say.
    """
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert violations(page, part="dialog") == []
    assert dialog.evaluate(ASIDE) <= 1
    if typed:
        expect(dialog.get_by_role("button", name=action)).to_be_disabled()
        dialog.get_by_role("textbox").fill(typed)
    if reason:
        dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=action).click()
    expect(dialog).to_have_count(0)
