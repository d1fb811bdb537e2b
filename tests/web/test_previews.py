"""Titles and link previews: what a stranger may know of a page, escaped, and nothing more."""

import re
from html import unescape

import pytest

from tests.builders import package
from tests.server import Client
from tests.web.conftest import Shelf


def head_of(client: Client, path: str) -> tuple[str, str]:
    """Return the title of a page and its description, as a reader of HTML sees them."""
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    title = re.search("<title>(.*?)</title>", answer.text)
    told = re.search('<meta property="og:description" content="(.*?)">', answer.text)
    assert title is not None
    return unescape(title[1]), unescape(told[1]) if told else ""


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Packages · graphrepo"),
        ("/search?q=zlib", "Packages · graphrepo"),
        ("/channels", "Channels · graphrepo"),
        ("/login", "Sign in · graphrepo"),
        ("/account/keys", "graphrepo"),
        ("/admin/users", "graphrepo"),
    ],
)
def test_pages_have_titles(nobody: Client, path: str, title: str) -> None:
    assert head_of(nobody, path) == (title, "")


def test_public_packages_tell_what_they_are(nobody: Client, shelf: Shelf) -> None:
    address = f"/channels/{shelf.public}/packages/zlib"
    told = "The zlib test"
    assert head_of(nobody, address) == (f"zlib · {shelf.public} · graphrepo", told)
    assert head_of(nobody, f"{address}/1.3")[0] == f"zlib 1.3 · {shelf.public} · graphrepo"
    assert head_of(nobody, f"{address}/files")[0] == (f"Files of zlib · {shelf.public} · graphrepo")
    assert head_of(nobody, f"/channels/{shelf.public}") == (f"{shelf.public} · graphrepo", "")


def test_private_and_missing_read_alike_even_to_those_who_may_see(
    owner: Client, nobody: Client, shelf: Shelf
) -> None:
    for client in (owner, nobody):
        for channel in (shelf.private, "nothing-here"):
            assert head_of(client, f"/channels/{channel}") == ("graphrepo", "")
            assert head_of(client, f"/channels/{channel}/packages/zlib") == ("graphrepo", "")


def test_what_people_write_cannot_leave_the_attribute(owner: Client, nobody: Client) -> None:
    channel = owner.create_channel()
    wicked = '"><script>alert(1)</script>\n & ' + "long " * 60
    owner.ask(
        "mutation($n: String!, $d: String) {updateChannel(name: $n, description: $d) {name}}",
        n=channel,
        d=wicked,
    )
    owner.publish(channel, package("sly", about={"summary": wicked}))
    for path in (f"/channels/{channel}", f"/channels/{channel}/packages/sly"):
        assert "<script>alert" not in nobody.get(path, headers={"Accept": "text/html"}).text
        told = head_of(nobody, path)[1]
        assert told.startswith('"><script>alert(1)</script> & long')
        assert len(told) <= 200
