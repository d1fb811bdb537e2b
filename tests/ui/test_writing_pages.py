"""Channels, members and keys, changed in the browser and found changed on the server."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from graphrepo.conda.names import KNOWN_SUBDIRS, RESERVED_CHANNELS
from tests.builders import package
from tests.clients.conftest import Home
from tests.ui.conftest import OpenPage, Site
from tests.ui.looking import check_page, module_path
from tests.ui.writing import confirm, line
from tests.waiting import PATIENCE


@pytest.fixture
def channel(site: Site) -> str:
    """Create a private channel of olga's with one package; carl contributes, mia reads."""
    name = site.owner.create_channel(is_public=False)
    site.owner.publish(name, package("zlib"))
    return name


# New channel


def test_a_channel_is_created_and_its_name_checked_while_it_is_typed(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page("/channels", login="olga")
    page.get_by_role("link", name="New channel").click()
    name = page.get_by_label("Name")
    expect(name).to_be_focused()
    name.fill("Vision")
    expect(page.get_by_text("Use lowercase letters only.")).to_be_visible()
    name.fill("graphiql")
    expect(page.get_by_text("This name is reserved.")).to_be_visible()
    name.fill(site.open)
    expect(page.get_by_text(f"{site.open} exists already.")).to_be_visible()
    page.get_by_role("button", name="Create channel").click()
    expect(name).to_be_focused()
    name.fill("vision")
    expect(page.get_by_text(f"{site.url}/vision is free.")).to_be_visible()
    page.get_by_label("Description").fill("Cameras and their models")
    page.get_by_label("Who may read it").select_option("private")
    page.get_by_role("button", name="Create channel").click()
    expect(page).to_have_url(f"{site.url}/channels/vision")
    expect(page.get_by_role("heading", level=1)).to_have_text("vision")
    query = '{channel(name: "vision") {description isPublic ownerLogin}}'
    assert site.owner.ask(query)["channel"] == {
        "description": "Cameras and their models",
        "isPublic": False,
        "ownerLogin": "olga",
    }


def test_the_name_of_a_hidden_channel_is_refused_in_the_servers_words(
    open_page: OpenPage, channel: str
) -> None:
    page = open_page("/account/new-channel", login="sam")
    page.get_by_label("Name").fill(channel)
    page.get_by_role("button", name="Create channel").click()
    taken = f"The channel name {channel} is taken; choose another."
    expect(page.get_by_role("alert")).to_have_text(taken)
    expect(page.get_by_label("Name")).to_have_value(channel)


def test_the_page_knows_every_reserved_name(open_page: OpenPage) -> None:
    page = open_page("/account/new-channel", login="olga")
    names = sorted(RESERVED_CHANNELS | KNOWN_SUBDIRS)
    allowed = page.evaluate(
        """async ([module, names]) => {
          const { complaint } = await import(module);
          return names.filter((name) => !complaint(name));
        }""",
        [module_path(page, "pages/newchannel.js"), names],
    )
    assert allowed == []


# Members


def test_somebody_joins_a_private_channel_rises_and_leaves(
    open_page: OpenPage, site: Site, channel: str
) -> None:
    address = f"/channels/{channel}"
    guest = open_page(address, login="sam")
    expect(guest.get_by_role("heading", level=1)).to_contain_text("There is no page here")
    page = open_page(f"{address}/members", login="olga")
    login = page.get_by_label("Login")
    login.fill("samantha")
    expect(page.get_by_text("There is no account samantha.")).to_be_visible()
    login.fill("carl")
    expect(page.get_by_text(f"carl belongs to {channel} already.")).to_be_visible()
    login.fill("sam")
    expect(page.get_by_text("sam has an account.")).to_be_visible()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(line(page, "sam")).to_be_visible()
    guest.reload()
    expect(guest.get_by_role("heading", level=1)).to_have_text(channel)
    page.get_by_label("Role of sam").select_option("CONTRIBUTOR")
    expect(page.locator("#announcements")).to_have_text("The role of sam was changed")
    query = "query($n: String!) {channel(name: $n) {channelMembers {username role}}}"
    members = site.owner.ask(query, n=channel)["channel"]["channelMembers"]
    assert {"username": "sam", "role": "CONTRIBUTOR"} in members
    guest.goto(f"{address}/members")
    guest.get_by_role("button", name=f"Leave {channel}").click()
    confirm(guest, "Leave")
    expect(guest).to_have_url(f"{site.url}/channels")
    guest.goto(address)
    expect(guest.get_by_role("heading", level=1)).to_contain_text("There is no page here")


def test_an_owner_removes_members_and_the_last_owner_stays(
    open_page: OpenPage, channel: str
) -> None:
    page = open_page(f"/channels/{channel}/members", login="olga")
    expect(page.get_by_label("Role of olga")).to_be_disabled()
    expect(page.get_by_role("button", name=f"Leave {channel}")).to_be_disabled()
    expect(page.get_by_text("The only owner.")).to_be_visible()
    page.get_by_role("button", name="Remove mia").click()
    confirm(page, "Remove")
    expect(page.get_by_role("heading", name="2 members")).to_be_visible()
    expect(line(page, "mia")).to_have_count(0)


def test_a_role_that_is_refused_is_shown_as_it_is(open_page: OpenPage, channel: str) -> None:
    page = open_page(f"/channels/{channel}/members", login="olga")
    role = page.get_by_label("Role of carl")
    expect(role).to_have_value("CONTRIBUTOR")
    sentence = "The database does not answer: try again in a minute."
    page.route(
        "**/api/graphql", lambda route: route.fulfill(json={"errors": [{"message": sentence}]})
    )
    role.select_option("OWNER")
    expect(page.get_by_role("alert")).to_have_text(sentence)
    expect(role).to_have_value("CONTRIBUTOR")
    expect(page.locator("#announcements")).to_be_empty()


# Trusted publishers


def test_a_ci_job_is_trusted_and_trusted_no_longer(
    open_page: OpenPage, site: Site, channel: str
) -> None:
    page = open_page(f"/channels/{channel}/publishers", login="olga")
    expect(page.get_by_text(f"{channel} trusts no job yet.")).to_be_visible()
    page.get_by_label("Owner").fill("acme")
    page.get_by_label("Repository").fill("kites")
    page.get_by_label("Workflow").fill("release")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("workflow")
    page.get_by_label("Workflow").fill("release.yml")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(line(page, "acme/kites")).to_contain_text("GitHub")
    page.get_by_label("Service").select_option("Google Cloud")
    page.get_by_label("Service account").fill("builder@acme.example")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(line(page, "builder@acme.example")).to_contain_text("by olga")
    query = "query($n: String!) {channel(name: $n) {oidcPublishers {provider workflow email}}}"
    assert site.owner.ask(query, n=channel)["channel"]["oidcPublishers"] == [
        {"provider": "GITHUB", "workflow": "release.yml", "email": None},
        {"provider": "GOOGLE", "workflow": None, "email": "builder@acme.example"},
    ]
    page.get_by_role("button", name="Remove acme/kites").click()
    confirm(page, "Remove")
    expect(line(page, "acme/kites")).to_have_count(0)


# Keys


def fetched(site: Site, path: str, key: str) -> int:
    answer = httpx.get(
        f"{site.url}{path}", headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE
    )
    return answer.status_code


def test_a_key_is_shown_once_downloads_what_it_may_and_is_revoked(
    open_page: OpenPage, site: Site, channel: str
) -> None:
    page = open_page("/account/keys", login="mia")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").fill("laptop")
    page.get_by_label("What it may do").select_option("READ")
    page.get_by_label("Where").select_option(channel)
    page.get_by_label("It works for").select_option("7")
    page.get_by_role("button", name="Create key").click()
    shown = page.get_by_role("region", name="Your new key")
    expect(shown).to_contain_text("Copy this key now. It is not shown again.")
    key = shown.locator("pre").first.inner_text()
    check_page(page)
    file = f"/{channel}/noarch/{package('zlib').filename}"
    assert (fetched(site, file, key), fetched(site, file, "gr-wrong")) == (200, 401)
    assert fetched(site, f"/{site.closed}/noarch/repodata.json", key) in (403, 404)
    page.reload()
    expect(line(page, "laptop")).to_contain_text(f"Read and install, in {channel} only")
    expect(line(page, "laptop")).not_to_contain_text("Never used")
    assert key not in page.content()
    page.get_by_role("button", name="Revoke laptop").click()
    confirm(page, "Revoke")
    expect(line(page, "laptop")).to_contain_text("Revoked")
    assert fetched(site, file, key) == 401
    page.get_by_role("button", name="Delete laptop").click()
    confirm(page, "Delete")
    expect(line(page, "laptop")).to_have_count(0)


def test_py_rattler_installs_with_a_key_made_in_the_browser(
    open_page: OpenPage, site: Site, channel: str, tmp_path: Path
) -> None:
    page = open_page("/account/keys", login="mia")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").fill(f"rattler of {channel}")
    page.get_by_label("What it may do").select_option("READ")
    page.get_by_role("button", name="Create key").click()
    shown = page.get_by_role("region", name="Your new key")
    home = Home(tmp_path)
    home.know({"127.0.0.1": {"BearerToken": shown.locator("pre").first.inner_text()}})
    prefix = tmp_path / "env"
    places = {"prefix": str(prefix), "cache": str(tmp_path / "cache")}
    wanted = {"specs": ["zlib"], "form": "as it likes", "platform": "linux-64"}
    channels = {"channels": [f"{site.url}/{channel}"]}
    done = home.run("rattler_install.py", {**channels, **wanted, **places})
    assert done.returncode == 0, done.stderr
    assert (prefix / "share" / "zlib" / "about.txt").read_text() == "zlib 1.0\n"


def test_a_key_like_another_takes_over_what_that_one_may(
    open_page: OpenPage, site: Site, channel: str
) -> None:
    name = f"ci of {channel}"
    create = (
        "mutation($n: String!, $c: String!) {createApiKey(name: $n, channelName: $c,"
        " accessMode: READ_WRITE) {name}}"
    )
    site.owner.ask(create, n=name, c=channel)
    page = open_page("/account/keys", login="olga")
    page.get_by_role("button", name=f"Recreate {name}").click()
    expect(page.get_by_label("What it may do")).to_have_value("READ_WRITE")
    expect(page.get_by_label("Where")).to_have_value(channel)
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_role("alert")).to_contain_text("already; choose another name")
