"""What the store in a bucket does beyond the promises of all: parts, claims, refusals, URLs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import httpx
import obstore
import pytest
from obstore.store import S3Store

from graphrepo.blobs.address import StoreAddress, parse_address
from graphrepo.blobs.bucket import Bucket
from graphrepo.blobs.digest import Digests, digests_of
from graphrepo.blobs.object_store import ObjectStore
from graphrepo.blobs.opening import open_store
from graphrepo.blobs.staging import Staging
from graphrepo.errors import UnavailableError
from tests.clocks import HandClock
from tests.s3 import BUCKET, KEYS, S3Server
from tests.waiting import PATIENCE

DAY = timedelta(days=1)
LENDING = timedelta(minutes=15)


@pytest.fixture
def address(s3: S3Server) -> StoreAddress:
    return s3.address()


@pytest.fixture
def store(address: StoreAddress, root: Path, clock: HandClock) -> ObjectStore:
    return ObjectStore(Bucket(address), Staging(root), clock, lending=LENDING)


def test_a_large_blob_goes_and_comes_in_parts(store: ObjectStore) -> None:
    block = bytes(range(256)) * 4096
    results: list[tuple[bool, Digests]] = []
    for _ in range(2):
        with store.staging.open() as staged:
            for number in range(17):
                staged.write(bytes([number]) + block)
            digests = staged.finish()
            results.append((store.commit(staged, digests), digests))
    assert [is_new for is_new, _ in results] == [True, False]
    digests = results[0][1]
    assert store.size(digests.blake3) == 17 * (len(block) + 1)
    with store.open(digests.blake3) as blob:
        assert digests_of(blob) == digests
        blob.seek(16 * (len(block) + 1))
        assert blob.read() == bytes([16]) + block


class Interrupted(Bucket):
    """A bucket in which something happens just before an object is removed."""

    def __init__(self, address: StoreAddress, interruption: Callable[[str], None]) -> None:
        super().__init__(address)
        self._interruption = interruption

    def remove(self, key: str) -> None:
        self._interruption(key)
        super().remove(key)


@pytest.mark.parametrize("moment", ["blobs/", "touched/", "claimed/"])
def test_an_upload_at_any_moment_of_a_deletion_ends_with_the_blob_there(
    store: ObjectStore, address: StoreAddress, clock: HandClock, moment: str
) -> None:
    blake3 = store.put(b"found while it goes").blake3
    begun = Event()

    def upload() -> None:
        begun.set()
        store.put(b"found while it goes")

    with ThreadPoolExecutor(1) as pool:

        def interrupt(key: str) -> None:
            if key.startswith(moment):
                pool.submit(upload)
                begun.wait()

        bucket = Interrupted(address, interrupt)
        collector = ObjectStore(bucket, store.staging, clock)
        assert collector.delete(blake3, untouched_since=clock.advance(DAY))
    assert store.exists(blake3)


@pytest.mark.parametrize("later", [timedelta(minutes=11), -DAY])
def test_a_collector_that_dies_holds_nothing_up_for_long(
    store: ObjectStore, address: StoreAddress, clock: HandClock, later: timedelta
) -> None:
    blake3 = store.put(b"outlives its collector").blake3

    def die(key: str) -> None:
        raise UnavailableError(key)

    collector = ObjectStore(Interrupted(address, die), store.staging, clock)
    with pytest.raises(UnavailableError):
        collector.delete(blake3, untouched_since=clock.advance(DAY))
    assert not store.delete(blake3), "its deletion may be on its way"
    clock.advance(later)  # or back, where somebody sets it
    store.put(b"outlives its collector")
    assert not store.delete(blake3, untouched_since=clock.now)
    assert store.delete(blake3)


def test_a_blob_that_another_tool_brought_has_the_stores_own_age(
    store: ObjectStore, address: StoreAddress, s3: S3Server
) -> None:
    blake3 = store.put(b"brought").blake3
    key = f"{address.prefix}/blobs/{blake3[:2]}/{blake3}"
    plain = S3Store(
        BUCKET,
        endpoint=s3.endpoint,
        access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        region=KEYS["AWS_REGION"],
        client_options={"allow_http": True},
    )
    obstore.put(plain, key, b"brought")
    (entry,) = store.entries()
    assert entry.modified.replace(microsecond=0) == obstore.head(plain, key)[
        "last_modified"
    ].replace(microsecond=0)


def test_a_server_without_conditional_writes_will_do(
    s3: S3Server, root: Path, clock: HandClock
) -> None:
    store = open_store(s3.address(conditional_put="no"), root, clock=clock)
    digests = store.put(b"in two steps")
    assert store.put(b"in two steps") == digests
    assert not store.delete(digests.blake3, untouched_since=clock.now)
    assert store.delete(digests.blake3)


def test_whoever_has_the_url_reads_the_blob_and_no_other(store: ObjectStore, s3: S3Server) -> None:
    blake3, other = (store.put(data).blake3 for data in (b"0123456789", b"private"))
    url = store.location(blake3, "GET") or ""
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        whole = client.get(url)
        assert (whole.content, whole.headers["content-type"]) == (
            b"0123456789",
            "application/octet-stream",
        )
        part = client.get(url, headers={"Range": "bytes=3-5"})
        assert (part.status_code, part.content) == (206, b"345")
        again = client.get(url, headers={"If-None-Match": whole.headers["etag"]})
        assert again.status_code == 304
        head = client.head(store.location(blake3, "HEAD") or "")
        assert (head.status_code, head.headers["content-length"]) == (200, "10")
        if s3.guards:
            assert client.get(url.replace(blake3, other)).status_code == 403
            assert client.delete(url).status_code == 403


def test_a_store_that_lends_nothing_gives_no_url(address: StoreAddress, root: Path) -> None:
    store = open_store(address, root, lends=False)
    assert store.lending is None
    assert store.location(store.put(b"mine").blake3, "GET") is None


def test_a_url_names_the_host_that_clients_reach(s3: S3Server, root: Path) -> None:
    outside = "https://packages.example.org"
    store = open_store(s3.address(public_endpoint=outside), root)
    store.check()
    assert (store.location("0" * 64, "GET") or "").startswith(f"{outside}/{BUCKET}/")


def test_a_check_leaves_a_working_store_as_it_was(store: ObjectStore) -> None:
    for _ in range(2):
        store.check()
    assert list(store.entries()) == []


@pytest.mark.parametrize(
    ("options", "secrets", "sentence"),
    [
        ({"bucket": "nowhere"}, {}, "There is no bucket 'nowhere' in the object store"),
        ({}, {"AWS_SECRET_ACCESS_KEY": "no"}, r"refuses this server \(SignatureDoesNotMatch\)"),
        ({}, {"AWS_ACCESS_KEY_ID": "no"}, r"refuses this server \(InvalidAccessKeyId\)"),
        ({"endpoint": "http://127.0.0.1:9"}, {}, "does not do what it is asked"),
    ],
)
def test_a_store_that_cannot_be_used_says_why(
    s3: S3Server, root: Path, options: dict[str, str], secrets: dict[str, str], sentence: str
) -> None:
    if secrets and not s3.guards:
        pytest.skip("This server lets everybody in.")
    given = s3.address(**options)
    known = StoreAddress(given.scheme, given.bucket, "x", given.options, {**KEYS, **secrets})
    store = open_store(known, root)
    with pytest.raises(UnavailableError, match=sentence) as refused:
        store.check()
    for secret in (*KEYS.values(), "127.0.0.1"):
        assert secret not in refused.value.message


def test_a_server_without_credentials_is_told_where_they_go(s3: S3Server, root: Path) -> None:
    nowhere = {"metadata_endpoint": "http://127.0.0.1:9"}
    store = open_store(replace(s3.address(), secrets=nowhere), root)
    with pytest.raises(UnavailableError, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        store.check()


def test_the_stores_of_google_and_azure_are_opened_by_the_same_code(root: Path) -> None:
    for text in ("gs://packages/in", "az://packages/in?account=acme"):
        assert open_store(parse_address(text), root).staging


def test_a_directory_by_its_address(tmp_path: Path) -> None:
    store = open_store(parse_address(f"file://{tmp_path}/blobs"), tmp_path / "unused")
    path = store.path(store.put(b"here").blake3)
    assert path is not None
    assert Path(path).is_relative_to(tmp_path / "blobs")
