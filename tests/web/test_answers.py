"""What pages bring along: the API's answers for whoever asks, and for nobody else."""

import gzip
import json
import re
from functools import partial
from typing import Any

import pytest

from graphrepo.web.assets import load_assets
from tests.builders import package
from tests.server import Client
from tests.waiting import until
from tests.web.conftest import Shelf

WAITING = '<div class="waiting" aria-busy="true" hidden></div>'
WICKED = "</script><script>alert(1)</script><!-- "


def page_of(client: Client, address: str) -> str:
    """Return a page's HTML; no cache may keep it, whoever asked."""
    answer = client.get(address, headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def brought(html: str) -> dict[str, tuple[dict[str, Any], Any]]:
    """Return variables and data that stand in a page, by operation."""
    [block] = re.findall('<script id="answers" type="application/json">(.*?)</script>', html)
    return {operation: (variables, data) for operation, variables, data in json.loads(block)}


@pytest.mark.parametrize("path", ["/", "/channels", "/channels/{}", "/channels/{}/packages/zlib"])
def test_a_page_brings_what_the_api_answers_in_the_same_words(
    browser: Client, nobody: Client, shelf: Shelf, path: str
) -> None:
    documents = load_assets().documents

    def is_alike(client: Client) -> bool:
        found = brought(page_of(client, path.format(shelf.public)))
        assert len(found) == 2
        return all(
            client.ask(documents[operation], **variables) == data
            for operation, (variables, data) in found.items()
        )

    for client in (browser, nobody):
        until(partial(is_alike, client))  # downloads may be counted between the two


def test_what_is_private_comes_to_those_who_may_read_it(
    browser: Client, nobody: Client, shelf: Shelf
) -> None:
    address = f"/channels/{shelf.private}"
    assert brought(page_of(browser, address))["Channel"][1]["channel"]["name"] == shelf.private
    assert brought(page_of(nobody, address))["Channel"][1] == {"channel": None}
    assert shelf.private not in page_of(nobody, "/")
    assert shelf.private in page_of(browser, "/")


@pytest.mark.parametrize("query", ["?q=zlib", "?page=1", "?anything"])
def test_a_search_that_a_link_may_have_chosen_tells_nothing_private(
    browser: Client, nobody: Client, shelf: Shelf, query: str
) -> None:
    page = page_of(browser, f"/{query}")
    assert set(brought(page)) == {"Session"}
    assert WAITING in page
    assert shelf.private not in page
    assert "Packages" in brought(page_of(nobody, f"/{query}"))


@pytest.mark.parametrize("path", ["/", "/channels", "/channels/{}"])
def test_a_page_of_no_list_is_whole_all_the_same(nobody: Client, shelf: Shelf, path: str) -> None:
    page = page_of(nobody, f"{path.format(shelf.public)}?page={'9' * 5000}")
    assert page.endswith("</html>\n")
    assert set(brought(page)) == {"Session"}, "the script asks, and is told what is wrong"


def test_what_was_told_a_moment_ago_is_not_told_after_a_change(
    owner: Client, nobody: Client
) -> None:
    name = owner.create_channel()
    address = f"/?channel={name}"
    for version in ("1.0", "2.0", "3.0"):
        owner.publish(name, package("moving", version))
        for _ in range(2):
            page = page_of(nobody, address)
            assert f'<td class="mono">{version}</td>' in page
    owner.ask("mutation($n: String!) {deleteChannel(name: $n) {__typename}}", n=name)
    assert "moving" not in page_of(nobody, address)


def test_what_packages_say_of_themselves_cannot_leave_its_place(
    owner: Client, nobody: Client
) -> None:
    name = owner.create_channel()
    owner.publish(name, package("wicked", "1.0", about={"summary": WICKED}))
    owner.ask(
        "mutation($n: String!, $d: String!) {updateChannel(name: $n, description: $d) {name}}",
        n=name,
        d=WICKED,
    )
    for address in (f"/?channel={name}", f"/channels/{name}"):
        page = page_of(nobody, address)
        assert ">wicked</a>" in page
        assert "<script>" not in page
        assert "<!--" not in page
    [row] = brought(page_of(nobody, f"/?channel={name}"))["Packages"][1]["packages"]["page"]
    assert row["summary"] == WICKED.strip()


def test_a_page_comes_compressed_in_one_stream(nobody: Client, shelf: Shelf) -> None:
    address = f"/channels/{shelf.public}"
    plain = nobody.get(address, headers={"accept-encoding": "identity"})
    with nobody.http.stream("GET", address, headers={"accept-encoding": "gzip"}) as answer:
        small = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == plain.headers["vary"] == "accept-encoding"
    assert gzip.decompress(small) == plain.content
    assert len(small) < len(plain.content) / 2
