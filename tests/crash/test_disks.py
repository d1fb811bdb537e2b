"""Full and read-only disks, and a database that somebody else holds: clear words, no harm."""

import sqlite3
import subprocess
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.builders import package
from tests.cli.calls import called
from tests.crash.disks import MEBI, assert_full, fill, large, mounted, reads
from tests.databases import on_postgres
from tests.processes import run
from tests.server import Server, running

pytestmark = pytest.mark.skipif(on_postgres(), reason="what is full here is SQLite's disk")

FULL = "The server's storage is full: ask its operator to make room, then retry."


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
        statuses: list[int] = []
        with held(server) as let_go, server.client("olga") as writer:
            upload = Thread(
                target=lambda: statuses.append(writer.upload(channel, other).status_code)
            )
            upload.start()
            reads(olga, channel, small)
            assert statuses == []
            let_go()
            upload.join()
        assert statuses == [201]
        reads(olga, channel, small, other)
