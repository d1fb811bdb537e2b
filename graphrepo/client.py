"""Upload package files to a channel over HTTP: streamed, a few at a time, with retries.

It speaks the protocol that pixi and rattler-build speak (channel-contract §11, raw form), so
repeating an upload is safe: a file that arrived although its answer was lost is "there".
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

import httpx

LANES: Final = 4
"""How many files travel at the same time."""

_DELAYS: Final = (0.5, 2.0, 8.0)  # seconds before each further attempt
_CHUNK: Final = 256 * 1024
# The answer comes when the package is validated and on disk, which a big one needs time for.
_TIMEOUT: Final = httpx.Timeout(connect=10, write=60, read=600, pool=None)
_LONGEST_SENTENCE: Final = 512
_UNREACHABLE: Final = (httpx.ConnectError, httpx.ConnectTimeout)
_NOT_FOR_YOU: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}

Pause = Callable[[float], Awaitable[object]]
"""Waits for so many seconds."""


class Verdict(StrEnum):
    """What became of one file."""

    UPLOADED = "uploaded"
    PRESENT = "already there"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on a file, and the sentence that explains it where there is one."""

    path: Path
    verdict: Verdict
    message: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where files go and as whom; ``url`` is the server's, without the channel."""

    url: str
    channel: str
    token: str = field(repr=False)
    force: bool = False  # replace other content under the same name
    skip_existing: bool = False  # leave it, and count that as success

    @property
    def address(self) -> str:
        """Return the address that takes the uploads of the channel."""
        question = "?force=true" if self.force else ""
        return f"{self.url.rstrip('/')}/api/v1/upload/{quote(self.channel, safe='')}{question}"


class Watcher(Protocol):
    """Somebody who looks on; every call comes from the event loop's thread."""

    def started(self, path: Path, size: int) -> None:
        """See a file of ``size`` bytes set off; again with each further attempt."""
        ...

    def sent(self, path: Path, size: int) -> None:
        """See ``size`` more bytes of the file go out."""
        ...

    def finished(self, outcome: Outcome) -> None:
        """See the verdict, once for each file."""
        ...


async def upload(
    target: Target, paths: Sequence[Path], watcher: Watcher, *, pause: Pause = asyncio.sleep
) -> tuple[Outcome, ...]:
    """Upload the files and return their outcomes in the order given.

    One file's failure does not keep the others from being sent.
    """
    headers = {"Authorization": f"Bearer {target.token}", "Accept": "text/plain, */*;q=0.5"}
    async with httpx.AsyncClient(headers=headers, timeout=_TIMEOUT) as client:
        courier = _Courier(client, target, watcher, pause)
        return tuple(await asyncio.gather(*map(courier.deliver, paths)))


@dataclass(frozen=True, slots=True)
class _Parcel:
    path: Path
    size: int
    sha256: str

    @property
    def headers(self) -> dict[str, str]:
        # A length of its own, or httpx would send the stream chunked.
        return {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(self.size),
            "X-File-Name": self.path.name,
            "X-File-SHA256": self.sha256,
        }


class _Courier:
    def __init__(
        self, client: httpx.AsyncClient, target: Target, watcher: Watcher, pause: Pause
    ) -> None:
        self._client = client
        self._target = target
        self._watcher = watcher
        self._pause = pause
        self._lanes = asyncio.Semaphore(LANES)

    async def deliver(self, path: Path) -> Outcome:
        async with self._lanes:
            outcome = await self._deliver(path)
        self._watcher.finished(outcome)
        return outcome

    async def _deliver(self, path: Path) -> Outcome:
        try:
            parcel = await asyncio.to_thread(_wrap, path)
            for delay in _DELAYS:
                outcome = await self._attempt(parcel)
                if outcome is not None:
                    return outcome
                await self._pause(delay)
            return self._judge(path, await self._post(parcel))
        except OSError as error:
            return Outcome(path, Verdict.FAILED, f"The file cannot be read: {error.strerror}.")
        except httpx.TransportError as error:
            return Outcome(path, Verdict.FAILED, _trouble(error))

    async def _attempt(self, parcel: _Parcel) -> Outcome | None:
        """Return the outcome, or none where another attempt may fare better."""
        try:
            response = await self._post(parcel)
        except _UNREACHABLE:
            return None
        except httpx.TransportError:
            return await self._refusal(parcel.path)
        return None if response.is_server_error else self._judge(parcel.path, response)

    async def _refusal(self, path: Path) -> Outcome | None:
        """Ask without the bytes: whoever refuses a big body may hang up before saying why."""
        try:
            headers = {"X-File-Name": path.name}
            response = await self._client.post(self._target.address, headers=headers)
        except httpx.TransportError:
            return None
        return self._judge(path, response) if response.status_code in _NOT_FOR_YOU else None

    async def _post(self, parcel: _Parcel) -> httpx.Response:
        self._watcher.started(parcel.path, parcel.size)
        return await self._client.post(
            self._target.address, headers=parcel.headers, content=self._body(parcel)
        )

    async def _body(self, parcel: _Parcel) -> AsyncIterator[bytes]:
        with parcel.path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
                self._watcher.sent(parcel.path, len(chunk))

    def _judge(self, path: Path, response: httpx.Response) -> Outcome:
        if response.is_success:
            created = response.status_code == HTTPStatus.CREATED
            return Outcome(path, Verdict.UPLOADED if created else Verdict.PRESENT)
        if response.status_code == HTTPStatus.CONFLICT and self._target.skip_existing:
            return Outcome(path, Verdict.SKIPPED, "The channel holds other content by this name.")
        return Outcome(path, Verdict.FAILED, _sentence(response))


def _wrap(path: Path) -> _Parcel:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return _Parcel(path, file.tell(), digest.hexdigest())


def _sentence(response: httpx.Response) -> str:
    """Return the server's own sentence; a proxy's HTML page is none."""
    if response.headers.get("Content-Type", "").startswith("text/plain") and response.text.strip():
        return response.text.strip()[:_LONGEST_SENTENCE]
    return f"The server answered {response.status_code} {response.reason_phrase}."


def _trouble(error: httpx.TransportError) -> str:
    if isinstance(error, _UNREACHABLE):
        return f"The server cannot be reached: {str(error).rstrip('.') or 'no answer in time'}."
    return "The connection broke before the server answered; the file may be over its size limit."
