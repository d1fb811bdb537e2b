"""How many answers are kept, and how large they are together."""

import pytest

from graphrepo.intake.body import Message
from graphrepo.serving.former import FormerAnswers, divided

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


def test_an_answer_that_is_not_offered_again_is_dropped() -> None:
    answers = FormerAnswers()
    answers.keep(REQUEST, None)
    answers.keep(REQUEST, offer())
    answers.keep(REQUEST, None)
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
    kept, _ = divided(asking("Host: a", "X-Forwarded-For: 192.0.2.9"))
    key, forwarded_for = divided(asking(*lines))
    assert (key == kept) is is_found
    assert forwarded_for == told


def test_a_head_that_has_come_in_part_is_none() -> None:
    begun = asking("Host: a")[:-4] + b"\r\nX-Forwarded-For: 1"
    assert divided(begun) == (begun, "")


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
    assert divided(request_) == (request_, "")
