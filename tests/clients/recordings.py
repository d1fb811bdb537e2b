"""Requests that real clients made, recorded outside this repository; none without them.

The recording server had a public channel ``pub`` and a private one ``priv``, and the token
``secret-token-1``. Hashes of shards, tokens and channels are put in the terms of this server.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "requests"
TOKEN = "secret-token-1"
_SHARD = re.compile(r"[0-9a-f]{64}(?=\.msgpack\.zst)")


@dataclass(frozen=True)
class Recorded:
    """One request and the status that it got; ``label`` tells what the client was set up for."""

    client: str
    label: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    status: int

    @property
    def file(self) -> str:
        """The last part of the path, without a query."""
        return self.path.rpartition("/")[2].partition("?")[0]

    @property
    def shard(self) -> str:
        """The hash of the shard that is asked for, if one is."""
        found = _SHARD.search(self.path)
        return found[0] if found else ""

    @property
    def channel(self) -> str:
        """The recorded name of the channel."""
        return next(part for part in self.path.split("/") if part in {"pub", "priv"})

    def __str__(self) -> str:
        return f"{self.client} ({self.label}): {self.method} {self.path}"


@dataclass(frozen=True)
class Terms:
    """What stands on this server for what stood on the recording one."""

    token: str
    channels: Mapping[str, str]
    """Names by recorded name."""
    shards: Mapping[str, Sequence[str]]
    """Hashes of the current shards by the channel's recorded name, in the order of packages."""

    def path(self, request: Recorded) -> str:
        """Return the path to ask for."""
        return "/".join(self._part(part, request) for part in request.path.split("/"))

    def headers(self, request: Recorded) -> list[tuple[str, str]]:
        """Return the headers to send."""
        return [(name, self._known(value)) for name, value in request.headers]

    def _part(self, part: str, request: Recorded) -> str:
        if request.shard and part.startswith(request.shard):
            ours = self.shards[request.channel]
            return part.replace(request.shard, ours[_numbers()[request.shard] % len(ours)])
        name, *query = part.split("?")
        return "?".join((self.channels.get(name, self._known(name)), *query))

    def _known(self, text: str) -> str:
        plain = text.replace(TOKEN, self.token)
        return plain.replace(_basic(TOKEN), _basic(self.token))


def clients() -> list[str]:
    """Return the names of the recorded clients."""
    return sorted(file.stem for file in RECORDINGS.glob("*.jsonl"))


def recorded(client: str) -> Iterator[Recorded]:
    """Yield what a client asked for, in its order."""
    for line in (RECORDINGS / f"{client}.jsonl").read_text().splitlines():
        found = json.loads(line)
        headers = tuple((name, value) for name, value in found["headers"])
        yield Recorded(
            client, found["label"], found["method"], found["path"], headers, found["status"]
        )


@cache
def _numbers() -> dict[str, int]:
    """Return a number for each recorded shard, in the order in which they were asked for."""
    hashes = (request.shard for client in clients() for request in recorded(client))
    return {digest: number for number, digest in enumerate(dict.fromkeys(filter(None, hashes)))}


def _basic(token: str) -> str:
    return base64.b64encode(f"user:{token}".encode()).decode()
