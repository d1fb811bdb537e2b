"""A body is read once, in bounds, and known to be whole."""

import asyncio

import pytest

from graphrepo.errors import TooLargeError, UploadInterruptedError
from graphrepo.intake.body import Message, Receive, body_chunks, drain, read_all
from tests.intake.streams import GONE, part, receiving


def whole(receive: Receive) -> bytes:
    return asyncio.run(read_all(body_chunks(receive), 100))


@pytest.mark.parametrize(
    "messages",
    [
        (part(b"abc", more=False),),
        (part(b"a"), part(b""), part(b"bc", more=False)),
        (part(b"abc"), part(b"", more=False)),
        ({"type": "http.request", "body": b"abc"},),
    ],
)
def test_a_body_ends_where_the_server_says(messages: tuple[Message, ...]) -> None:
    assert whole(receiving(*messages)) == b"abc"


def test_a_body_may_be_empty() -> None:
    assert whole(receiving({"type": "http.request"})) == b""


def test_a_client_that_leaves_is_noticed() -> None:
    with pytest.raises(UploadInterruptedError):
        whole(receiving(part(b"abc"), GONE))


def test_the_limit_is_the_last_size_that_fits() -> None:
    async def read(size: int) -> bytes:
        return await read_all(body_chunks(receiving(part(bytes(size), more=False))), 10)

    assert len(asyncio.run(read(10))) == 10
    with pytest.raises(TooLargeError, match="at most 10 bytes"):
        asyncio.run(read(11))


def test_draining_tells_whether_the_body_came_to_its_end() -> None:
    async def drained(*messages: Message) -> bool:
        return await drain(body_chunks(receiving(*messages)), 10)

    assert asyncio.run(drained(part(b"12345"), part(b"67890", more=False)))
    assert not asyncio.run(drained(part(b"12345"), part(b"678901", more=False)))
    assert not asyncio.run(drained(part(b"12345"), GONE))
