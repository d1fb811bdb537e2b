"""Whatever people and packages say is text: on no page does it become markup, script or a link."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page

from tests.builders import package
from tests.server import ADMINISTRATOR, Client
from tests.ui.conftest import OpenPage, Site
from tests.ui.looking import settled

MARKUP = '"\'><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'
LINK = "javascript:window.pwned=1"
TEXTS = f"{MARKUP} [click]({LINK}) <a href='{LINK}'>here</a> {{{{7*7}}}}${{7*7}}"
ABOUT = {
    "summary": TEXTS,
    "description": f"# {TEXTS}\n\n{TEXTS}",
    "home": LINK,
    "dev_url": [LINK, f"https://x.example/{MARKUP}"],
    "doc_url": f"  {LINK.upper()}",
    "doc_source_url": "data:text/html,<script>window.pwned=1</script>",
    "source_url": "vbscript:x",
    "license": TEXTS,
    "license_family": TEXTS,
    "license_url": LINK,
    "icon": LINK,
    "keywords": [TEXTS],
    "tags": [TEXTS],
    "identifiers": [TEXTS],
    "recipe-maintainers": [TEXTS],
    "channels": [TEXTS],
    "extra": {TEXTS: TEXTS},
}
NAME = "hostile"
PAGES = (
    "/?q={text}",
    "/search?q={text}",
    "/login?next={link}",
    "/setup?token={text}",
    "/account",
    "/account/keys",
    "/admin",
    "/admin/channels",
    "/admin/jobs",
    "/admin/quarantine",
    "/admin/log",
    "/channels?q={text}",
    "/channels/{channel}",
    "/channels/{channel}?q={text}",
    "/channels/{channel}/upload",
    "/channels/{channel}/members",
    "/channels/{channel}/publishers",
    "/channels/{channel}/settings",
    "/channels/{channel}/packages/hostile",
    "/channels/{channel}/packages/hostile/2.0",
    "/channels/{channel}/packages/hostile/files",
    "/channels/{text}",
    "/channels/{channel}/packages/{text}",
    "/channels/{channel}/packages/hostile/{text}",
)
ACTIVE = """() => [
    ...document.querySelectorAll("script:not([src], [type='application/json'])"),
    ...document.querySelectorAll("iframe, object, embed, base, [srcdoc]"),
    ...[...document.querySelectorAll("*")].filter((element) => [...element.attributes].some(
        ({ name, value }) => /^on/i.test(name)
            || (/^(href|src|action|formaction|xlink:href)$/i.test(name)
                && !/^(https?:|data:image\\/|[/#?.]|blob:|[\\w-]+$)/i.test(value.trim())))),
].map((element) => element.outerHTML.slice(0, 200))"""
"""What of a page could run or lead to something that runs."""


@dataclass(frozen=True)
class Trap:
    """A channel where everything that takes a text has been given a hostile one."""

    name: str
    owner: Client


@pytest.fixture(scope="module")
def trap(site: Site) -> Generator[Trap]:
    with site.server.client(ADMINISTRATOR) as root:
        owner = site.owner
        name = owner.create_channel()
        files = {"share/<img src=x onerror=window.pwned=1>.txt": b"x"}
        for version in ("1.0", "2.0"):
            built = package(NAME, version, about=ABOUT, files=files, info_files=readmes())
            owner.publish(name, built)
        fill(owner, root, name)
        yield Trap(name, owner)
        owner.ask("mutation($n: String!) {deleteChannel(name: $n) {name}}", n=name)


def readmes() -> dict[str, bytes]:
    names = ("README.md", "README.rst", "README", "LICENSE.txt", "recipe/meta.yaml")
    return dict.fromkeys(names, f"# {TEXTS}".encode())


def fill(owner: Client, root: Client, channel: str) -> None:
    """Put texts wherever GraphQL takes one that is free."""
    owner.ask(
        "mutation($c: String!, $t: String!) { updateChannel(name: $c, description: $t) { name } }",
        c=channel,
        t=TEXTS[:250],
    )
    owner.ask(
        """mutation($c: String!, $t: String!) { createChannelNotice(channelName: $c, message: $t,
            level: CRITICAL, expiresAt: "2099-01-01T00:00:00Z") { id } }""",
        c=channel,
        t=TEXTS,
    )
    owner.ask(
        """mutation($c: String!, $t: String!) { yankPackageVariant(channelName: $c,
            subdir: "noarch", filename: "hostile-1.0-0.conda", reason: $t) }""",
        c=channel,
        t=TEXTS,
    )
    root.ask(
        "mutation($t: String!) { createApiKey(name: $t, description: $t) { key } }", t=MARKUP[:60]
    )
    root.ask(
        """mutation($c: String!, $t: String!) { applyQuarantine(action: YANK, reason: $t,
            matchSpec: "hostile ==1.0", channels: [$c], dryRun: false) { dryRun } }""",
        c=channel,
        t=TEXTS,
    )


def looked_at(page: Page) -> list[str]:
    settled(page)
    assert page.evaluate("() => window.pwned") is None
    return page.evaluate(ACTIVE)


def test_no_page_runs_what_a_text_says(open_page: OpenPage, site: Site, trap: Trap) -> None:
    words = {"text": quote(MARKUP, safe=""), "link": quote(LINK), "channel": trap.name}
    page = open_page("/", login=ADMINISTRATOR)  # who sees the most
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for address in PAGES:
        page.goto(address.format(**words))
        assert looked_at(page) == [], address
    assert dialogs == []
    assert page.url.startswith(site.url)


def addresses(trap: Trap) -> Iterator[str]:
    for template in PAGES:
        yield template.format(text=quote(MARKUP, safe=""), link=quote(LINK), channel=trap.name)
    yield f"/{quote(MARKUP, safe='')}"
    yield f"/nothing/{quote(MARKUP, safe='')}"


def test_what_is_sent_before_scripts_run_is_text_as_well(trap: Trap) -> None:
    for address in addresses(trap):
        answer = trap.owner.get(address, headers={"Accept": "text/html"})
        if "text/html" in answer.headers.get("content-type", ""):
            assert "<img" not in answer.text, address
            assert "script-src 'self'" in answer.headers["content-security-policy"]
        else:
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_feeds_and_documents_hold_it_as_data(trap: Trap) -> None:
    feed = trap.owner.get(f"/{trap.name}/rss.xml")
    assert b"<img" not in feed.content
    links = [element.text or "" for element in ET.fromstring(feed.content).iter("link")]  # noqa: S314 - ours
    assert all(link.startswith(("http://", "https://", "/")) for link in links), links
    listed = trap.owner.get(f"/{trap.name}/channeldata.json").json()["packages"][NAME]
    assert listed["summary"] == TEXTS
    notices = trap.owner.get(f"/{trap.name}/notices.json").json()["notices"]
    assert TEXTS in {notice["message"] for notice in notices}
