"""Many clients at the same thing at once: exactly one wins, the rest are told so, nothing is lost.

Two worker processes answer, so that no lock inside of one of them is enough.
"""

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier, Event
from typing import TypeVar

import httpx
import pytest

from graphrepo.blobs.digest import digests_of
from tests.builders import Built, package
from tests.cli.calls import called
from tests.server import Client, Server, running

T = TypeVar("T")

CROWD = 16
DELETE_CHANNEL = "mutation($n: String!) { deleteChannel(name: $n) { name } }"
CREATE_KEY = 'mutation { createApiKey(name: "passing", accessMode: ALL) { key } }'
REVOKE_KEY = 'mutation { revokeApiKey(name: "passing") }'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    with running(tmp_path_factory.mktemp("races") / "data", "--workers", "2") as started:
        yield started


@pytest.fixture(scope="module")
def olga(server: Server) -> Generator[Client]:
    with server.client("olga") as client:
        yield client


@pytest.fixture(scope="module")
def crowd(server: Server) -> Generator[list[Client]]:
    """Yield olga many times, on connections of her own to both workers."""
    with ExitStack() as stack:
        yield [stack.enter_context(server.client("olga")) for _ in range(CROWD)]


@pytest.fixture
def channel(olga: Client) -> str:
    return olga.create_channel()


def at_once(crowd: list[Client], act: Callable[[int, Client], T]) -> list[T]:
    """Let everybody do something at the same moment."""
    start = Barrier(len(crowd))

    def begin(number: int, client: Client) -> T:
        start.wait(60)
        return act(number, client)

    with ThreadPoolExecutor(len(crowd)) as pool:
        return list(pool.map(begin, range(len(crowd)), crowd))


def contents(number: int, name: str = "zlib") -> Built:
    return package(name, "1.0", about={"summary": f"Built by {number}"})


def listed(client: Client, channel: str) -> dict[str, str]:
    """Return the digest of each listed file, all of which download as they are listed."""
    repodata = client.get(f"/{channel}/noarch/repodata.json").raise_for_status().json()
    found = {name: record["sha256"] for name, record in repodata["packages.conda"].items()}
    for name, sha256 in found.items():
        data = client.get(f"/{channel}/noarch/{name}").raise_for_status().content
        assert hashlib.sha256(data).hexdigest() == sha256
    return found


def is_sound(server: Server) -> bool:
    status, text = called("verify", "--data", str(server.data))
    assert status == 0, text
    return True


def test_one_of_many_builds_of_a_version_wins(
    server: Server, olga: Client, crowd: list[Client], channel: str
) -> None:
    answers = at_once(crowd, lambda number, one: one.upload(channel, contents(number)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CROWD - 1}
    codes = {answer.headers.get("x-graphrepo-error") for answer in answers}
    assert codes == {None, "file_exists"}
    (winner,) = (n for n, answer in enumerate(answers) if answer.status_code == 201)
    assert listed(olga, channel) == {"zlib-1.0-0.conda": contents(winner).sha256}
    assert is_sound(server)


def test_the_same_file_is_published_once(olga: Client, crowd: list[Client], channel: str) -> None:
    built = contents(0)
    answers = at_once(crowd, lambda _, one: one.upload(channel, built))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: CROWD - 1}
    assert listed(olga, channel) == {built.filename: built.sha256}


def test_the_same_bytes_in_many_channels_are_kept_once(
    server: Server, olga: Client, crowd: list[Client]
) -> None:
    built = contents(7, "dedup")
    channels = [olga.create_channel() for _ in crowd]
    answers = at_once(crowd, lambda number, one: one.upload(channels[number], built))
    assert {answer.status_code for answer in answers} == {201}
    for channel in channels:
        assert listed(olga, channel) == {built.filename: built.sha256}
    blobs = (server.data / "blobs" / "blobs").glob("*/*")
    assert sum(blob.read_bytes() == built.data for blob in blobs) == 1


def test_deleting_while_uploading_ends_in_one_of_both(
    server: Server, olga: Client, crowd: list[Client], channel: str
) -> None:
    built = contents(0)
    path = f"/api/v1/delete/{channel}/noarch/{built.filename}"

    def act(number: int, one: Client) -> Counter[int]:
        found: Counter[int] = Counter()
        for _ in range(5):
            if number % 2:
                found[one.upload(channel, built).status_code] += 1
            else:
                found[one.request("DELETE", path).status_code] += 1000
        return found

    told = sum(at_once(crowd, act), Counter[int]())
    deleted = sum(count // 1000 for status, count in told.items() if status in {200, 204})
    is_there = built.filename in listed(olga, channel)
    assert told.keys() <= {200, 201, 204, 404}
    assert told[201] % 1000 == deleted + is_there
    assert is_sound(server)


def test_a_collector_spares_what_uploads_find(
    server: Server, olga: Client, crowd: list[Client], channel: str
) -> None:
    """Old bytes without a row lie in the store; uploads of the same bytes find them there."""
    builds = [package(f"found{number}") for number in range(CROWD)]
    for built in builds:
        lay_down(server, built)
    over = Event()

    def collect() -> int:
        rounds = 0
        while not over.is_set():
            status, text = called("gc", "--delete", "--grace", "1", "--data", str(server.data))
            assert status == 0, text
            rounds += 1
        return rounds

    with ThreadPoolExecutor(1) as pool:
        collector = pool.submit(collect)
        try:
            answers = at_once(crowd, lambda number, one: one.upload(channel, builds[number]))
        finally:
            over.set()
        assert collector.result() > 0
    assert {answer.status_code for answer in answers} == {201}
    assert listed(olga, channel) == {built.filename: built.sha256 for built in builds}


def lay_down(server: Server, built: Built) -> None:
    """Put bytes into the store as a crash leaves them, two hours ago."""
    name = digests_of(built.open()).blake3
    blob = server.data / "blobs" / "blobs" / name[:2] / name
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(built.data)
    then = time.clock_gettime(time.CLOCK_REALTIME) - 2 * 3600
    os.utime(blob, (then, then))


def halted(data: bytes, half: Event, go_on: Event) -> Iterator[bytes]:
    """Yield half of a body, then wait for a word."""
    yield data[: len(data) // 2]
    half.set()
    assert go_on.wait(60)
    yield data[len(data) // 2 :]


def upload_around(
    uploader: Client, channel: str, built: Built, meanwhile: Callable[[], object]
) -> httpx.Response:
    """Upload, and let something happen when half of the body is sent."""
    half, go_on = Event(), Event()
    with ThreadPoolExecutor(1) as pool:
        body = halted(built.data, half, go_on)
        answer = pool.submit(uploader.upload, channel, built, content=body)
        assert half.wait(60)
        try:
            meanwhile()
        finally:
            go_on.set()
        return answer.result()


def test_a_key_that_is_revoked_on_the_way_publishes_nothing(
    server: Server, olga: Client, channel: str
) -> None:
    token = olga.ask(CREATE_KEY)["createApiKey"]["key"]
    with server.client() as one:
        keyed = Client(one.http, "olga", token)
        answer = upload_around(keyed, channel, contents(0), lambda: olga.ask(REVOKE_KEY))
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (401, "not_authenticated")
    assert listed(olga, channel) == {}


def test_a_channel_that_is_deleted_on_the_way_takes_nothing(
    server: Server, olga: Client, crowd: list[Client], channel: str
) -> None:
    answer = upload_around(
        crowd[0], channel, contents(0), lambda: olga.ask(DELETE_CHANNEL, n=channel)
    )
    assert answer.status_code == 403
    assert olga.get(f"/{channel}/noarch/repodata.json").status_code == 403
    assert is_sound(server)


def test_a_channel_goes_once_and_with_all_that_is_on_its_way(
    server: Server, olga: Client, crowd: list[Client], channel: str
) -> None:
    def act(number: int, one: Client) -> int:
        if number == CROWD // 2:
            olga.ask(DELETE_CHANNEL, n=channel)
            return 0
        return one.upload(channel, contents(number, f"pack{number}")).status_code

    assert set(at_once(crowd, act)) <= {0, 201, 403}
    assert olga.get(f"/{channel}/noarch/repodata.json").status_code == 403
    assert is_sound(server)


def test_downloads_are_whole_while_the_file_is_replaced(
    olga: Client, crowd: list[Client], channel: str
) -> None:
    builds = [contents(number) for number in range(CROWD)]
    olga.publish(channel, builds[0])
    path = f"/{channel}/noarch/{builds[0].filename}"

    def act(number: int, one: Client) -> set[str]:
        if number % 4 == 0:
            one.upload(channel, builds[number], params={"force": "true"}).raise_for_status()
            return set()
        answers = [one.get(path).raise_for_status() for _ in range(5)]
        digests = {hashlib.sha256(answer.content).hexdigest() for answer in answers}
        assert {answer.headers["etag"].strip('"') for answer in answers} == digests
        return digests

    seen = set[str]().union(*at_once(crowd, act))
    assert seen <= {built.sha256 for built in builds}
    assert len(listed(olga, channel)) == 1
