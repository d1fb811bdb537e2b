"""Full and read-only disks, and a database that somebody else holds: clear words, no harm."""

import os
import sqlite3
import subprocess
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from threading import Event, Thread

import httpx
import pytest

from tests.builders import Built, package
from tests.cli.calls import called
from tests.databases import on_postgres
from tests.processes import run
from tests.server import Client, Server, running

pytestmark = pytest.mark.skipif(on_postgres(), reason="what is full here is SQLite's disk")

MEBI = 2**20
FULL = "The server's storage is full: ask its operator to make room, then retry."


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
    with ballast.open("wb") as file:
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


def test_a_full_disk_refuses_uploads_and_serves_on(tmp_path: Path) -> None:
    small = package("small")
    with mounted(tmp_path / "disk", 24 * MEBI) as disk, running(disk / "data") as server:
        with server.client("olga") as olga:
            channel = olga.create_channel()
            olga.publish(channel, small)
            reads(olga, channel, small)

            ballast = fill(disk, leave=MEBI)
            refused = olga.upload(channel, large())
            assert_full(refused)
            assert refused.text == f"{FULL}\n"
            reads(olga, channel, small)

            ballast.unlink()
            ballast = fill(disk)
            assert_full(olga.upload(channel, large()))
            assert_full(olga.upload(channel, package("tiny")))
            assert olga.get("/readyz").status_code == 507
            reads(olga, channel, small)
            with server.client("sam") as sam:  # whose key was not used before
                reads(sam, channel, small)

            ballast.unlink()
            olga.publish(channel, large(1))
            reads(olga, channel, small, large(1))
            assert server.under_way == []
        assert called("verify", "--data", str(server.data))[0] == 0


def test_a_store_that_became_read_only_refuses_uploads_and_serves_on(tmp_path: Path) -> None:
    small = package("small")
    with (
        mounted(tmp_path / "disk", 24 * MEBI) as disk,
        running(tmp_path / "data", GRAPHREPO_STORE=f"file://{disk}") as server,
        server.client("olga") as olga,
    ):
        channel = olga.create_channel()
        olga.publish(channel, small)
        reads(olga, channel, small)
        remount(disk, "ro")
        refused = olga.upload(channel, large())
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert "Read-only file system" in refused.text
        assert olga.get("/readyz").status_code == 503
        reads(olga, channel, small)
        remount(disk, "rw")
        olga.publish(channel, large())


def test_a_database_on_a_read_only_disk_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", 24 * MEBI) as disk:
        remount(disk, "ro")
        refused = run("serve", "--data", disk / "data", "--port", "0")
    assert refused.status == 1
    assert "Read-only file system" in refused.err
    assert len(refused.err.splitlines()) == 1


def remount(disk: Path, kind: str) -> None:
    subprocess.run(("mount", "-o", f"remount,{kind}", str(disk)), check=True)


@contextmanager
def held(server: Server) -> Generator[Callable[[], None]]:
    """Hold the database's lock from another connection until told to let go."""
    taken, let_go = Event(), Event()

    def hold() -> None:
        with closing(sqlite3.connect(server.data / "graphrepo.sqlite", timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            taken.set()
            let_go.wait(20)

    thread = Thread(target=hold)
    thread.start()
    assert taken.wait(30)
    try:
        yield let_go.set
    finally:
        let_go.set()
        thread.join()


def test_a_database_that_somebody_holds_is_waited_for_and_read_meanwhile(tmp_path: Path) -> None:
    small, other = package("small"), package("other")
    with running(tmp_path / "data") as server, server.client("olga") as olga:
        channel = olga.create_channel()
        olga.publish(channel, small)
        reads(olga, channel, small)
        answers: list[httpx.Response] = []
        with held(server) as let_go, server.client("olga") as writer:
            upload = Thread(target=lambda: answers.append(writer.upload(channel, other)))
            upload.start()
            reads(olga, channel, small)
            assert answers == []
            let_go()
            upload.join()
        assert [answer.status_code for answer in answers] == [201]
        reads(olga, channel, small, other)
