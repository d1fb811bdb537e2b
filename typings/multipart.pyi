"""What graphrepo uses of multipart 1.3 and later: the push parser, which does no I/O."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from types import TracebackType
from typing import Self, overload

class MultipartError(ValueError):
    http_status: int

class ParserError(MultipartError): ...
class StrictParserError(ParserError): ...
class ParserLimitReached(MultipartError): ...
class ParserStateError(MultipartError): ...

class MultipartSegment:
    headerlist: list[tuple[str, str]]
    disposition: str | None
    name: str | None
    filename: str | None
    content_type: str | None
    charset: str | None
    bytes_received: int
    complete: bool
    @property
    def size(self) -> int: ...
    @overload
    def header(self, name: str) -> str | None: ...
    @overload
    def header(self, name: str, default: str) -> str: ...
    def __getitem__(self, name: str) -> str: ...

class PushMultipartParser:
    closed: bool
    error: MultipartError | None
    def __init__(
        self,
        boundary: str | bytes | bytearray,
        content_length: int = -1,
        max_header_size: int = ...,
        max_header_count: int = ...,
        max_segment_size: float = ...,
        max_segment_count: float = ...,
        header_charset: str = "utf8",
        strict: bool = False,
    ) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None: ...
    def parse(self, chunk: bytes | bytearray) -> Generator[MultipartSegment | bytes | None]: ...
    def parse_async(
        self, read: Callable[[int], Awaitable[bytes | bytearray]], chunk_size: int = 65536
    ) -> AsyncGenerator[MultipartSegment | bytes | None]: ...
    def parse_blocking(
        self, read: Callable[[int], bytes | bytearray], chunk_size: int = 65536
    ) -> Generator[MultipartSegment | bytes | None]: ...
    def close(self, check_complete: bool = True) -> None: ...

def parse_options_header(
    header: str, options: dict[str, str] | None = None
) -> tuple[str, dict[str, str]]: ...
def parse_content_disposition(value: str) -> tuple[str, str | None, str | None]: ...
