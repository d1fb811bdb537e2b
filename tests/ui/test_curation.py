"""Withdrawing, offering again and deleting in the browser, and the figures of a package."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.builders import package
from tests.ui.conftest import OpenPage, Site
from tests.ui.looking import check_page, module_path, settled
from tests.ui.writing import confirm

_BUILDS = [
    package("kite", "1.0", subdir=subdir, build=f"py312_{number}")
    for subdir, number in (("linux-64", 0), ("win-64", 0), ("osx-arm64", 1))
]


@pytest.fixture
def channel(site: Site) -> Iterator[str]:
    """Publish a package with two releases to a channel of its own; it is gone after the test."""
    name = site.owner.create_channel()
    site.owner.publish(name, *_BUILDS, package("kite", "0.9", subdir="linux-64"))
    yield name
    site.owner.ask("mutation($n: String!) {deleteChannel(name: $n) {name}}", n=name)


def index(site: Site, channel: str, subdir: str) -> list[str]:
    """Return the files that installers may choose from."""
    repodata = site.owner.get(f"/{channel}/{subdir}/repodata.json").json()
    return sorted(repodata["packages.conda"])


def test_a_file_is_withdrawn_with_a_reason_and_offered_again(
    open_page: OpenPage, site: Site, channel: str
) -> None:
    page = open_page(
        f"/channels/{channel}/packages/kite?build=linux-64/kite-1.0-py312_0.conda", login="carl"
    )
    expect(page.get_by_role("button", name=re.compile("^Delete"))).to_have_count(0)
    page.get_by_role("button", name="Withdraw this file").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_label("Reason")).to_be_focused()
    assert index(site, channel, "linux-64") == ["kite-0.9-0.conda", "kite-1.0-py312_0.conda"]
    confirm(page, "Withdraw", reason="It flies into trees.")
    expect(page.locator(".panel")).to_contain_text("Withdrawn: It flies into trees.")
    assert index(site, channel, "linux-64") == ["kite-0.9-0.conda"]
    page.get_by_role("button", name="Offer this file again").click()
    confirm(page, "Offer again")
    expect(page.locator(".panel")).not_to_contain_text("Withdrawn")
    assert "kite-1.0-py312_0.conda" in index(site, channel, "linux-64")


def test_a_withdrawn_release_is_marked_and_not_the_latest(
    open_page: OpenPage, channel: str
) -> None:
    page = open_page(f"/channels/{channel}/packages/kite", login="olga")
    page.get_by_role("button", name="Withdraw all of 1.0").click()
    page.get_by_label("Reason").fill("All of them fly into trees.")
    check_page(page)
    confirm(page, "Withdraw")
    expect(page.locator(".spine .withdrawn")).to_contain_text("1.0")
    expect(page.get_by_role("heading", level=1)).to_have_text("kite 0.9")
    page.locator(".spine a", has_text="1.0").click()
    expect(page.get_by_text("1.0 is withdrawn. The latest release is 0.9.")).to_be_visible()
    expect(page.get_by_role("button", name="withdrawn").first).to_be_visible()
    check_page(page)


def test_a_release_is_deleted_after_its_name_is_typed(
    open_page: OpenPage, site: Site, channel: str
) -> None:
    page = open_page(f"/channels/{channel}/packages/kite/1.0", login="olga")
    page.get_by_role("button", name="Delete all of 1.0").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("3 files go")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Delete all of 1.0")).to_be_focused()
    page.get_by_role("button", name="Delete all of 1.0").click()
    confirm(page, "Delete", typed="kite")
    expect(page.get_by_role("heading", level=1)).to_have_text("kite 0.9")
    assert index(site, channel, "win-64") == []


def test_who_deletes_reads_how_many_packages_depend_on_it(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.package("zlib"), login="olga")
    page.get_by_role("button", name="Delete this file").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 package here depends on zlib.")


def test_the_last_file_takes_the_package_with_it(open_page: OpenPage, channel: str) -> None:
    page = open_page(f"/channels/{channel}/packages/kite/files", login="olga")
    page.get_by_role("checkbox", name="Mark all on this page").check()
    expect(page.get_by_text("4 files marked")).to_be_visible()
    page.get_by_role("button", name="Delete the marked files").click()
    confirm(page, "Delete", typed="kite")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("There is no page here, or you may not see it")


def test_what_the_server_refuses_stays_in_the_dialog(open_page: OpenPage, channel: str) -> None:
    page = open_page(f"/channels/{channel}/packages/kite", login="olga")
    page.get_by_role("button", name="Withdraw this file").click()
    page.get_by_label("Reason").fill(" ")
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("alert")).to_contain_text("Give a reason")
    expect(page.get_by_label("Reason")).to_be_focused()


def test_downloads_are_drawn_by_month(open_page: OpenPage, site: Site) -> None:
    months = [{"month": f"{year}-06-01", "count": 7} for year in range(2020, 2100)]
    page = open_page("/channels")
    settled(page)
    drawn = page.evaluate(
        """async ([module, months]) =>
            (await import(module)).lastMonths(months, { now: new Date(Date.UTC(2026, 0, 31)) })""",
        [module_path(page, "ui/release.js"), months],
    )
    assert [item["month"] for item in drawn][::11] == ["2025-02-01", "2026-01-01"]
    assert sum(item["count"] for item in drawn) == 7
    site.owner.get(f"/{site.open}/noarch/zlib-1.3.1-0.conda")
    page.goto(site.package("zlib"))
    expect(page.get_by_role("heading", name="Downloads")).to_be_visible()


VARIANTS = {
    "py312h6f1c2d0_2": "py312",
    "cuda126_mkl_py313h1a2b3c4_0": "py313 cuda126 mkl",
    "py312_0": "py312",
    "h1a2b3c4_0": "",
    "0": "",
    "cpython_0": "cpython",
}


def test_a_build_string_names_its_variant(open_page: OpenPage) -> None:
    page = open_page("/channels")
    said = page.evaluate(
        "async ([module, builds]) => builds.map((await import(module)).variantOf)",
        [module_path(page, "ui/builds.js"), list(VARIANTS)],
    )
    assert dict(zip(VARIANTS, said, strict=True)) == VARIANTS
