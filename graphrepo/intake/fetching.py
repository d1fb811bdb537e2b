"""Files from elsewhere, on their way into staging.

The server asks in its own name and shows no credential. How much it reads, how long it waits
and where it connects to are bounded; see ``addresses`` for the last.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from graphrepo.blobs.staging import StagedFile
from graphrepo.errors import SourceUnavailableError
from graphrepo.intake.addresses import Judge, Resolve, checked_addresses, is_public, look_up
from graphrepo.intake.body import too_large
from graphrepo.intake.receive import Received, receive_file

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = 5
_WAITS = httpx.Timeout(30.0, connect=10.0)
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "graphrepo"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a fetch may cost."""

    max_bytes: int
    seconds: float  # for a whole file


class Fetcher:
    """Fetches files by HTTP."""

    def __init__(
        self,
        stage: Callable[[], StagedFile],
        bounds: Bounds,
        *,
        resolve: Resolve = look_up,
        judge: Judge = is_public,
    ) -> None:
        """Keep what fetching needs.

        Args:
            stage: opens a new staged file.
            bounds: what a file may cost.
            resolve: looks names up.
            judge: says which IP addresses may be connected to.
        """
        self._stage = stage
        self._bounds = bounds
        self._resolve = resolve
        self._judge = judge

    async def fetch(self, url: str) -> Received:
        """Stream the file of an address into staging.

        Raises:
            SourceForbiddenError: the address, or one it redirects to, leads to a machine that
                is not in the open internet, or is neither http nor https.
            SourceUnavailableError: it does not answer with a file, or not in time.
            TooLargeError: the file is over the limit.
            StorageFullError: there is no room.
        """
        try:
            async with asyncio.timeout(self._bounds.seconds):
                return await self._follow(httpx.URL(url))
        except (TimeoutError, httpx.TimeoutException) as error:
            raise SourceUnavailableError(f"{url} did not send its file in time.") from error
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise SourceUnavailableError(f"{url} cannot be fetched: {reason}.") from error

    async def _follow(self, url: httpx.URL) -> Received:
        for _ in range(_REDIRECTS + 1):
            async with self._answer(url) as answer:
                if not answer.has_redirect_location:
                    return await self._receive(url, answer)
                url = url.join(answer.headers["location"])
        raise SourceUnavailableError(f"It was redirected more than {_REDIRECTS} times, to {url}.")

    @asynccontextmanager
    async def _answer(self, url: httpx.URL) -> AsyncGenerator[httpx.Response]:
        """Ask one address, at an IP address that was checked."""
        port = _PORTS.get(url.scheme)
        if port is None or not url.host:
            raise SourceUnavailableError(f"{url} is neither http:// nor https://.")
        host = url.raw_host.decode("ascii")
        addresses = await checked_addresses(host, url.port or port, self._resolve, self._judge)
        # No environment: a proxy would look names up by itself, and .netrc holds credentials.
        async with httpx.AsyncClient(trust_env=False, timeout=_WAITS) as client:
            answer = await _ask(client, url, addresses)
            try:
                yield answer
            finally:
                await answer.aclose()

    async def _receive(self, url: httpx.URL, answer: httpx.Response) -> Received:
        if answer.status_code != httpx.codes.OK.value:
            raise SourceUnavailableError(f"{url} answers with status {answer.status_code}.")
        announced = answer.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._bounds.max_bytes:
            raise too_large(self._bounds.max_bytes)
        return await receive_file(self._stage, answer.aiter_raw(), self._bounds.max_bytes)


async def _ask(
    client: httpx.AsyncClient, url: httpx.URL, addresses: Sequence[str]
) -> httpx.Response:
    """Send the request to the first of the addresses that takes a connection."""
    for place, address in enumerate(addresses, start=1):
        request = client.build_request(
            "GET",
            url.copy_with(host=address),
            headers={**_HEADERS, "Host": url.netloc.decode("ascii")},
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        try:
            return await client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if place == len(addresses):
                raise
    raise SourceUnavailableError(f"The host {url.host} has no address.")
