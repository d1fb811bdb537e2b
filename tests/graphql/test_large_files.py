"""Large files at the GraphQL address: in bounded memory, and from those who may upload alone."""

from collections.abc import Generator, Iterator
from pathlib import Path

import psutil
import pytest

from tests.builders import package
from tests.graphql.forms import FORM, FORM_HEAD, MEBI, PATH
from tests.server import Server, running


@pytest.fixture(scope="module", params=["granian", "uvicorn"])
def roomy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Server]:
    """Serve with the limit that a server has by itself."""
    with running(tmp_path_factory.mktemp("roomy") / "data", "--server", request.param) as server:
        yield server


def test_memory_does_not_grow_with_a_file(roomy: Server) -> None:
    with roomy.client("olga") as olga:
        channel = olga.create_channel()
        olga.publish(channel, package("warm-up"))
        before = peak_memory(roomy)
        answer = olga.request(
            "POST", PATH, content=large_form(channel), headers={"Content-Type": FORM}
        )
    assert answer.json()["errors"][0]["extensions"] == {"code": "invalid_archive"}  # all was read
    assert peak_memory(roomy) - before < 40 * MEBI
    assert roomy.under_way == []


def test_strangers_of_all_channels_stage_nothing(roomy: Server) -> None:
    staging = roomy.data / "blobs" / "staging"
    before = staging.stat().st_mtime_ns  # changes with each file that comes or goes
    with roomy.client("sam") as sam, roomy.client() as nobody:
        for client, code in ((sam, "forbidden"), (nobody, "not_authenticated")):
            answer = client.request(
                "POST", PATH, content=large_form("any"), headers={"Content-Type": FORM}
            )
            assert answer.json()["errors"][0]["extensions"] == {"code": code}
    assert staging.stat().st_mtime_ns == before


def large_form(channel: str) -> Iterator[bytes]:
    """Yield an upload of 300 MiB."""
    yield FORM_HEAD.replace(b"CHANNEL", channel.encode())
    for _ in range(300):
        yield bytes(MEBI)
    yield b"\r\n--frontier--\r\n"


def peak_memory(server: Server) -> int:
    """Return the most bytes that any of the server's processes ever had in memory at once."""
    parent = psutil.Process(server.process)
    pids = (parent.pid, *(child.pid for child in parent.children(recursive=True)))
    statuses = (Path(f"/proc/{pid}/status").read_text() for pid in pids)
    return max(int(status.split("VmHWM:")[1].split()[0]) for status in statuses) * 1024
