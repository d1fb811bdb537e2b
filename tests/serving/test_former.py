"""How many answers are kept, and how large they are together."""

from graphrepo.intake.body import Message
from graphrepo.serving.former import FormerAnswers

REQUEST = b"GET /lab/noarch/repodata.json HTTP/1.1\r\n\r\n"


async def again(_client: str) -> tuple[bytes, bytes] | None:
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
