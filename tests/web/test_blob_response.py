"""What only shows without a network: stores without files, servers with and without pathsend."""

import asyncio
import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graphrepo.intake.body import Message, Receive
from graphrepo.registry.views import ChannelSettings, ChannelView, StoredFile
from graphrepo.web.blob_response import Exchange, Offers, offer_of, send_file
from tests.intake.streams import GONE, receiving

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LAB = ChannelView(1, "lab", None, None, True, ChannelSettings(), 1, NOW, NOW, None)  # noqa: FBT003 - a record
DATA = bytes(range(256)) * 8000
FILE = StoredFile("big-1-0.conda", "b3", "5a", len(DATA), NOW, 1, LAB)


@dataclass(frozen=True)
class OneBlob:
    """The bytes of ``DATA``, at a path if there is one."""

    at: Path | None = None

    async def body(self, file: StoredFile) -> bytes | None:
        del file  # nothing is kept in memory here

    def path(self, blake3: str) -> Path | None:
        assert blake3 == FILE.blake3
        return self.at

    def open(self, blake3: str) -> io.BytesIO:
        assert blake3 == FILE.blake3
        return io.BytesIO(DATA)


def answered(
    blobs: OneBlob, receive: Receive, *, pathsend: bool = False, **headers: str
) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    scope: dict[str, object] = {
        "method": "GET",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "extensions": {"http.response.pathsend": {}} if pathsend else None,
    }
    asyncio.run(send_file(offer_of(FILE), blobs, Exchange(scope, receive, send)))
    return sent


def body_of(sent: list[Message]) -> bytes:
    return b"".join(message["body"] for message in sent[1:])


def test_a_store_without_files_is_read_in_chunks() -> None:
    sent = answered(OneBlob(), receiving(), pathsend=True)
    assert body_of(sent) == DATA
    assert [message["more_body"] for message in sent[1:]] == [True] * (len(sent) - 2) + [False]


def test_a_whole_file_is_handed_over_by_its_path_where_the_server_takes_it() -> None:
    there = OneBlob(Path("/blobs/b3"))
    by_path = answered(there, receiving(), pathsend=True)
    assert by_path[1:] == [{"type": "http.response.pathsend", "path": "/blobs/b3"}]
    assert body_of(answered(there, receiving(), pathsend=False)) == DATA
    assert body_of(answered(there, receiving(), pathsend=True, range="bytes=1-")) == DATA[1:]


@pytest.mark.parametrize("first", [GONE, {"type": "http.request"}])
def test_a_client_that_has_left_is_sent_no_more(first: Message) -> None:
    sent = answered(OneBlob(), receiving(first, GONE))
    assert sent[0]["status"] == 200
    assert len(body_of(sent)) < len(DATA)


def test_what_is_said_of_a_file_is_said_anew_when_the_file_is_found_anew() -> None:
    offers = Offers(kept=2)
    first = offers.of(FILE)
    assert offers.of(FILE) is first
    others = [replace(FILE, sha256=text) for text in ("6b", "7c")]
    assert [offers.of(other).validators.etag for other in others] == ['"6b"', '"7c"']
    assert offers.of(FILE) == first
