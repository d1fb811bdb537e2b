"""Settings, account and administration, changed in the browser and found changed on the server."""

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.builders import package
from tests.server import ADMINISTRATOR
from tests.ui.conftest import OpenPage, Site
from tests.ui.looking import check_page
from tests.ui.writing import confirm, line, opened


def picture(width: int, height: int) -> bytes:
    """Return a black picture as a PNG (ISO/IEC 15948)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    shape = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 1) * height))
    chunks = chunk(b"IHDR", shape) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.fixture
def channel(site: Site) -> Iterator[str]:
    """Create a private channel of olga's with one package; carl contributes, mia reads.

    Whatever the test makes of it, afterwards it is gone: others count what is public.
    """
    name = site.owner.create_channel(is_public=False)
    site.owner.publish(name, package("zlib"))
    yield name
    delete = {"query": f'mutation {{ deleteChannel(name: "{name}") {{ name }} }}'}
    with site.server.client(ADMINISTRATOR) as root:
        root.request("POST", "/api/graphql", json=delete)


# Settings


def test_each_part_of_the_settings_saves_by_itself(
    open_page: OpenPage, site: Site, channel: str
) -> None:
    page = open_page(f"/channels/{channel}/settings", login="olga")
    about = opened(page, "About")
    expect(page).to_have_url(re.compile(r"\?part=about$"))
    expect(about.get_by_role("button", name="Save")).to_be_disabled()
    about.get_by_label("Description").fill("For cameras")
    uploads = opened(page, "Uploads")
    expect(about).to_contain_text("not saved")
    uploads.get_by_label("Packages of schema v3").uncheck()
    uploads.get_by_label("Attestations").select_option("REQUIRE")
    opened(page, "About").get_by_role("button", name="Save").click()
    expect(about.get_by_role("button", name="Saved")).to_be_disabled()
    expect(about.locator(".state")).to_have_text("For cameras")
    expect(uploads.get_by_label("Packages of schema v3")).not_to_be_checked()
    query = (
        "query($n: String!) {channel(name: $n)"
        " {description isPublic allowV3Uploads attestationPolicy maxAge}}"
    )
    saved = {
        "description": "For cameras",
        "isPublic": False,
        "allowV3Uploads": True,
        "attestationPolicy": "ACCEPT",
        "maxAge": 0,
    }
    assert site.owner.ask(query, n=channel)["channel"] == saved
    opened(page, "Uploads").get_by_role("button", name="Save").click()
    expect(uploads.get_by_role("button", name="Saved")).to_be_disabled()
    clients = opened(page, "Clients")
    clients.get_by_label("Seconds").fill("60")
    clients.get_by_role("button", name="Save").click()
    expect(clients.get_by_role("button", name="Saved")).to_be_disabled()
    readers = opened(page, "Who may read it")
    readers.get_by_label("Visibility").select_option("public")
    readers.get_by_role("button", name="Save").click()
    expect(page.locator("h1 + .pill")).to_have_count(0)
    saved |= {"isPublic": True, "allowV3Uploads": False, "maxAge": 60}
    saved |= {"attestationPolicy": "REQUIRE"}
    assert site.owner.ask(query, n=channel)["channel"] == saved


def test_a_picture_becomes_the_logo_of_the_channel(
    open_page: OpenPage, channel: str, tmp_path: Path
) -> None:
    page = open_page(f"/channels/{channel}/settings", login="olga")
    (tmp_path / "picture.png").write_bytes(picture(640, 480))
    (tmp_path / "words.png").write_text("no picture")
    about = opened(page, "About")
    about.locator("input[type=file]").set_input_files(tmp_path / "words.png")
    expect(about.get_by_text("This file is no picture")).to_be_visible()
    about.locator("input[type=file]").set_input_files(tmp_path / "picture.png")
    expect(about.locator("img.logo")).to_be_visible()
    about.get_by_role("button", name="Save").click()
    expect(about.get_by_role("button", name="Saved")).to_be_disabled()
    page.get_by_role("link", name="Packages", exact=True).last.click()
    expect(page.locator("h1")).to_have_text(channel)
    assert page.locator("img.logo").evaluate("picture => picture.naturalWidth") == 48


def test_the_settings_show_how_the_channel_has_grown(open_page: OpenPage, channel: str) -> None:
    page = open_page(f"/channels/{channel}/settings", login="olga")
    storage = opened(page, "Storage")
    expect(storage).to_contain_text("noarch")
    expect(storage).to_contain_text("1 file, ")
    storage.get_by_text("As a table").click()
    expect(storage.get_by_role("row")).to_have_count(13)


def test_who_may_not_change_a_channel_reads_who_can(open_page: OpenPage, channel: str) -> None:
    page = open_page(f"/channels/{channel}/settings", login="carl")
    sentence = f"Signed in as carl, you can read {channel} but not change its settings."
    expect(page.get_by_text(f"{sentence} An owner can change that: olga.")).to_be_visible()
    expect(page.get_by_role("link", name="Upload", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    check_page(page)


def test_a_notice_is_published_and_taken_back(
    open_page: OpenPage, site: Site, channel: str
) -> None:
    page = open_page(f"/channels/{channel}/settings", login="olga")
    shown = opened(page, "Notices")
    shown.get_by_role("button", name="New notice").click()
    page.get_by_label("Message").fill("We move in May.")
    page.get_by_label("Level").select_option("WARNING")
    page.get_by_role("button", name="Publish notice").click()
    expect(page.get_by_text("We move in May.")).to_be_visible()
    query = "query($n: String!) {channel(name: $n) {notices {message level}}}"
    notices = site.owner.ask(query, n=channel)["channel"]["notices"]
    assert notices == [{"message": "We move in May.", "level": "WARNING"}]
    page.get_by_role("button", name="Take back: We move in May.").click()
    confirm(page, "Take back")
    expect(page.get_by_text("We move in May.")).to_have_count(0)


def test_a_channel_is_transferred_then_deleted_by_its_new_owner(
    open_page: OpenPage, site: Site, channel: str
) -> None:
    page = open_page(f"/channels/{channel}/settings", login="olga")
    transfer = opened(page, "Transfer")
    transfer.get_by_label("Login of the new owner").fill("carl")
    transfer.get_by_role("button", name="Transfer").click()
    confirm(page, "Transfer", typed=channel)
    expect(page).to_have_url(f"{site.url}/channels/{channel}")
    expect(page.get_by_role("link", name="Upload", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Settings", exact=True)).to_have_count(0)
    carls = open_page(f"/channels/{channel}/settings", login="carl")
    opened(carls, "Delete").get_by_role("button", name="Delete this channel").click()
    expect(carls.get_by_role("dialog")).to_contain_text("1 file of 1 package")
    confirm(carls, "Delete channel", typed=channel)
    expect(carls).to_have_url(f"{site.url}/channels")
    carls.goto(f"/channels/{channel}")
    expect(carls.get_by_role("heading", level=1)).to_contain_text("There is no page here")


# Account and administration


def test_the_account_page_lists_ones_channels_and_signs_out(
    open_page: OpenPage, channel: str
) -> None:
    page = open_page("/account", login="carl", is_fresh=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("carl")
    expect(line(page, channel)).to_contain_text("contributor")
    page.get_by_role("button", name="Sign out of this browser").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_administrators_find_everybody_and_every_channel(open_page: OpenPage, channel: str) -> None:
    page = open_page("/admin", login=ADMINISTRATOR)
    expect(line(page, ADMINISTRATOR)).to_contain_text("administrator")
    page.get_by_role("searchbox").fill("car")
    expect(page.locator(".count")).to_have_text("1 user")
    page.goto(f"/admin/channels?q={channel}")
    expect(line(page, channel)).to_contain_text("olga")
    page.get_by_role("link", name=f"Members of {channel}", exact=True).click()
    expect(page.get_by_role("heading", name="3 members")).to_be_visible()
    page.get_by_label("Role of mia").select_option("OWNER")
    expect(page.get_by_label("Role of olga")).to_be_enabled()


def test_nobody_else_sees_the_administration(open_page: OpenPage) -> None:
    page = open_page("/admin", login="olga")
    expect(page.get_by_role("heading", level=1)).to_contain_text("There is no page here")


# Every page

ADDRESSES = {
    "new-channel": ("/account/new-channel", "olga", "New channel"),
    "members": ("/channels/{channel}/members", "olga", "Members · {channel}"),
    "settings": ("/channels/{channel}/settings", "olga", "Settings · {channel}"),
    "settings-uploads": (
        "/channels/{channel}/settings?part=uploads",
        "olga",
        "Settings · {channel}",
    ),
    "publishers": ("/channels/{channel}/publishers", "olga", "CI · {channel}"),
    "keys": ("/account/keys", "olga", "API keys"),
    "account": ("/account", "olga", "Account"),
    "users": ("/admin", ADMINISTRATOR, "Users · Administration"),
    "all-channels": ("/admin/channels", ADMINISTRATOR, "Channels · Administration"),
    "jobs": ("/admin/jobs", ADMINISTRATOR, "Jobs · Administration"),
    "quarantine": ("/admin/quarantine?show=all", ADMINISTRATOR, "Quarantine · Administration"),
    "log": ("/admin/log", ADMINISTRATOR, "Log · Administration"),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_fits_and_can_be_used_by_everyone(
    open_page: OpenPage, channel: str, name: str
) -> None:
    address, login, title = (part.format(channel=channel) for part in ADDRESSES[name])
    page = open_page(address, login=login)
    expect(page).to_have_title(f"{title} · graphrepo")
    check_page(page)


@pytest.mark.parametrize("address", ["/account", "/account/keys", "/account/new-channel"])
def test_without_an_account_one_is_asked_to_sign_in_and_comes_back(
    open_page: OpenPage, address: str
) -> None:
    page = open_page(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.locator("main").get_by_role("link", name="Sign in").first.click()
    expect(page).to_have_url(re.compile(rf"/login\?next={address.replace('/', '%2F')}$"))
