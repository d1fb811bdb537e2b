"""Small disks that are full, and what must go on nevertheless."""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.builders import Built, package
from tests.server import Client

MEBI = 2**20


def large(number: int = 0) -> Built:
    noise = Random(number).randbytes(2 * MEBI)  # noqa: S311 - the same bytes in every run
    return package(f"large{number}", files={"share/noise": noise})


@contextmanager
def mounted(folder: Path, size: int) -> Generator[Path]:
    """Mount a small disk; skip the test where that is not allowed."""
    folder.mkdir()
    options = ("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    done = subprocess.run(("mount", *options), capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(("umount", "--lazy", str(folder)), check=True)


def fill(disk: Path, leave: int = 0) -> Path:
    """Use a disk up but for a few bytes."""
    ballast = disk / "ballast"
    facts = os.statvfs(disk)
    room = facts.f_bavail * facts.f_frsize - leave
    # Whoever takes some of the room at the same moment makes it full, too.
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        file.write(bytes(max(0, room)))
    return ballast


def assert_full(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (507, "storage_full")
    assert "full" in answer.text


def reads(client: Client, channel: str, *packages: Built) -> None:
    """Read everything that was there before the disk was full."""
    for built in packages:
        assert client.get(f"/{channel}/noarch/{built.filename}").content == built.data
    listed = client.get(f"/{channel}/noarch/repodata.json").json()["packages.conda"]
    assert set(listed) == {built.filename for built in packages}
    assert client.get("/healthz").status_code == 200
