"""A package's own pages: the grid of its builds, its releases, who depends on it, its files."""

import re

from playwright.sync_api import expect

from tests.ui.conftest import SUMMARY, OpenPage, Site


def test_the_grid_leads_to_a_build_by_mouse_and_by_arrow_keys(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(site.package())
    expect(page.get_by_role("heading", name="Builds of 2.0.0")).to_be_visible()
    page.get_by_role("button", name="build 2 for osx-64 Python 3.13").click()
    expect(page.locator(".panel")).to_contain_text("arrow-2.0.0-py313h2a313ff_2.conda")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".panel")).to_contain_text("arrow-2.0.0-py312h1a312ff_1.conda")
    page.reload()
    expect(page.locator(".panel")).to_contain_text("arrow-2.0.0-py312h1a312ff_1.conda")
    page.get_by_role("button", name="2 builds for linux-64 Python 3.12").click()
    page.get_by_role("button", name="py312h0a312ff_0").click()
    expect(page.locator(".panel")).to_contain_text("arrow-2.0.0-py312h0a312ff_0.conda")


def test_a_build_shows_everything_that_is_known_of_it(open_page: OpenPage, site: Site) -> None:
    build = "linux-64/arrow-2.0.0-py313h0a313ff_0.conda"
    page = open_page(f"{site.package()}?build={build}")
    panel = page.locator(".panel")
    for words in (
        "by olga",
        "python 3.13.*",
        "feather <3",
        "arrow >=2.0.0",
        "Apache-2.0",
        "olga, carl",
    ):
        expect(panel).to_contain_text(words)
    assert len(panel.locator(".hash code").first.inner_text()) == 64
    panel.get_by_text("Metadata").click()
    expect(panel.locator(".json").first).to_contain_text('"subdir": "linux-64"')
    with page.expect_download() as download:
        panel.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "arrow-2.0.0-py313h0a313ff_0.conda"
    panel.get_by_role("link", name="zlib").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("zlib 1.3.1"))


def test_a_package_names_who_depends_on_it(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.package("zlib"))
    used = page.get_by_role("region", name="Used by")
    expect(used).to_contain_text("1 package")
    used.get_by_role("link", name="zlib-ng").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("zlib-ng 2.2")
    expect(page.get_by_role("region", name="Used by")).to_have_count(0)


def test_a_build_tells_how_large_it_is_unpacked(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.package("zlib"))
    expect(page.locator(".panel dd").first).to_contain_text("11 B unpacked")


def test_what_a_package_says_of_itself_is_text_and_never_runs(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(site.package())
    expect(page.locator(".lead")).to_have_text(SUMMARY)
    assert page.locator("a[href^=javascript]").count() == 0


def test_releases_lead_to_each_other_and_early_ones_wait(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.package())
    releases = page.locator(".spine a")
    expect(releases).to_have_text(["2.0.0", "1.9.0"])
    page.get_by_role("button", name="Show 1 pre-release").click()
    expect(releases).to_have_text(["2.1.0rc1", "2.0.0", "1.9.0"])
    releases.nth(2).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("arrow 1.9.0")
    expect(page.get_by_text("The latest release is 2.0.0")).to_be_visible()
    expect(page.get_by_text("pixi add arrow==1.9.0")).to_be_visible()


def test_a_release_that_is_not_there_says_so(open_page: OpenPage, site: Site) -> None:
    page = open_page(f"{site.package()}/9.9")
    expect(page.get_by_role("heading", level=1)).to_have_text("arrow has no release 9.9")


def test_odd_versions_have_addresses_too(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.package("secret", site.closed), login="olga")
    page.locator(".spine a").click()
    expect(page).to_have_url(re.compile(r"/secret/1!1\.0%2Blocal$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("secret 1!1.0+local")


def test_all_files_can_be_narrowed_down(open_page: OpenPage, site: Site) -> None:
    page = open_page(f"{site.package()}/files")
    expect(page.get_by_text("17 files", exact=True)).to_be_visible()
    page.get_by_label("Version").select_option("2.0.0")
    page.get_by_label("Platform").select_option("win-64")
    expect(page.get_by_text("2 files", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?version=2\.0\.0&platform=win-64$"))
    expect(page.get_by_role("checkbox")).to_have_count(0)


def test_files_stand_below_their_releases_until_they_are_put_in_another_order(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(f"{site.package()}/files", login="olga")
    expect(page.get_by_role("rowheader")).to_contain_text(["2.1.0rc1", "2.0.0", "1.9.0"])
    expect(page.get_by_role("rowheader", name="2.0.0")).to_contain_text("15 files, ")
    page.get_by_role("checkbox", name="Mark all of 2.0.0").check()
    expect(page.get_by_role("status")).to_have_text("15 files marked")
    page.get_by_role("checkbox", name="Mark all of 1.9.0").check()
    page.get_by_role("checkbox", name="Mark all of 2.0.0").uncheck()
    expect(page.get_by_role("status")).to_have_text("1 file marked")
    page.get_by_role("button", name="Size").click()
    expect(page.get_by_role("rowheader")).to_have_count(0)
