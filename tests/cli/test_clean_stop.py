"""A server that is told to stop finishes what is under way, and writes down what it has counted."""

import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.builders import package
from tests.databases import new_address, query
from tests.processes import Serving, serving
from tests.server import Client, with_people
from tests.waiting import until
from tests.web.wire import connected

SMALL, LATE = package("small"), package("late")
WRITTEN = """SELECT filename, count FROM artifact
    LEFT JOIN artifact_downloads ON artifact_id = artifact.id"""


@pytest.mark.parametrize("kind", ["granian", "uvicorn"])
def test_what_is_under_way_is_finished_and_what_was_counted_is_written(
    tmp_path: Path, kind: str
) -> None:
    data = tmp_path / "data"
    token = with_people(data)["olga"]
    with serving(data, "--server", kind) as server:
        with httpx.Client(base_url=server.url, trust_env=False) as http:
            olga = Client(http, "olga", token)
            channel = olga.create_channel()
            olga.publish(channel, SMALL)
            for _ in range(3):
                olga.get(f"/{channel}/noarch/{SMALL.filename}").raise_for_status()
        with connected(server) as wire:
            wire.ask(
                "PUT",
                f"/{channel}/noarch/{LATE.filename}",
                f"Authorization: Bearer {token}",
                f"Content-Length: {LATE.size}",
                "Expect: 100-continue",
            )
            assert " 100 " in wire.read_head()
            wire.send(LATE.data[:-1])
            server.process.send_signal(signal.SIGTERM)
            until(lambda: is_closed(server))
            wire.send(LATE.data[-1:])
            assert " 201 " in wire.read_head()
        assert server.process.wait(60) == 0
    assert written(data) == {SMALL.filename: 3, LATE.filename: None}


def written(data: Path) -> dict[str, int | None]:
    """Return the files of the only channel, with how often each was downloaded."""
    address = new_address(data)
    if isinstance(address, str):
        return dict(query(address, WRITTEN))
    with closing(sqlite3.connect(address)) as database:
        return dict(database.execute(WRITTEN).fetchall())


def is_closed(server: Serving) -> bool:
    """Return whether the server takes no new connections."""
    where = urlsplit(server.url)
    try:
        socket.create_connection((where.hostname, where.port or 0), timeout=20).close()
    except ConnectionError:
        return True
    return False
