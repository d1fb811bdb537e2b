"""Forms as a stream of parts (RFC 7578)."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.errors import InvalidRequestError, TooLargeError
from graphrepo.intake.multipart import FilePart, FormLimits, TextPart, form_parts, is_form
from tests.intake.streams import in_pieces, stream

KIND = "multipart/form-data; boundary=frontier"
LIMITS = FormLimits(text_bytes=1000, parts=5)

Parsed = list[tuple[str, str, bytes]]


def encoded(*parts: tuple[str, bytes]) -> bytes:
    """Return a form of parts, each with its header lines."""
    body = b"".join(
        b"--frontier\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts
    )
    return body + b"--frontier--\r\n"


def text(name: str, data: str) -> tuple[str, bytes]:
    return f'Content-Disposition: form-data; name="{name}"', data.encode()


def file(name: str, filename: str, data: bytes, more: str = "") -> tuple[str, bytes]:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"{more}'
    return head, data


async def _parsed(body: bytes, piece: int, limits: FormLimits, kind: str) -> Parsed:
    found: Parsed = []
    async for part in form_parts(stream(in_pieces(body, piece)), kind, limits):
        if isinstance(part, TextPart):
            found.append((part.name, "", part.text.encode()))
        else:
            data = b"".join([chunk async for chunk in part.chunks])
            found.append((part.name, part.filename, data))
    return found


def parsed(
    body: bytes, piece: int = 10_000, limits: FormLimits = LIMITS, kind: str = KIND
) -> Parsed:
    return asyncio.run(_parsed(body, piece, limits, kind))


@pytest.mark.parametrize("piece", [1, 2, 7, 64, 10_000])
def test_parts_come_in_their_order_however_the_body_is_cut(piece: int) -> None:
    data = b"\r\n--fronti\r\n-- frontier\r" + bytes(range(256))
    body = encoded(text("operations", "{}"), file("0", "a.conda", data), text("end", "x"))
    assert parsed(body, piece) == [
        ("operations", "", b"{}"),
        ("0", "a.conda", data),
        ("end", "", b"x"),
    ]


@given(st.binary(max_size=300), st.integers(1, 50))
def test_a_files_bytes_are_untouched(data: bytes, piece: int) -> None:
    if b"\r\n--frontier" in data:
        return
    assert parsed(encoded(file("f", "n", data)), piece) == [("f", "n", data)]


@given(st.binary(max_size=200))
def test_no_body_breaks_anything_but_the_request(body: bytes) -> None:
    for garbage in (body, b"--frontier\r\n" + body, encoded(text("a", "b"))[:-4] + body):
        with suppress(InvalidRequestError, TooLargeError):
            parsed(garbage, 13)


def test_a_part_is_a_file_by_its_file_name_or_its_own_header() -> None:
    named = 'Content-Disposition: form-data; name="file"\r\nX-File-Name: a.conda'
    assert parsed(encoded((named, b"data"))) == [("file", "a.conda", b"data")]


def test_headers_of_a_part_are_found_in_lower_case() -> None:
    async def headers() -> dict[str, str]:
        body = encoded(file("f", "n", b"", "\r\nX-File-SHA256: abc\r\ncontent-type: a/b"))
        async for part in form_parts(stream([body]), KIND, LIMITS):
            assert isinstance(part, FilePart)
            return dict(part.headers)
        raise AssertionError

    found = asyncio.run(headers())
    assert (found["x-file-sha256"], found["content-type"]) == ("abc", "a/b")


def test_a_file_that_nobody_reads_is_passed_over() -> None:
    async def names() -> list[str]:
        body = encoded(file("a", "a", bytes(5000)), file("b", "b", bytes(10)), text("c", "d"))
        return [part.name async for part in form_parts(stream(in_pieces(body, 99)), KIND, LIMITS)]

    assert asyncio.run(names()) == ["a", "b", "c"]


def test_a_file_that_is_half_read_is_passed_over() -> None:
    async def names() -> list[str]:
        body = encoded(file("a", "a", bytes(5000)), text("c", "d"))
        found: list[str] = []
        async for part in form_parts(stream(in_pieces(body, 99)), KIND, LIMITS):
            found.append(part.name)
            if isinstance(part, FilePart):
                await anext(part.chunks)
        return found

    assert asyncio.run(names()) == ["a", "c"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (encoded(text("a", "b"))[:-10], KIND),
        (encoded(file("f", "n", b"data"))[:-20], KIND),
        (b"", KIND),
        (b"no form at all", KIND),
        (b"--frontier\r\nno header\r\n\r\n", KIND),
        (encoded(("Content-Disposition: attachment", b"")), KIND),
        (encoded(text("a", "b")), "multipart/form-data"),
        (encoded(text("a", "b")), "multipart/mixed; boundary=frontier"),
        (encoded(('Content-Disposition: form-data; name="a"', b"\xff")), KIND),
    ],
)
def test_what_is_no_form_or_ends_too_early_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(InvalidRequestError):
        parsed(body, kind=kind)


@pytest.mark.parametrize(
    "body",
    [
        encoded(text("a", "x" * 600), text("b", "x" * 600)),
        encoded(*[text("a", "x")] * 6),
        encoded((f"Content-Disposition: form-data; name=a\r\nX: {'y' * 5000}", b"")),
        encoded(("\r\n".join(["Content-Disposition: form-data; name=a", *["X: y"] * 10]), b"")),
    ],
)
def test_everything_but_files_is_bounded(body: bytes) -> None:
    with pytest.raises(TooLargeError):
        parsed(body)


def test_memory_does_not_grow_with_the_file() -> None:
    head, tail = encoded(file("f", "n", b"|")).split(b"|")
    chunk = bytes(64 * 1024)

    async def body() -> AsyncIterator[bytes]:
        yield head
        for _ in range(3200):
            yield bytes(chunk)
        yield tail

    async def count() -> int:
        async for part in form_parts(body(), KIND, LIMITS):
            assert isinstance(part, FilePart)
            return sum([len(data) async for data in part.chunks])
        raise AssertionError

    tracemalloc.start()
    try:
        size = asyncio.run(count())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 3200 * len(chunk)
    assert peak < 2 * 1024 * 1024


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (KIND, True),
        ("Multipart/Form-Data; boundary=x", True),
        ("application/json", False),
        ("", False),
    ],
)
def test_a_form_is_known_by_its_type(kind: str, *, expected: bool) -> None:
    assert is_form(kind) is expected
