"""What only shows without a network: stores without files, servers with and without pathsend."""

import asyncio
import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

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

    at: str | None = None
    url: str | None = None

    async def body(self, file: StoredFile) -> bytes | None:
        del file  # nothing is kept in memory here

    async def location(self, blake3: str, method: Literal["GET", "HEAD"]) -> str | None:
        assert blake3 == FILE.blake3
        return self.url and f"{self.url}?{method}"

    def path(self, blake3: str) -> str | None:
        assert blake3 == FILE.blake3
        return self.at

    def open(self, blake3: str) -> io.BytesIO:
        assert blake3 == FILE.blake3
        return io.BytesIO(DATA)


def answered(
    blobs: OneBlob,
    receive: Receive,
    *,
    pathsend: bool = False,
    file: StoredFile = FILE,
    method: str = "GET",
    **headers: str,
) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    scope: dict[str, object] = {
        "method": method,
        "headers": [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ],
        "extensions": {"http.response.pathsend": {}} if pathsend else None,
    }
    asyncio.run(send_file(offer_of(file), blobs, Exchange(scope, receive, send)))
    return sent


def body_of(sent: list[Message]) -> bytes:
    return b"".join(message["body"] for message in sent[1:])


def test_a_store_without_files_is_read_in_chunks() -> None:
    sent = answered(OneBlob(), receiving(), pathsend=True)
    assert body_of(sent) == DATA
    assert [message["more_body"] for message in sent[1:]] == [True] * (len(sent) - 2) + [False]


def test_a_whole_file_is_handed_over_by_its_path_where_the_server_takes_it() -> None:
    there = OneBlob("/blobs/b3")
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


AWAY = OneBlob(url="https://bucket.example.org/b3")


def headers_of(sent: list[Message]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_package_is_fetched_from_the_object_store(method: str) -> None:
    sent = answered(AWAY, receiving(), method=method)
    assert sent[0]["status"] == 307
    assert headers_of(sent) == {
        b"location": f"https://bucket.example.org/b3?{method}".encode(),
        b"cache-control": b"public, max-age=60",
        b"content-length": b"0",
    }
    assert body_of(sent) == b""


def test_no_cache_keeps_a_way_into_a_private_channel() -> None:
    secret = replace(FILE, channel=replace(LAB, is_public=False))
    sent = answered(AWAY, receiving(), file=secret)
    assert headers_of(sent)[b"cache-control"] == b"private, no-store"


def test_what_the_client_has_it_is_not_sent_for() -> None:
    sent = answered(AWAY, receiving(), if_none_match='"5a"')
    assert sent[0]["status"] == 304


@pytest.mark.parametrize("name", ["repodata.json", "repodata_shards.msgpack.zst", "ab.msgpack.zst"])
def test_documents_and_shards_never_redirect(name: str) -> None:
    sent = answered(AWAY, receiving(), file=replace(FILE, name=name))
    assert (sent[0]["status"], body_of(sent)) == (200, DATA)
