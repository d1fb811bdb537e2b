"""How many answers are kept, and how large they are together."""

import pytest

from graphrepo.intake.body import Message
from graphrepo.serving.former import FormerAnswers, forwarded_for

REQUEST = b"GET /lab/noarch/repodata.json HTTP/1.1\r\n\r\n"


async def again(_peer: str, _forwarded_for: str) -> tuple[bytes, bytes] | None:
    return None


def offer(body: bytes = b"{}", status: int = 200) -> Message:
    start = {"status": status, "headers": ((b"etag", b"x"), (b"content-length", b"2"))}
    return {"start": start, "body": {"body": body}, "again": again}


def test_an_answer_is_kept_as_it_goes_out() -> None:
    answers = FormerAnswers()
    answers.keep(REQUEST, offer())
    former = answers.find(REQUEST)
    assert former is not None
    assert former.head == b"HTTP/1.1 200 OK\r\netag: x\r\ncontent-length: 2\r\n"
    assert (former.body, former.again) == (b"{}", again)
    assert answers.find(REQUEST + b" ") is None


def test_an_answer_can_be_dropped() -> None:
    answers = FormerAnswers()
    answers.drop(REQUEST)
    answers.keep(REQUEST, offer())
    answers.drop(REQUEST)
    assert answers.find(REQUEST) is None


def test_a_great_number_is_not_kept() -> None:
    answers = FormerAnswers(most=3)
    for number in range(4):
        answers.keep(b"%d" % number, offer())
    assert [answers.find(b"%d" % number) is None for number in range(4)] == [True] * 3 + [False]


def test_many_bytes_are_not_kept_but_the_same_answer_counts_once() -> None:
    answers = FormerAnswers(most_bytes=1000)
    for _ in range(9):
        answers.keep(b"a", offer(bytes(400)))
    answers.keep(b"b", offer(bytes(300)))
    assert answers.find(b"a") is not None
    answers.keep(b"c", offer(bytes(300)))
    assert answers.find(b"a") is answers.find(b"b") is None
    assert answers.find(b"c") is not None


def asking(*lines: str) -> bytes:
    return "\r\n".join(("GET /lab/noarch/repodata.json HTTP/1.1", *lines, "", "")).encode()


@pytest.mark.parametrize(
    ("lines", "told", "is_found"),
    [
        (("Host: a", "X-Forwarded-For: 192.0.2.1"), "192.0.2.1", True),
        (("Host: a", "X-Forwarded-For: 192.0.2.2"), "192.0.2.2", True),
        (("X-Forwarded-For: 192.0.2.2", "Host: a"), "192.0.2.2", True),
        (("Host: a",), "", True),
        (("Host: b", "X-Forwarded-For: 192.0.2.1"), "192.0.2.1", False),
        (("Host: a", "X-Forwarded-Proto: https"), "", False),
        (("Host: a", "x-forwarded-for: 192.0.2.1"), "", False),
        (("X-Forwarded-For: 1", "Host: a", "X-Forwarded-For: 2"), "2", False),
    ],
)
def test_the_client_that_a_proxy_names_makes_no_difference(
    lines: tuple[str, ...], told: str, *, is_found: bool
) -> None:
    answers = FormerAnswers()
    answers.keep(asking("Host: a", "X-Forwarded-For: 192.0.2.9"), offer())
    request = asking(*lines)
    assert forwarded_for(request) == told
    assert (answers.find(request) is not None) is is_found
    answers.drop(request)
    assert (answers.find(asking("Host: a")) is None) is is_found


def test_a_head_that_has_come_in_part_is_none() -> None:
    answers = FormerAnswers()
    answers.keep(asking("Host: a"), offer())
    assert answers.find(asking("Host: a")[:-4] + b"\r\nX-Forwarded-For: 1") is None
    assert answers.find(asking("Host: a") + bytes(20_000)) is None


@pytest.mark.parametrize(
    "request_",
    [
        asking("Host: a\r\nX-Forwarded-For: 1\nTransfer-Encoding: chunked"),
        asking("Host: a\r\nX-Forwarded-For: 1\n\nGET /hidden HTTP/1.1"),
        asking("Host: a\r\nX-Forwarded-For: 1\r"),
        asking("Host: a\r\nX-Forwarded-For: \0"),
        asking("Host: a\r\nX-Forwarded-For: unknown"),
        asking("Host: a") + b"X-Forwarded-For: 1\r\n",
        asking("Host: a")[:-2] + b"\r\nX-Forwarded-For: 1\r\n",
        b"\r\nX-Forwarded-For: 1" + asking("Host: a"),
    ],
)
def test_what_is_left_out_can_hide_nothing(request_: bytes) -> None:
    answers = FormerAnswers()
    answers.keep(asking("Host: a"), offer())
    assert answers.find(request_) is None
    assert forwarded_for(request_) == ""
