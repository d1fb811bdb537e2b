"""The GraphQL explorer follows a channel, until it is told to stop."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from graphrepo.web.assets import load_assets
from tests.builders import package
from tests.ui.conftest import OpenPage, Site

needs_vendor = pytest.mark.skipif(
    bool(load_assets().missing), reason="vendor/ is empty: run pip install ."
)
STREAM = "text/event-stream"
EDITOR = ".graphiql-query-editor .CodeMirror"
WRITE = "(editor, text) => editor.CodeMirror.setValue(text)"
UNDERSTOOD = f"""() => document.querySelector("{EDITOR}").CodeMirror
    .documentAST?.definitions[0].operation === "subscription\""""


def follow(page: Page, channel: str) -> None:
    query = f'subscription Follow {{ channelChanged(name: "{channel}") {{ action filename }} }}'
    editor = page.locator(EDITOR).first
    expect(editor).to_contain_text("query Channels")
    editor.evaluate(WRITE, query)
    page.wait_for_function(UNDERSTOOD)  # GraphiQL waits a moment for more to be typed
    page.get_by_role("button", name="Execute query").click()


@needs_vendor
def test_changes_appear_as_they_happen_until_one_stops(open_page: OpenPage, site: Site) -> None:
    channel = site.owner.create_channel(is_public=False)
    page = open_page("/graphiql", login="mia", is_fresh=True)
    with page.expect_response(lambda answer: STREAM in answer.headers["content-type"]):
        follow(page, channel)
    result = page.locator(".result-window")
    shown(page, channel, site, lambda: "stir-" in result.inner_text())
    site.owner.publish(channel, package("seen"))
    expect(result).to_contain_text("seen-1.0-0.conda")
    with page.expect_event("requestfailed"):  # the browser lets go of the stream
        page.get_by_role("button", name="Stop query").click()
    site.owner.publish(channel, package("unseen"))
    expect(page.get_by_role("button", name="Execute query")).to_be_visible()
    expect(result).to_contain_text("seen-1.0-0.conda")
    expect(result).not_to_contain_text("unseen")


def shown(page: Page, channel: str, site: Site, is_there: Callable[[], bool]) -> None:
    """Upload until the page shows it: nothing says that the subscription stands."""
    number = 0
    while not is_there():
        site.owner.publish(channel, package("stir", str(number)))
        page.wait_for_function("() => new Promise(done => requestAnimationFrame(() => done(true)))")
        number += 1
        assert number < 200


@needs_vendor
def test_a_refusal_is_shown(open_page: OpenPage) -> None:
    page = open_page("/graphiql", is_fresh=True)
    follow(page, "nowhere")
    expect(page.locator(".result-window")).to_contain_text("not_authenticated")
    expect(page.get_by_role("button", name="Execute query")).to_be_visible()
