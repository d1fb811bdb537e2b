"""The data directories that are served: channels of three sizes, and files to download."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from blake3 import blake3

from benchmarks.fill import settle
from benchmarks.measure import alone
from benchmarks.records import SUBDIR, multiplied, real_records
from benchmarks.site import CHANNEL, Site, probes
from benchmarks.wire.clients import Asked, NotMeasuredError
from benchmarks.wire.servers import Server, command, connect, graphrepo
from tests.builders import Built, package

SIZES = (100, 5_000, 100_000)
CLOSED = "closed"
PUBLIC = CHANNEL

_READ = 1_900  # records, whose repodata.json.zst has about 100 KB
_MEBI = 1024 * 1024
_LARGE = 200 * _MEBI


@dataclass(frozen=True, slots=True)
class Shelf:
    """What can be asked for in the reading directory, and where nginx has the same bytes."""

    data: Path
    token: str
    artifact: str
    large: str
    blobs: dict[str, str]
    """Paths below the blobs' directory by the name of the file."""

    @property
    def auth(self) -> dict[str, str]:
        """Return the header that opens the private channel."""
        return {"Authorization": f"Bearer {self.token}"}


class Sites:
    """The directories, made when they are first needed."""

    def __init__(self, folder: Path, source: Path) -> None:
        """Remember where to work and where real records are."""
        self._folder = folder
        self._source = source

    def filled(self, count: int) -> Path:
        """Return a directory with a channel of so many files."""
        if not (data := self._folder / str(count)).exists():
            alone(fill_all, self._folder, self._source, sorted({*SIZES, _READ}))
        return data

    def token(self, data: Path) -> str:
        """Return a new key of the person who owns everything there."""
        return command("key", "create", "bench", f"key-{os.urandom(4).hex()}", "--data", data)

    @cached_property
    def shelf(self) -> Shelf:
        """The directory that is read from, in both channels."""
        data = self.filled(_READ)
        token = self.token(data)
        command("channel", "create", CLOSED, "--owner", "bench", "--private", "--data", data)
        small = package("artifact", subdir=SUBDIR, files={"x": os.urandom(_MEBI - 2_000)})
        large = package("large", subdir=SUBDIR, files={"x": os.urandom(_LARGE)})
        with graphrepo(data) as server:
            for channel in (PUBLIC, CLOSED):
                for built in (small, large):
                    _publish(server, channel, token, built)
        names = {built.filename: built.data for built in (small, large)}
        blobs = {name: blob_path(data) for name, data in names.items()}
        return Shelf(data, token, small.filename, large.filename, blobs)


def fill_all(folder: Path, source: Path, sizes: list[int]) -> None:
    """Begin an installation for each size, with one channel of so many files."""
    records, around = real_records(source), probes()
    for count in sizes:
        data = folder / str(count)
        data.mkdir()
        own = around[: max(1, count // 2)] if count < 2 * len(around) else around
        with Site(data) as site:
            site.begin([*multiplied(records, count - len(own)), *own])
        settle(data)


def address(channel: str, filename: str) -> str:
    """Return the path of a file in the one subdir."""
    return f"/{channel}/{SUBDIR}/{quote(filename)}"


def fetched(server: Server, asked: Asked) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of one answer."""
    connection = connect(server.url)
    connection.request("GET", asked.path, headers=dict(asked.headers))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != asked.status:
        raise NotMeasuredError(f"{asked.path} gave {answer.status} instead of {asked.status}.")
    return body, {name.lower(): value for name, value in answer.getheaders()}


def blob_path(data: bytes) -> str:
    """Return where nginx has these bytes."""
    name = blake3(data).hexdigest()
    return f"/{name[:2]}/{name}"


def _publish(server: Server, channel: str, token: str, built: Built) -> None:
    connection = connect(server.url)
    headers = {"X-File-Name": built.filename, "Authorization": f"Bearer {token}"}
    connection.request("POST", f"/api/v1/upload/{channel}", built.data, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != 201:  # noqa: PLR2004 - created
        raise NotMeasuredError(f"{built.filename}: {answer.status} {text[:200]!r}")
