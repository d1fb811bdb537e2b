"""``graphrepo upload``: what its user sees, against a real server."""

from pathlib import Path

import httpx
import pytest

from tests.builders import Built, package
from tests.cli.calls import called, told
from tests.processes import on_a_terminal, run
from tests.site import Site
from tests.waiting import PATIENCE


def saved(directory: Path, *packages: Built) -> tuple[Path, ...]:
    """Write the packages to the directory and return their paths."""
    for built in packages:
        (directory / built.filename).write_bytes(built.data)
    return tuple(directory / built.filename for built in packages)


def to(site: Site) -> tuple[str, ...]:
    return ("--url", site.url, "--token", site.token)


def test_uploads_become_visible_and_again_is_already_there(site: Site, tmp_path: Path) -> None:
    conda, bz2 = package("up-a"), package("up-b", extension="tar.bz2")
    files = saved(tmp_path, conda, bz2)
    ran = run("upload", "closed", *files, *to(site))
    assert (ran.status, ran.err) == (0, "")
    *lines, summary = ran.out.splitlines()
    assert sorted(lines) == ["up-a-1.0-0.conda: uploaded", "up-b-1.0-0.tar.bz2: uploaded"]
    assert summary == "2 uploaded"
    address = f"{site.url}/t/{site.token}/closed/noarch"
    document = httpx.get(f"{address}/repodata.json", timeout=PATIENCE).json()
    assert conda.filename in document["packages.conda"]
    assert bz2.filename in document["packages"]
    assert httpx.get(f"{address}/{conda.filename}", timeout=PATIENCE).content == conda.data
    ran = run("upload", "closed", *files, *to(site))
    assert ran.status == 0
    assert ran.out.splitlines()[-1] == "2 already there"


def test_one_bad_file_fails_with_its_reason_and_the_others_arrive(
    site: Site, tmp_path: Path
) -> None:
    good, lying = package("good"), package("lying", filename="honest-1.0-0.conda")
    broken = tmp_path / "broken-1.0-0.conda"
    broken.write_bytes(b"no archive at all")
    missing = tmp_path / "missing-1.0-0.conda"
    ran = run("upload", "open", *saved(tmp_path, good, lying), broken, missing, *to(site))
    assert ran.status == 1
    assert ran.out.splitlines() == ["good-1.0-0.conda: uploaded", "1 uploaded, 3 failed"]
    reasons = dict(line.split(": failed: ") for line in ran.err.splitlines())
    assert set(reasons) == {lying.filename, broken.name, missing.name}
    assert "lying" in reasons[lying.filename]
    assert reasons[missing.name] == "The file cannot be read: No such file or directory."


def test_other_content_under_a_name_is_refused_left_or_replaced(site: Site, tmp_path: Path) -> None:
    first, second = package("twice"), package("twice", about={"summary": "Another build"})
    (file,) = saved(tmp_path, first)
    told("upload", "open", file, *to(site))
    saved(tmp_path, second)
    ran = run("upload", "open", file, *to(site))
    assert (ran.status, ran.out) == (1, "1 failed\n")
    assert ran.err.startswith("twice-1.0-0.conda: failed: ")
    ran = run("upload", "open", file, *to(site), "--skip-existing")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.endswith("1 skipped\n")
    address = f"{site.url}/open/noarch/{first.filename}"
    assert httpx.get(address, timeout=PATIENCE).content == first.data
    ran = run("upload", "open", file, *to(site), "--force")
    assert (ran.status, ran.out) == (0, "twice-1.0-0.conda: uploaded\n1 uploaded\n")
    assert httpx.get(address, timeout=PATIENCE).content == second.data


def test_a_wrong_key_is_refused_and_no_key_is_ever_printed(site: Site, tmp_path: Path) -> None:
    wrong = "gr-" + "x" * 40
    ran = run("upload", "open", *saved(tmp_path, package("k")), "--url", site.url, "--token", wrong)
    assert ran.status == 1
    assert "Sign in" in ran.err
    assert wrong not in ran.out + ran.err


def test_a_key_that_may_only_read_is_told_so(site: Site, tmp_path: Path) -> None:
    told("user", "create", "lena", "--data", site.data)
    told("channel", "member", "closed", "lena", "contributor", "--data", site.data)
    token = told("key", "create", "lena", "k", "--mode", "read", "--data", site.data)
    ran = run(
        "upload", "closed", *saved(tmp_path, package("l")), "--url", site.url, "--token", token
    )
    assert ran.status == 1
    assert "may read closed but not upload to it" in ran.err


def test_address_and_key_may_come_from_the_environment(site: Site, tmp_path: Path) -> None:
    variables = {"GRAPHREPO_URL": site.url + "/", "GRAPHREPO_TOKEN": site.token}
    ran = run("upload", "open", *saved(tmp_path, package("env")), env=variables)
    assert (ran.status, ran.err) == (0, "")


def test_the_data_directory_is_taken_as_by_every_command(site: Site, tmp_path: Path) -> None:
    files = saved(tmp_path, package("data"))
    told("upload", "open", *files, *to(site), "--data", tmp_path / "not-needed")
    assert not (tmp_path / "not-needed").exists()


def test_a_terminal_gets_bars_and_the_same_lines(site: Site, tmp_path: Path) -> None:
    files = saved(tmp_path, package("bar-a"), package("bar-b"))
    screen = on_a_terminal("upload", "open", *files, *to(site), typed=())
    assert "bar-a-1.0-0.conda: uploaded" in screen
    assert "total" in screen
    assert "2 uploaded" in screen
    assert site.token not in screen


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ("--token t --url ftp://example.org", "give the server's address"),
        ("--token t --url example.org", "give the server's address"),
        ("--token t --url http://[", "--url"),
        ("--token t", "--url"),
        ("--url http://127.0.0.1:1", "--token"),
        ("--token t --url http://127.0.0.1:1 --force --skip-existing", "exclude each other"),
    ],
)
def test_a_wrong_call_is_status_2(arguments: str, word: str) -> None:
    status, text = called("upload", "open", "zlib-1.3-0.conda", *arguments.split())
    assert status == 2
    assert word in text
