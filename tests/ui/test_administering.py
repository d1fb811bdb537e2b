"""Administration: accounts, jobs, quarantine and the log, in the browser and on the server."""

import csv
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.builders import package
from tests.processes import PASSWORD
from tests.server import ADMINISTRATOR
from tests.ui.conftest import OpenPage, Site
from tests.ui.looking import violations
from tests.ui.writing import confirm, line
from tests.waiting import PATIENCE


@pytest.fixture
def channel(site: Site) -> str:
    """Create a private channel of olga's with two packages."""
    name = site.owner.create_channel(is_public=False)
    site.owner.publish(name, package("xz", "5.6.0"), package("zlib"))
    return name


def may_sign_in(site: Site, login: str, password: str) -> bool:
    credentials = {"login": login, "password": password}
    return httpx.post(f"{site.url}/api/auth/login", json=credentials, timeout=PATIENCE).is_success


def test_an_account_is_made_given_rights_and_disabled(open_page: OpenPage, site: Site) -> None:
    page = open_page("/admin", login=ADMINISTRATOR)
    page.get_by_role("button", name="New user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Login").fill("nina")
    dialog.get_by_label("Password").fill("short")
    dialog.get_by_role("button", name="Create user").click()
    expect(dialog.get_by_role("alert")).to_contain_text("characters")
    dialog.get_by_label("Password").fill(PASSWORD)
    assert violations(page) == []
    dialog.get_by_role("button", name="Create user").click()
    expect(dialog).to_have_count(0)
    assert may_sign_in(site, "nina", PASSWORD)
    page.get_by_role("button", name="Change nina").click()
    dialog.get_by_label("Administrator").check()
    dialog.get_by_label("New password").fill("another long passphrase")
    dialog.get_by_role("button", name="Save").click()
    expect(line(page, "nina")).to_contain_text("administrator")
    assert not may_sign_in(site, "nina", PASSWORD)
    assert may_sign_in(site, "nina", "another long passphrase")
    page.get_by_role("button", name="Change nina").click()
    expect(dialog.get_by_label("Administrator")).to_be_checked()
    dialog.get_by_label("Disabled").check()
    dialog.get_by_role("button", name="Save").click()
    expect(line(page, "nina")).to_contain_text("disabled")
    assert not may_sign_in(site, "nina", "another long passphrase")


def test_people_change_their_own_password(open_page: OpenPage, site: Site, person: str) -> None:
    page = open_page("/account", login=person, is_fresh=True)
    page.get_by_label("Present password").fill("not this one")
    page.get_by_label("New password").fill("a fresh passphrase")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_contain_text("not your present password")
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password was changed.")).to_be_visible()
    expect(page.get_by_label("New password")).to_have_value("")
    assert may_sign_in(site, person, "a fresh passphrase")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(person)


def test_people_see_where_they_are_signed_in_and_sign_others_out(
    open_page: OpenPage, person: str
) -> None:
    here, elsewhere, third = (open_page("/account", login=person, is_fresh=True) for _ in range(3))
    here.reload()
    browsers = here.get_by_role("table", name="Browsers").get_by_role("row")
    expect(browsers).to_have_count(4)
    expect(browsers.filter(has_text="Chrome on Linux")).to_have_count(3)
    expect(browsers.filter(has_text="this one")).to_have_count(1)
    assert violations(here) == []
    here.get_by_role("button", name=re.compile("^Sign out the browser")).first.click()
    expect(browsers).to_have_count(3)
    elsewhere.reload()
    third.reload()
    signed_in = [tab.get_by_role("button", name="Sign out").count() for tab in (elsewhere, third)]
    assert sorted(map(bool, signed_in)) == [False, True]


def test_files_are_quarantined_after_a_look_at_them_and_released(
    open_page: OpenPage, site: Site, channel: str
) -> None:
    file = f"/{channel}/noarch/xz-5.6.0-0.conda"
    page = open_page("/admin/quarantine", login=ADMINISTRATOR)
    page.get_by_role("button", name="New quarantine").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("MatchSpec").fill("xz 4.*")
    dialog.get_by_label("Channels").fill(channel)
    dialog.get_by_label("Reason").fill("It opens a back door.")
    dialog.get_by_label("What happens").select_option("DELETE")
    dialog.get_by_role("button", name="Show the files").click()
    expect(dialog).to_contain_text("No file is like that.")
    dialog.get_by_label("MatchSpec").fill("xz 5.6.*")
    dialog.get_by_role("button", name="Show the files").click()
    expect(dialog).to_contain_text("noarch/xz-5.6.0-0.conda")
    assert site.owner.get(file).status_code == 200
    assert violations(page) == []
    confirm(page, "Withdraw")
    row = page.get_by_role("row").filter(has_text=f"1 file in {channel}")
    expect(row).to_contain_text("taken away")
    assert site.owner.get(file).status_code in (403, 404, 410)
    row.get_by_role("button", name="Release").click()
    confirm(page, "Release")
    expect(row).to_have_count(0)
    assert site.owner.get(file).status_code == 200
    page.get_by_role("link", name="All", exact=True).click()
    expect(row).to_contain_text("released")


def test_jobs_tell_how_far_they_are_and_what_failed(
    open_page: OpenPage, site: Site, channel: str
) -> None:
    start = (
        "mutation($c: String!) {startBatchDeletePackages("
        'channelName: $c, packageNames: ["zlib", "none-such"]) {id}}'
    )
    site.owner.ask(start, c=channel)
    page = open_page("/admin/jobs", login=ADMINISTRATOR)
    row = page.get_by_role("row").filter(has_text=f"in {channel}, by olga")
    expect(row).to_contain_text("Failed")  # the page asks again by itself while a job moves
    expect(row).to_contain_text("2 of 2, 1 failed")
    row.get_by_text("1 failure").click()
    expect(row).to_contain_text("none-such")
    page.get_by_role("link", name="Done", exact=True).click()
    expect(row).to_have_count(0)


def test_the_log_is_searched_and_saved(open_page: OpenPage, channel: str, tmp_path: Path) -> None:
    page = open_page("/admin/log", login=ADMINISTRATOR)
    page.get_by_label("Channel").fill(channel)
    page.keyboard.press("Enter")
    page.get_by_label("What").select_option("set member")
    expect(page).to_have_url(re.compile(rf"channelName={channel}&action=set_member$"))
    expect(page.get_by_text("2 lines", exact=True)).to_be_visible()
    expect(line(page, "Made carl a contributor")).to_contain_text("olga")
    page.get_by_label("What").select_option("all")
    expect(line(page, "Uploaded noarch/xz-5.6.0-0.conda")).to_be_visible()
    expect(line(page, "Created the channel for olga")).to_contain_text(channel)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    download.value.save_as(tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert {found["who"] for found in lines} == {"olga"}
    assert any("xz-5.6.0-0.conda" in found["details"] for found in lines)
