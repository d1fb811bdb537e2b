"""What people are led to, and pages that are missing, refused, late or cut off."""

import pytest
from playwright.sync_api import expect

from tests.server import ADMINISTRATOR
from tests.ui.conftest import OpenPage, Site, Tabs
from tests.ui.looking import check_page, held, settled

TABS = {
    "": None,
    "sam": None,
    "mia": [],
    "carl": ["Packages", "Upload"],
    "olga": ["Packages", "Upload", "Members", "CI", "Settings"],
    ADMINISTRATOR: ["Packages", "Upload", "Members", "CI", "Settings"],
}
"""Who looks at a private channel -> what they are led to; None where it does not exist for them."""


def test_each_kind_of_person_is_led_to_what_they_may_do(open_page: OpenPage, site: Site) -> None:
    for login, wanted in TABS.items():
        page = open_page(f"/channels/{site.closed}", login=login)
        settled(page)
        is_there = page.get_by_role("heading", level=1).inner_text() == site.closed
        tabs = page.get_by_role("navigation", name=site.closed).get_by_role("link")
        assert (tabs.all_inner_texts() if is_there else None) == wanted


@pytest.mark.parametrize("address", ["/channels/nothing", "/channels/{closed}", "/nowhere/at/all"])
def test_what_is_missing_and_what_is_private_read_the_same(
    open_page: OpenPage, site: Site, address: str
) -> None:
    page = open_page("/channels")
    settled(page)
    page.evaluate("href => history.pushState({}, '', href)", address.format(closed=site.closed))
    page.evaluate("() => dispatchEvent(new PopStateEvent('popstate'))")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("There is no page here, or you may not see it")
    expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()


def test_a_page_that_waits_says_so_after_a_moment(tabs: Tabs, site: Site) -> None:
    page = tabs.open("/channels")
    settled(page)
    asking = held(page, "**/api/graphql")
    page.get_by_role("link", name=site.open, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(site.open)
    expect(page.get_by_text("Loading")).to_be_visible()
    asking[0].continue_()
    expect(page.get_by_text("3 packages")).to_be_visible()
    page.get_by_role("searchbox").fill("arrow")
    expect(page.locator(".region.stale td.main a")).to_have_count(3)  # what was there stays
    asking[1].continue_()
    expect(page.locator("td.main a")).to_have_count(1)


def test_a_refusal_is_shown_in_the_servers_own_sentence_and_can_be_tried_again(
    tabs: Tabs, site: Site
) -> None:
    sentence = "The database does not answer: try again in a minute."
    page = tabs.open("/channels")
    settled(page)
    answer = {"data": None, "errors": [{"message": sentence, "extensions": {"code": "stale"}}]}
    page.route("**/api/graphql", lambda route: route.fulfill(json=answer))
    page.get_by_role("link", name=site.open, exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    page.unroute("**/api/graphql")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("3 packages")).to_be_visible()


def test_without_a_network_the_page_says_so_and_comes_back(tabs: Tabs, site: Site) -> None:
    tabs.watch.forgiven = ("net::ERR_INTERNET_DISCONNECTED",)
    page = tabs.open("/channels", is_fresh=True)
    settled(page)
    page.context.set_offline(offline=True)
    page.get_by_role("link", name=site.open, exact=True).click()
    heading = page.get_by_role("heading", level=1)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    check_page(page)
    page.context.set_offline(offline=False)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("td.main a").first).to_be_visible()
    expect(heading).to_have_text(site.open)
