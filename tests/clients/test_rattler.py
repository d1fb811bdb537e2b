"""py-rattler, the library under pixi, installs from the channels of a real server."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.clients.conftest import EPOCH, LEAF, NATIVE, STOCK, Home
from tests.site import Site

FORMS = ["as it likes", "zst", "json"]
NAMES = sorted(built.filename for built in STOCK)
HOST = "127.0.0.1"


def install(
    home: Home, *channels: str, specs: Sequence[str] = ("native",), form: str = "as it likes"
) -> subprocess.CompletedProcess[str]:
    wish = {
        "channels": channels,
        "specs": specs,
        "prefix": str(home.path / "env"),
        "cache": str(home.path / "cache"),
        "form": form,
        "platform": "linux-64",
    }
    return home.run("rattler_install.py", wish)


def installed(home: Home, *channels: str, form: str = "as it likes") -> list[str]:
    """Install, and return the file names after looking at what is really in the environment."""
    done = install(home, *channels, form=form)
    assert done.returncode == 0, done.stderr
    for built in STOCK:
        about = home.path / "env" / "share" / built.index["name"] / "about.txt"
        assert about.read_text() == f"{built.index['name']} {built.index['version']}\n"
    assert len(list((home.path / "env" / "conda-meta").glob("*.json"))) == len(STOCK)
    return json.loads(done.stdout)


@pytest.mark.parametrize("form", FORMS)
def test_installs_from_a_public_channel_knowing_nothing(site: Site, home: Home, form: str) -> None:
    assert installed(home, f"{site.url}/open", form=form) == NAMES


@pytest.mark.parametrize("form", FORMS)
def test_installs_from_a_private_channel_with_a_bearer_token(
    site: Site, home: Home, form: str
) -> None:
    home.know({HOST: {"BearerToken": site.token}})
    assert installed(home, f"{site.url}/closed", form=form) == NAMES


@pytest.mark.parametrize("form", FORMS)
def test_installs_with_the_token_in_the_address(site: Site, home: Home, form: str) -> None:
    assert installed(home, f"{site.url}/t/{site.token}/closed", form=form) == NAMES


def test_installs_with_a_stored_conda_token(site: Site, home: Home) -> None:
    home.know({HOST: {"CondaToken": site.token}})
    assert installed(home, f"{site.url}/closed") == NAMES


def test_installs_with_the_token_as_a_password(site: Site, home: Home) -> None:
    home.know({HOST: {"BasicHTTP": {"username": "whoever", "password": site.token}}})
    assert installed(home, f"{site.url}/closed") == NAMES


def test_a_wrong_token_does_not_spoil_a_public_channel(site: Site, home: Home) -> None:
    home.know({HOST: {"BearerToken": "gr-" + "x" * 40}})
    assert installed(home, f"{site.url}/open") == NAMES


@pytest.mark.parametrize("form", FORMS)
def test_a_private_channel_asks_a_stranger_to_sign_in(site: Site, home: Home, form: str) -> None:
    done = install(home, f"{site.url}/closed", form=form)
    assert done.returncode == 1
    assert "401" in done.stderr


@pytest.mark.parametrize("form", FORMS)
def test_a_channel_that_is_not_there_looks_like_a_private_one(
    site: Site, home: Home, form: str
) -> None:
    done = install(home, f"{site.url}/nowhere", form=form)
    assert done.returncode == 1
    assert "401" in done.stderr


def test_a_wrong_token_opens_no_private_channel(site: Site, home: Home) -> None:
    home.know({HOST: {"BearerToken": "gr-" + "x" * 40}})
    done = install(home, f"{site.url}/closed")
    assert done.returncode == 1
    assert "401" in done.stderr


def test_somebody_who_is_no_member_is_refused(site: Site, home: Home) -> None:
    token = site.command("key", "create", "stranger", "theirs")
    home.know({HOST: {"BearerToken": token}})
    done = install(home, f"{site.url}/closed")
    assert done.returncode == 1
    assert "403" in done.stderr


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_channel_is_a_channel_with_nothing_in_it(
    site: Site, home: Home, form: str
) -> None:
    done = install(home, f"{site.url}/empty", specs=[], form=form)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    done = install(home, f"{site.url}/empty", form=form)
    assert "No candidates were found for native" in done.stderr


def test_one_installation_draws_on_several_channels(site: Site, home: Home) -> None:
    home.know({HOST: {"BearerToken": site.token}})
    channels = (f"{site.url}/empty", f"{site.url}/closed", f"{site.url}/open")
    assert installed(home, *channels) == NAMES


def test_bytes_arrive_as_they_were_uploaded(site: Site, home: Home) -> None:
    installed(home, f"{site.url}/open")
    records = (home.path / "env" / "conda-meta").glob("*.json")
    digests = {record["fn"]: record["sha256"] for record in map(_read, records)}
    assert digests == {built.filename: built.sha256 for built in (LEAF, EPOCH, NATIVE)}


def _read(path: Path) -> dict[str, str]:
    return json.loads(path.read_text())
