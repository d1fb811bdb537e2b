"""Several processes on one data directory, changing and reading at the same time.

Whoever was told that a change is done sees it in the next GET, whichever process answers; and
nobody ever sees a document that is torn, or older than one seen before.
"""

import hashlib
import itertools
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import httpx
import pytest

from tests.builders import package
from tests.processes import serving
from tests.registry.world import Person
from tests.server import Client, running
from tests.web.reading import (
    SHARD_INDEX,
    digests_by_file,
    operating,
    said,
    shard_address,
    unyank,
    yank,
)

DOCUMENTS = ("repodata.json", "repodata.json.zst", SHARD_INDEX)
WRITERS = 3
STEPS = 14
"""Changes of each writer."""
ROUNDS = 1000
"""Looks of a reader at all documents, at most."""

# Every request on a connection of its own: the kernel deals them out among the workers.
FRESH = httpx.Limits(max_keepalive_connections=0)

Listing = dict[str, str]
"""The SHA-256 of each listed file."""


@dataclass(frozen=True)
class Doors:
    """Two ways to a private channel: two processes, or two of many connections to both."""

    data: Path
    channel: str
    here: Client
    there: Client

    @property
    def folder(self) -> str:
        return f"/{self.channel}/noarch"


@pytest.fixture(scope="module", params=["two servers", "two workers"])
def doors(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Doors]:
    data = tmp_path_factory.mktemp("shared") / "data"
    are_apart = request.param == "two servers"
    options = () if are_apart else ("--workers", "2")
    with running(data, *options) as server, ExitStack() as stack:
        urls = (server.url, stack.enter_context(serving(data)).url if are_apart else server.url)
        here, there = (
            Client(stack.enter_context(_fresh_connections(url)), "olga", server.tokens["olga"])
            for url in urls
        )
        yield Doors(data, here.create_channel(is_public=False), here, there)


def test_every_process_shows_what_any_has_acknowledged(doors: Doors) -> None:
    over = Event()
    with ThreadPoolExecutor() as pool, operating(doors.data) as operator:
        readers = [pool.submit(read_until, over, doors) for _ in range(2)]
        try:
            writers = [pool.submit(write, doors, number) for number in range(WRITERS)]
            for listed in itertools.islice(yanks(operator, doors), STEPS):
                check(doors.there, doors.folder, "yanked", listed)
            for writer in writers:
                writer.result()
        finally:
            over.set()
        assert all(reader.result() > 1 for reader in readers)


def write(doors: Doors, number: int) -> None:
    """Change files of a name of one's own at one door, and look at the other after each change."""
    here, there = (doors.here, doors.there) if number % 2 else (doors.there, doors.here)
    name = f"writer{number}"
    for listed in itertools.islice(changes(here, doors.channel, name), STEPS):
        check(there, doors.folder, name, listed)
        check(here, doors.folder, name, listed)


def changes(client: Client, channel: str, name: str) -> Iterator[Listing]:
    """Upload, upload, replace, delete, and so on; yield what is listed after each change."""
    listed: Listing = {}
    for step in itertools.count():
        if step % 4 == 3:
            oldest = next(iter(listed))
            path = f"/api/v1/delete/{channel}/noarch/{oldest}"
            client.request("DELETE", path).raise_for_status()
            del listed[oldest]
        else:
            version = str(min(step % 4, 1) + step // 4 * 4)  # the third replaces the second
            built = package(name, version, about={"summary": f"Of step {step}"})
            client.upload(channel, built, params={"force": "true"}).raise_for_status()
            listed[built.filename] = built.sha256
        yield dict(listed)


def yanks(operator: Person, doors: Doors) -> Iterator[Listing]:
    """Yank and take back two files in turn; yield what is listed after each change."""
    files = [package("yanked", version) for version in ("1.0", "2.0")]
    doors.here.publish(doors.channel, *files)
    listed = {built.filename: built.sha256 for built in files}
    for built in itertools.cycle(files):
        file = f"noarch/{built.filename}"
        yank(operator, doors.channel, file)
        yield {name: digest for name, digest in listed.items() if name != built.filename}
        unyank(operator, doors.channel, file)
        yield listed


def check(client: Client, folder: str, name: str, listed: Listing) -> None:
    """See every document list of a name what it should and nothing else."""
    for document in DOCUMENTS:
        revision, found = look(client, folder, document)
        own = {file: digest for file, digest in found.items() if file.startswith(f"{name}-")}
        assert own == listed, f"{document} of revision {revision}"


def read_until(over: Event, doors: Doors) -> int:
    """Read from both doors and return how many revisions were seen."""
    clients = itertools.cycle((doors.here, doors.there, doors.there, doors.here))
    seen: dict[int, Listing] = {}
    newest = 0
    for _ in range(ROUNDS):
        for document in DOCUMENTS:
            revision, found = look(next(clients), doors.folder, document)
            assert revision >= newest, f"{document} was older than one seen before"
            assert seen.setdefault(revision, found) == found, f"{document} of {revision} differs"
            newest = revision
        if over.is_set():
            break
    return len(seen)


def look(client: Client, folder: str, document: str) -> tuple[int, Listing]:
    """Return the revision that a document shows and all that it, or its shards, list."""
    answer = whole(client, f"{folder}/{document}")
    found = said(document, answer.content)
    revision = int(answer.headers["x-channel-revision"])
    if document != SHARD_INDEX:
        return revision, digests_by_file(found)
    listed: Listing = {}
    for digest in found["shards"].values():
        shard = whole(client, f"{folder}/{shard_address(digest)}")
        assert hashlib.sha256(shard.content).digest() == digest
        listed |= digests_by_file(said(SHARD_INDEX, shard.content))
    return revision, listed


def whole(client: Client, path: str) -> httpx.Response:
    """Get a file that must be there and be what its tag says."""
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    return answer


def _fresh_connections(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, limits=FRESH, timeout=60, trust_env=False)
