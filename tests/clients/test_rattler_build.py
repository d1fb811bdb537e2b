"""py-rattler-build builds a package offline and uploads in each form that it knows."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.builders import Built, package
from tests.clients.conftest import Home
from tests.site import Site
from tests.waiting import PATIENCE

RECIPE = """
package: {name: built-here, version: 1.2.3}
build:
  noarch: generic
  script: mkdir -p $PREFIX/share && echo hello > $PREFIX/share/built-here.txt
about: {summary: Built for the test, license: MIT}
"""
WRONG = "gr-" + "x" * 40


def call(home: Home, function: str, *arguments: object, **options: object) -> str:
    done = attempt(home, function, *arguments, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def attempt(
    home: Home, function: str, *arguments: object, **options: object
) -> subprocess.CompletedProcess[str]:
    wish = {"call": function, "arguments": arguments, "options": options}
    return home.run("rattler_build_run.py", wish)


def saved(home: Home, built: Built) -> list[str]:
    path = home.path / built.filename
    path.write_bytes(built.data)
    return [str(path)]


def served(site: Site, built: Built) -> bytes:
    address = f"{site.url}/t/{site.token}/closed/{built.subdir}/{built.filename}"
    return httpx.get(address, timeout=PATIENCE).raise_for_status().content


PREFIX = "upload_package_to_prefix"


def test_prefix_uploads_a_new_package_and_the_same_again(site: Site, home: Home) -> None:
    built = package("prefix-new", subdir="linux-64")
    for _time in range(2):
        call(home, PREFIX, saved(home, built), site.url, "closed", api_key=site.token)
    assert served(site, built) == built.data


def test_prefix_takes_the_key_from_the_auth_file(site: Site, home: Home) -> None:
    built = package("prefix-stored")
    home.know({"127.0.0.1": {"BearerToken": site.token}})
    call(home, PREFIX, saved(home, built), site.url, "closed")
    assert served(site, built) == built.data


def test_prefix_is_told_when_other_content_has_the_name(site: Site, home: Home) -> None:
    first, second = package("prefix-twice"), package("prefix-twice", about={"summary": "Other"})
    arguments = (site.url, "closed")
    call(home, PREFIX, saved(home, first), *arguments, api_key=site.token)
    refused = attempt(home, PREFIX, saved(home, second), *arguments, api_key=site.token)
    assert refused.returncode == 1
    assert first.filename in refused.stderr
    call(home, PREFIX, saved(home, second), *arguments, api_key=site.token, skip_existing=True)
    assert served(site, first) == first.data
    call(home, PREFIX, saved(home, second), *arguments, api_key=site.token, force=True)
    assert served(site, first) == second.data


@pytest.mark.parametrize("token", [WRONG, ""])
def test_prefix_shows_why_a_wrong_key_is_refused(site: Site, home: Home, token: str) -> None:
    files = saved(home, package("prefix-wrong"))
    refused = attempt(home, PREFIX, files, site.url, "closed", api_key=token)
    assert refused.returncode == 1
    assert "Sign in" in refused.stderr
    assert "401" in refused.stderr


def test_prefix_shows_what_is_wrong_with_a_package(site: Site, home: Home) -> None:
    files = saved(home, package("prefix-lie", filename="prefix-honest-1.0-0.conda"))
    refused = attempt(home, PREFIX, files, site.url, "closed", api_key=site.token)
    assert refused.returncode == 1
    assert "prefix-lie" in refused.stderr


def test_prefix_uploads_what_was_built_here_and_it_can_be_installed(site: Site, home: Home) -> None:
    built = Path(call(home, "build", RECIPE, str(home.path / "output")))
    call(home, PREFIX, [str(built)], site.url, "open", api_key=site.token)
    wish = {
        "channels": [f"{site.url}/open"],
        "specs": ["built-here"],
        "prefix": str(home.path / "env"),
        "cache": str(home.path / "cache"),
        "form": "as it likes",
        "platform": "linux-64",
    }
    done = home.run("rattler_install.py", wish)
    assert json.loads(done.stdout or "[]") == [built.name], done.stderr
    assert (home.path / "env" / "share" / "built-here.txt").read_text() == "hello\n"


# These two forms tell the person no more than this, whatever the status was.
REFUSED = "Server responded with error"
QUETZ = "upload_package_to_quetz"
ARTIFACTORY = "upload_package_to_artifactory"


def test_quetz_uploads_and_hears_of_conflicts_and_wrong_keys(site: Site, home: Home) -> None:
    first, second = package("quetz"), package("quetz", about={"summary": "Other"})
    for _time in range(2):
        call(home, QUETZ, saved(home, first), site.url, "closed", api_key=site.token)
    assert served(site, first) == first.data
    for token in (site.token, WRONG):
        refused = attempt(home, QUETZ, saved(home, second), site.url, "closed", api_key=token)
        assert refused.returncode == 1
        assert REFUSED in refused.stderr
    assert served(site, first) == first.data


def test_artifactory_uploads_and_hears_of_conflicts_and_wrong_keys(site: Site, home: Home) -> None:
    first = package("artifactory", subdir="osx-arm64", extension="tar.bz2")
    second = package("artifactory", subdir="osx-arm64", extension="tar.bz2", build_number=1)
    for _time in range(2):
        call(home, ARTIFACTORY, saved(home, first), site.url, "closed", token=site.token)
    assert served(site, first) == first.data
    for token in (site.token, WRONG):
        refused = attempt(home, ARTIFACTORY, saved(home, second), site.url, "closed", token=token)
        assert refused.returncode == 1
        assert REFUSED in refused.stderr
    assert served(site, first) == first.data
