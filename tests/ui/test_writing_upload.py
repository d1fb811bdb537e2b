"""The upload page, with real files on their way to a real server."""

import re
from typing import Any

import pytest
from playwright.sync_api import Dialog, Route, expect

from tests.builders import package
from tests.processes import PASSWORD
from tests.ui.conftest import OpenPage, Site, Tabs
from tests.ui.looking import check_page, held, violations
from tests.ui.uploading import choose, chosen, desk, file, row, summary

SENDING = "**/api/v1/upload/**"


@pytest.fixture
def channel(site: Site) -> str:
    """Create a private channel in which owners may replace files."""
    name = site.owner.create_channel(is_public=False)
    allow = "mutation($n: String!) {updateChannel(name: $n, allowOverwrite: true) {name}}"
    site.owner.ask(allow, n=name)
    return name


def packages(site: Site, channel: str) -> int:
    query = "query($n: String!) {channel(name: $n) {packages {totalCount}}}"
    return site.owner.ask(query, n=channel)["channel"]["packages"]["totalCount"]


def test_of_twenty_files_the_three_bad_ones_hold_up_no_other(
    open_page: OpenPage, site: Site, tabs: Tabs, channel: str
) -> None:
    tabs.watch.forgiven += ("status of 409", "status of 422")
    site.owner.publish(channel, package("older"))
    page = desk(open_page, channel)
    good = [chosen(package(f"part-{number}")) for number in range(17)]
    bad = [
        chosen(package("older", depends=["zlib"])),
        file("torn-1.0-0.conda", package("torn").data[:-40]),
        file("notes.txt", b"remember the milk"),
    ]
    choose(page, *good[:5], *bad, *good[5:])
    expect(summary(page)).to_have_text("17 in the channel, 3 refused")
    names = page.get_by_role("listitem").locator(".file").all_inner_texts()
    assert names[:3] == ["older-1.0-0.conda", "torn-1.0-0.conda", "notes.txt"]
    expect(row(page, "older")).to_contain_text("is already in")
    expect(row(page, "torn")).to_contain_text("build or upload it again")
    expect(row(page, "notes")).to_contain_text("This is no conda package")
    expect(row(page, "part-16")).to_contain_text("noarch")
    expect(page.get_by_text("pixi add part-0 part-1")).to_be_visible()
    assert packages(site, channel) == 18
    assert violations(page) == []
    page.get_by_role("button", name="Clear the list").click()
    expect(page.get_by_role("listitem")).to_have_count(0)


def test_the_same_file_twice_is_no_failure(open_page: OpenPage, site: Site, channel: str) -> None:
    site.owner.publish(channel, package("zlib"))
    page = desk(open_page, channel)
    choose(page, chosen(package("zlib")))
    expect(row(page, "zlib")).to_contain_text("Already there")
    expect(summary(page)).to_have_text("1 already there")


def test_an_owner_may_replace_after_a_second_look(
    open_page: OpenPage, site: Site, tabs: Tabs, channel: str
) -> None:
    tabs.watch.forgiven += ("status of 409",)
    site.owner.publish(channel, package("zlib"))
    changed = package("zlib", depends=["libgcc"])
    page = desk(open_page, channel)
    choose(page, chosen(changed))
    page.get_by_role("button", name="Replace").click()
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    expect(summary(page)).to_have_text("1 in the channel")
    assert site.owner.get(f"/{channel}/noarch/{changed.filename}").content == changed.data


def test_a_contributor_is_not_offered_to_replace(
    open_page: OpenPage, site: Site, tabs: Tabs, channel: str
) -> None:
    tabs.watch.forgiven += ("status of 409",)
    site.owner.publish(channel, package("zlib"))
    page = desk(open_page, channel, login="carl")
    choose(page, chosen(package("zlib", depends=["libgcc"])))
    expect(row(page, "zlib")).to_contain_text("raise the build number")
    expect(row(page, "zlib").get_by_role("button")).to_have_count(0)


def test_who_may_not_upload_reads_who_can_change_that(open_page: OpenPage, channel: str) -> None:
    page = open_page(f"/channels/{channel}/upload", login="mia")
    sentence = (
        f"Signed in as mia, you can read {channel} but not upload. An owner can change that: olga."
    )
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_role("button", name="Choose files")).to_have_count(0)


def test_what_must_fail_is_refused_without_being_sent(
    open_page: OpenPage, tabs: Tabs, channel: str
) -> None:
    def lower(route: Route) -> None:
        sent = route.fetch()
        text = re.sub(r'"maxUploadBytes":\d+', '"maxUploadBytes":2000', sent.text())
        route.fulfill(response=sent, body=text)

    page = open_page("/channels", login="olga")
    page.route(f"**/channels/{channel}/upload", lower)
    page.goto(f"/channels/{channel}/upload")
    expect(page.get_by_text("Up to 2.0 kB a file.")).to_be_visible()
    choose(
        page,
        file("big-1.0-0.conda", b"PK\3\4" + bytes(3000)),
        file("empty-1.0-0.conda", b""),
        file("liar-1.0-0.tar.bz2", b"PK\3\4 and so on"),
        file("No_Build.conda", b"PK\3\4"),
    )
    expect(summary(page)).to_have_text("4 refused")
    expect(row(page, "big-")).to_contain_text("The file has 3.0 kB, and this server takes")
    expect(row(page, "empty-")).to_contain_text("The file is empty")
    expect(row(page, "liar-")).to_contain_text("The contents are not what the name ends in")
    expect(row(page, "No_Build")).to_contain_text("name-version-build")
    assert not [url for url in tabs.watch.requested if "/upload/" in url.partition("/api/")[2]]


def test_a_broken_connection_is_tried_again_twice_then_left_to_the_person(
    open_page: OpenPage, tabs: Tabs, channel: str
) -> None:
    tabs.watch.forgiven += ("net::ERR_FAILED",)
    page = desk(open_page, channel, is_fresh=True)
    page.clock.install()
    sending = held(page, SENDING)
    choose(page, chosen(package("zlib")))
    expect(row(page, "zlib")).to_contain_text("0 %")
    page.clock.fast_forward(32_000)
    expect(row(page, "zlib")).to_contain_text("Still waiting for the server")
    page.route(SENDING, lambda route: route.abort())
    sending[0].abort()
    for pause in (2000, 8000):
        expect(row(page, "zlib")).to_contain_text("Trying again soon")
        page.clock.fast_forward(pause)
    expect(row(page, "zlib")).to_contain_text("Stopped")
    expect(row(page, "zlib")).to_contain_text("The connection dropped at")
    page.unroute(SENDING)
    page.get_by_role("button", name="Try again").click()
    expect(row(page, "zlib")).to_contain_text("In the channel")


def test_three_at_a_time_and_leaving_asks_until_all_is_stopped(
    open_page: OpenPage, channel: str
) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page = desk(open_page, channel)
    page.on("dialog", stay)
    sending = held(page, SENDING)
    choose(page, *(chosen(package(f"part-{number}")) for number in range(5)))
    expect(page.get_by_role("listitem").filter(has_text="Waiting")).to_have_count(2)
    expect(page.get_by_role("link", name="0 of 5")).to_be_visible()
    page.get_by_role("link", name="Packages", exact=True).first.click()
    expect(page.get_by_role("searchbox")).to_be_visible()
    page.get_by_role("link", name="0 of 5").click()
    expect(page.get_by_role("progressbar")).to_have_count(3)
    assert len(sending) == 3
    page.close(run_before_unload=True)
    for number in range(5):
        page.get_by_role("button", name=f"Cancel: part-{number}-").click()
    expect(summary(page)).to_have_text("5 stopped")
    expect(page.get_by_role("link", name="of 5")).to_have_count(0)
    assert asked == ["beforeunload"]


def test_a_session_that_ends_holds_the_queue_until_one_signs_in(
    open_page: OpenPage, channel: str
) -> None:
    page = desk(open_page, channel, is_fresh=True)
    page.context.clear_cookies()
    choose(page, *(chosen(package(f"part-{number}")) for number in range(4)))
    dialog = page.get_by_role("dialog", name="Sign in to go on")
    expect(dialog).to_be_visible()
    assert violations(page, part="dialog") == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Sign in to go on").click()
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(summary(page)).to_have_text("4 in the channel")
    expect(dialog).to_have_count(0)


def test_a_file_on_its_way_tells_how_fast_it_is(open_page: OpenPage, channel: str) -> None:
    page = desk(open_page, channel)
    line: Any = page.context.new_cdp_session(page)
    line.send("Network.enable")
    speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    line.send("Network.emulateNetworkConditions", {"offline": False, **speed})
    choose(page, file("slow-1.0-0.conda", b"PK\3\4" + bytes(500_000)))
    expect(row(page, "slow")).to_contain_text(re.compile(r"\d %.+ kB/s"))
    page.get_by_role("button", name="Cancel: slow").click()
    expect(row(page, "slow")).to_contain_text("You stopped it. Nothing was stored.")


def test_of_two_hundred_files_three_are_sent_and_sixty_are_drawn(
    open_page: OpenPage, channel: str
) -> None:
    page = desk(open_page, channel)
    sending = held(page, SENDING)
    data = package("part").data
    choose(page, *(file(f"part-{number}-1.0-0.conda", data) for number in range(200)))
    expect(summary(page)).to_have_text("0 of 200 files finished")
    expect(page.get_by_role("progressbar")).to_have_count(3)
    expect(page.get_by_role("listitem")).to_have_count(60)
    page.get_by_role("button", name="Show 60 more").click()
    expect(page.get_by_role("listitem")).to_have_count(120)
    assert len(sending) == 3


def test_the_page_fits_and_can_be_used_by_everyone(open_page: OpenPage, channel: str) -> None:
    page = open_page(f"/channels/{channel}/upload", login="olga")
    expect(page).to_have_title(f"Upload · {channel} · graphrepo")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    check_page(page)
