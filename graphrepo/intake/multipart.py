"""multipart/form-data (RFC 7578) as a stream of parts.

Text parts are small and come whole. File parts come as streams of their own, to be read
before the next part is asked for, so a file of any size passes through without being held.
"""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from graphrepo.errors import InvalidRequestError, TooLargeError
from graphrepo.intake.body import read_all

_Events = AsyncGenerator[MultipartSegment | bytes | None]


@dataclass(frozen=True, slots=True)
class FormLimits:
    """How much of a form may be anything but files."""

    text_bytes: int = 1024 * 1024  # all text parts together
    parts: int = 64


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part without a file name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part with a file name; what of ``chunks`` is not read before the next part is lost.

    ``headers`` are the part's own, names in lower case.
    """

    name: str
    filename: str
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


def is_form(content_type: str) -> bool:
    """Return whether the Content-Type is that of a multipart form."""
    return parse_options_header(content_type)[0] == "multipart/form-data"


async def form_parts(
    chunks: AsyncIterable[bytes], content_type: str, limits: FormLimits
) -> AsyncIterator[TextPart | FilePart]:
    """Yield the parts of a form in the order in which they were sent.

    Raises:
        InvalidRequestError: The body is no multipart form, or it ends too early.
        TooLargeError: It has too many parts, or too much text.
    """
    events = _events(chunks, content_type, limits)
    text_left = limits.text_bytes
    async for event in events:
        if not isinstance(event, MultipartSegment):
            continue  # the rest of a file that the caller did not want
        payload = _payload(events)
        filename = event.filename or event.header("X-File-Name")
        if filename is not None:
            yield _file_part(event, filename, payload)
        else:
            data = await _text(payload, text_left)
            text_left -= len(data)
            yield TextPart(event.name or "", _decode(data))


async def _events(chunks: AsyncIterable[bytes], content_type: str, limits: FormLimits) -> _Events:
    with _domain_errors():
        parser = PushMultipartParser(_boundary(content_type), max_segment_count=limits.parts)
        async for chunk in chunks:
            for event in parser.parse(chunk):
                yield event
        parser.close()


async def _payload(events: _Events) -> AsyncIterator[bytes]:
    async for event in events:
        if not isinstance(event, bytes):
            return
        yield event


def _file_part(segment: MultipartSegment, filename: str, chunks: AsyncIterator[bytes]) -> FilePart:
    headers = {name.lower(): value for name, value in segment.headerlist}
    return FilePart(segment.name or "", filename, headers, chunks)


def _boundary(content_type: str) -> str:
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        message = "The Content-Type must be multipart/form-data and name a boundary."
        raise InvalidRequestError(message)
    return boundary


async def _text(payload: AsyncIterator[bytes], limit: int) -> bytes:
    try:
        return await read_all(payload, limit)
    except TooLargeError as error:
        message = "The form holds too much text beside its files; send files with a file name."
        raise TooLargeError(message) from error


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        message = "A text part of the form is not UTF-8; send files with a file name."
        raise InvalidRequestError(message) from error


@contextmanager
def _domain_errors() -> Generator[None]:
    try:
        yield
    except ParserLimitReached as error:
        message = "The form has too many parts, or a part's headers are too long."
        raise TooLargeError(message) from error
    except MultipartError as error:
        message = f"The body is not a well-formed multipart form: {error}."
        raise InvalidRequestError(message) from error
