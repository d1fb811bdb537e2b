"""``graphrepo user``, ``key`` and ``channel``: on a data directory that a server is using."""

import re
import subprocess
from pathlib import Path

import httpx
import pytest

from graphrepo import __version__
from tests.cli.calls import called, told
from tests.databases import on_postgres
from tests.processes import PASSWORD, PROGRAM, environment, made, on_a_terminal, run
from tests.site import Site
from tests.waiting import PATIENCE


def sign_in(site: Site, login: str, password: str) -> httpx.Response:
    return httpx.post(
        f"{site.url}/api/auth/login", json={"login": login, "password": password}, timeout=PATIENCE
    )


def status_of(site: Site, path: str, token: str | None = None) -> int:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{site.url}/{path}", headers=headers, timeout=PATIENCE).status_code


def test_the_version_is_told() -> None:
    assert made("--version") == f"graphrepo {__version__}"


def test_each_command_explains_itself_and_takes_the_data_directory() -> None:
    for command in ("serve", "user create", "key create", "channel create", "channel member"):
        status, text = called(*command.split(), "--help")
        assert status == 0
        assert "--data" in text
        assert "GRAPHREPO_DATA" in text


def test_a_user_with_a_password_can_sign_in_at_once(site: Site) -> None:
    said = made(
        "user", "create", "ada", "--password-stdin", "--data", site.data, typed=f"{PASSWORD}\r\n"
    )
    assert said == "Created the user ada."
    assert sign_in(site, "ada", PASSWORD).json() == {"login": "ada", "isAdmin": False}


def test_an_administrator_is_one(site: Site) -> None:
    arguments = ("user", "create", "chief", "--admin", "--password-stdin", "--data", site.data)
    assert told(*arguments, typed=PASSWORD) == "Created the administrator chief."
    assert sign_in(site, "chief", PASSWORD).json() == {"login": "chief", "isAdmin": True}


def test_without_a_terminal_a_user_has_no_password(site: Site) -> None:
    said = made("user", "create", "robot", "--data", site.data, typed=f"{PASSWORD}\n")
    assert said == "Created the user robot, without a password."
    assert not sign_in(site, "robot", PASSWORD).is_success


def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(site: Site) -> None:
    typed = (PASSWORD, "a slip of the pen", PASSWORD, PASSWORD)
    screen = on_a_terminal("user", "create", "tess", "--data", site.data, typed=typed)
    assert screen.count("Password: ") == 2
    assert screen.count("Repeat for confirmation: ") == 2
    assert "Created the user tess." in screen
    assert PASSWORD not in screen
    assert sign_in(site, "tess", PASSWORD).is_success


def test_a_user_is_changed_as_the_options_say(site: Site) -> None:
    def changed(*options: str, typed: str = "") -> str:
        return told("user", "change", "ivy", *options, "--data", site.data, typed=typed)

    told("user", "create", "head", "--admin", "--data", site.data)  # there must always be one
    created = ("user", "create", "ivy", "--password-stdin", "--data", site.data)
    told(*created, typed=PASSWORD)
    assert changed("--admin") == "ivy is an administrator, enabled."
    assert sign_in(site, "ivy", PASSWORD).json() == {"login": "ivy", "isAdmin": True}
    assert changed("--no-admin", "--disable") == "ivy is no administrator, disabled."
    assert sign_in(site, "ivy", PASSWORD).status_code == 401
    said = changed("--enable", "--password-stdin", typed="battery staple\n")
    assert said == "ivy is no administrator, enabled, with a new password."
    assert sign_in(site, "ivy", "battery staple").is_success


def test_a_new_password_is_asked_for_at_a_terminal_alone(site: Site) -> None:
    told("user", "create", "uma", "--data", site.data)
    asked = ("user", "change", "uma", "--password", "--data", site.data)
    screen = on_a_terminal(*asked, typed=(PASSWORD, PASSWORD))
    assert "uma is no administrator, enabled, with a new password." in screen
    assert PASSWORD not in screen
    ran = run(*asked, typed=PASSWORD)
    assert (ran.status, ran.out) == (2, "")
    assert "use --password-stdin" in ran.err


def test_a_user_is_signed_out_of_all_browsers(site: Site) -> None:
    told("user", "create", "sue", "--password-stdin", "--data", site.data, typed=PASSWORD)
    cookies = sign_in(site, "sue", PASSWORD).cookies
    query = {"query": "{ viewer { login } }"}
    asked = httpx.get(f"{site.url}/api/graphql", params=query, cookies=cookies, timeout=PATIENCE)
    assert asked.json()["data"]["viewer"] == {"login": "sue"}
    said = told("user", "sign-out", "sue", "--data", site.data)
    assert said == "Signed sue out of 1 browser."
    asked = httpx.get(f"{site.url}/api/graphql", params=query, cookies=cookies, timeout=PATIENCE)
    assert asked.json()["data"]["viewer"] is None
    assert told("user", "sign-out", "sue", "--data", site.data).endswith("0 browsers.")


def test_a_key_is_printed_alone_and_works_at_once(site: Site) -> None:
    token = made("key", "create", "olga", "reader", "--mode", "read", "--data", site.data)
    assert re.fullmatch(r"gr-[A-Za-z0-9]{40}", token)
    assert status_of(site, "closed/noarch/repodata.json") == 401
    assert status_of(site, "closed/noarch/repodata.json", token) == 200


def test_a_key_is_as_limited_as_it_was_made(site: Site) -> None:
    limits = ("--mode", "read_write", "--channel", "open", "--expires-days", "1")
    token = told("key", "create", "olga", "narrow", *limits, "--data", site.data)
    assert status_of(site, "closed/noarch/repodata.json", token) == 403
    assert status_of(site, "open/noarch/repodata.json", token) == 200


def test_the_variable_names_the_data_directory_too(site: Site) -> None:
    ran = run("user", "create", "vera", env={"GRAPHREPO_DATA": str(site.data)})
    assert ran.out == "Created the user vera, without a password.\n"
    assert called("user", "create", "vera", "--data", site.data)[0] == 1


def test_without_a_word_the_data_are_beside_the_caller(tmp_path: Path) -> None:
    command = (*PROGRAM, "user", "create", "here")
    subprocess.run(command, cwd=tmp_path, env=environment(), stdin=subprocess.DEVNULL, check=True)
    assert (tmp_path / "graphrepo-data" / "graphrepo.sqlite").is_file()


def test_channels_are_public_or_private_as_said(site: Site) -> None:
    described = ("--description", "Tools for all")
    said = told("channel", "create", "tools", "--owner", "olga", *described, "--data", site.data)
    assert said == "Created the public channel tools, owned by olga."
    said = told("channel", "create", "attic", "--owner", "olga", "--private", "--data", site.data)
    assert said == "Created the private channel attic, owned by olga."
    assert status_of(site, "tools/noarch/repodata.json") == 200
    assert status_of(site, "attic/noarch/repodata.json") == 401


def test_members_come_in_with_their_role_and_may_change_it(site: Site) -> None:
    told("user", "create", "mia", "--data", site.data)
    token = told("key", "create", "mia", "hers", "--data", site.data)
    assert status_of(site, "closed/noarch/repodata.json", token) == 403
    said = told("channel", "member", "closed", "mia", "member", "--data", site.data)
    assert said == "mia is now a member of closed."
    assert status_of(site, "closed/noarch/repodata.json", token) == 200
    said = told("channel", "member", "closed", "mia", "owner", "--data", site.data)
    assert said == "mia is now an owner of closed."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("user create Olga", "A login has 1 to 40 lower-case letters"),
        ("user create short --password-stdin", "The password is too short"),
        ("user change nobody --disable", "There is no user nobody."),
        ("user change olga --password-stdin", "The password is too short"),
        ("user sign-out nobody", "There is no user nobody."),
        ("channel create open --owner olga", "The channel name open is taken; choose another."),
        ("channel create api --owner olga", "api"),
        ("channel create fresh --owner nobody", "There is no user nobody; create the user first."),
        ("channel member open nobody owner", "There is no user nobody"),
        ("channel member nowhere olga owner", "No channel nowhere"),
        ("channel member open olga member", "olga is the only owner of open"),
        ("key create nobody key", "There is no user nobody."),
        ("key create olga site", "olga has a key named site already; choose another name."),
        ("key create olga key --channel nowhere", "No channel nowhere"),
    ],
)
def test_a_failure_is_one_sentence_and_status_1(site: Site, arguments: str, sentence: str) -> None:
    status, text = called(*arguments.split(), "--data", site.data, typed="short\n")
    assert status == 1
    assert sentence in text
    assert text.count("\n") == 1


def test_a_failure_is_told_apart_from_what_a_command_prints(site: Site) -> None:
    ran = run("user", "create", "olga", "--data", site.data)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "There is a user olga already; choose another login.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        "user create",
        "user change olga",
        "key create olga key --mode sudo",
        "key create olga key --expires-days 0",
        "channel create ownerless",
        "channel member open olga guest",
        "nonsense",
    ],
)
def test_a_wrong_call_is_status_2(arguments: str) -> None:
    status, text = called(*arguments.split())
    assert status == 2
    assert "Usage: graphrepo" in text


@pytest.mark.skipif(on_postgres(), reason="it is SQLite's file that cannot be made")
def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    ran = run("user", "create", "olga", "--data", in_the_way / "data")
    assert ran.status == 1
    assert f"{in_the_way}/data" in ran.err
    assert "Not a directory" in ran.err
    assert ran.err.count("\n") == 1


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    variables = {"GRAPHREPO_MAX_UPLOAD_BYTES": "plenty"}
    ran = run("user", "create", "olga", "--data", tmp_path / "data", env=variables)
    assert ran.status == 1
    assert "GRAPHREPO_MAX_UPLOAD_BYTES" in ran.err
    assert not (tmp_path / "data").exists()
