"""Patch instructions over REST: checked, capped, in place of those before."""

import json

import pytest

from tests.builders import package
from tests.server import Client

ZLIB = package("zlib")
PATH = "/api/v1/patch-instructions/{}/noarch"


def instructions(**content: object) -> bytes:
    return json.dumps({"patch_instructions_version": 1, **content}).encode()


@pytest.fixture
def channel(owner: Client) -> str:
    name = owner.create_channel(is_public=False)
    owner.publish(name, ZLIB)
    return name


def test_instructions_are_put_and_taken_back(contributor: Client, channel: str) -> None:
    content = instructions(**{"packages.conda": {ZLIB.filename: {"license": "Zlib"}}})
    put = contributor.request("PUT", PATH.format(channel), content=content)
    assert (put.status_code, put.json()) == (200, {"subdir": "noarch", "patched": 1})
    listed = contributor.get(f"/{channel}/noarch/repodata.json").json()
    assert listed["packages.conda"][ZLIB.filename]["license"] == "Zlib"
    again = contributor.request("PUT", PATH.format(channel), content=content)
    assert again.json()["patched"] == 0
    ended = contributor.request("PUT", PATH.format(channel), content=instructions())
    assert ended.json()["patched"] == 1
    assert contributor.get(f"/{channel}/noarch/patch_instructions.json").status_code == 404


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", instructions(remove=["x"]), instructions(unknown=[])]
)
def test_what_is_no_instructions_is_refused(owner: Client, channel: str, content: bytes) -> None:
    answer = owner.request("PUT", PATH.format(channel), content=content)
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (422, "invalid_input")


def test_who_may_put_instructions(
    member: Client, stranger: Client, nobody: Client, owner: Client, channel: str
) -> None:
    statuses = [
        client.request("PUT", PATH.format(channel), content=instructions()).status_code
        for client in (nobody, stranger, member, owner)
    ]
    assert statuses == [401, 403, 403, 200]


def test_a_browser_needs_proof_of_its_origin(browser: Client, channel: str) -> None:
    plain = browser.request("PUT", PATH.format(channel), content=instructions())
    assert (plain.status_code, plain.headers["x-graphrepo-error"]) == (403, "csrf_rejected")
    headers = {"Content-Type": "application/json"}
    proven = browser.request("PUT", PATH.format(channel), content=instructions(), headers=headers)
    assert proven.status_code == 200


def test_instructions_may_have_64_mib(owner: Client, channel: str) -> None:
    answer = owner.request("PUT", PATH.format(channel), content=b" " * (64 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "64 MiB" in answer.text
