"""Disks that are full below something else than an upload: a log, a backup, a job, a journal."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import package
from tests.cli.calls import called
from tests.crash.disks import MEBI, fill, large, mounted, reads
from tests.databases import on_postgres
from tests.processes import run, serving
from tests.server import Client, running, with_people
from tests.waiting import until

pytestmark = pytest.mark.skipif(on_postgres(), reason="what is full here is SQLite's disk")

JOBS = """query($c: String!) { backgroundJobs(filters: {channelName: {eq: $c}}) {
    page { state results { code message } } } }"""
TWINS = "mutation($c: String!) { updateChannel(name: $c, convertTarBz2: true) { name } }"
DESCRIBE = f"""mutation($c: String!) {{
    updateChannel(name: $c, description: "{"x" * 2000}") {{ name }} }}"""
INDEXES = (
    "channeldata.json",
    "noarch/repodata.json",
    "noarch/repodata.json.zst",
    "noarch/repodata_shards.msgpack.zst",
)
BZ2 = package("zlib", extension="tar.bz2", files={"share/noise": large().data})


@pytest.mark.parametrize("kind", ["granian", "uvicorn"])
def test_a_log_without_room_costs_no_request(tmp_path: Path, kind: str) -> None:
    data = tmp_path / "data"
    token = with_people(data)["olga"]
    (tmp_path / "data.log").symlink_to("/dev/full")
    with serving(data, "--server", kind) as server, visiting(server.url, token) as olga:
        channel = olga.create_channel()
        olga.publish(channel, package("small"))
        reads(olga, channel, package("small"))
        assert olga.get("/readyz").status_code == 200
        assert server.stop() == 0


def test_a_backup_without_room_says_so_and_goes_on_later(tmp_path: Path) -> None:
    small, other = package("small"), large()
    with running(tmp_path / "data") as server, server.client("olga") as olga:
        channel = olga.create_channel()
        olga.publish(channel, small, other)
        with mounted(tmp_path / "disk", 8 * MEBI) as disk:
            target = disk / "backup"
            for leave in (0, MEBI // 2, 2 * MEBI):
                ballast = fill(disk, leave)
                refused = run("backup", target, "--data", server.data)
                assert (refused.status, "full" in refused.err) == (1, True), refused
                assert "Traceback" not in refused.err
                reads(olga, channel, small, other)
                ballast.unlink()
            assert run("backup", target, "--data", server.data).status == 0
            assert called("verify", "--data", str(target))[0] == 0


def test_a_job_without_room_fails_with_its_reason(tmp_path: Path) -> None:
    with (
        mounted(tmp_path / "disk", 24 * MEBI) as disk,
        running(tmp_path / "data", GRAPHREPO_STORE=f"file://{disk}") as server,
        server.client("olga") as olga,
    ):
        channel = olga.create_channel()
        olga.ask(TWINS, c=channel)
        fill(disk, leave=BZ2.size + MEBI // 2)
        olga.publish(channel, BZ2)
        until(lambda: [job["state"] for job in jobs(olga, channel)] == ["FAILED"])
        (result,) = jobs(olga, channel)[0]["results"]
        assert result["code"] == "storage_full"
        assert olga.get(f"/{channel}/noarch/{BZ2.filename}").content == BZ2.data
        assert server.under_way == []


def test_a_journal_that_fills_the_disk_refuses_changes_until_there_is_room(tmp_path: Path) -> None:
    """It cannot be emptied while somebody reads an old state of the database."""
    small = package("small")
    with mounted(tmp_path / "disk", 24 * MEBI) as disk, running(disk / "data") as server:
        with server.client("olga") as olga:
            channel = olga.create_channel()
            olga.publish(channel, small)
            with closing(sqlite3.connect(server.data / "graphrepo.sqlite")) as reader:
                reader.execute("BEGIN")
                reader.execute("SELECT * FROM channel").fetchall()
                reads(olga, channel, small)
                ballast = fill(disk, leave=MEBI // 2)
                assert "storage_full" in {described(olga, channel) for _ in range(200)}
                reads(olga, channel, small)
                assert olga.get("/readyz").status_code == 507
            ballast.unlink()
            assert described(olga, channel) == ""
            reads(olga, channel, small)
        assert called("verify", "--data", str(server.data))[0] == 0


def test_an_index_without_room_is_the_last_one_until_there_is_room(tmp_path: Path) -> None:
    small, other = package("small"), package("other")
    with (
        mounted(tmp_path / "disk", 24 * MEBI) as disk,
        running(tmp_path / "data", GRAPHREPO_STORE=f"file://{disk}") as server,
        server.client("olga") as olga,
    ):
        channel = olga.create_channel()
        olga.publish(channel, small, other)
        before = {name: olga.get(f"/{channel}/{name}").raise_for_status() for name in INDEXES}
        ballast = fill(disk)
        olga.request("DELETE", f"/api/v1/delete/{channel}/noarch/{other.filename}")
        for name, answer in before.items():
            now = olga.get(f"/{channel}/{name}")
            assert (now.status_code, now.content) == (200, answer.content), name
        assert olga.get(f"/{channel}/noarch/run_exports.json").status_code == 507  # never asked for
        assert olga.get(f"/{channel}/noarch/{other.filename}").status_code == 404
        ballast.unlink()
        reads(olga, channel, small)
        for name, answer in before.items():
            assert olga.get(f"/{channel}/{name}").raise_for_status().content != answer.content, name


@contextmanager
def visiting(url: str, token: str) -> Generator[Client]:
    """Be olga on a server."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:
        yield Client(http, "olga", token)


def described(client: Client, channel: str) -> str:
    """Change a channel's description, and return the code of the refusal."""
    body = {"query": DESCRIBE, "variables": {"c": channel}}
    answer = client.request("POST", "/api/graphql", json=body).json()
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else ""


def jobs(client: Client, channel: str) -> list[dict[str, Any]]:
    return client.ask(JOBS, c=channel)["backgroundJobs"]["page"]
