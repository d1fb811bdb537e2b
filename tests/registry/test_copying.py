"""Packages copied from addresses: of this server without moving bytes, of others by fetching."""

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode
from graphrepo.blobs.digest import Digests
from graphrepo.blobs.kept import KeptFile
from graphrepo.errors import (
    ForbiddenError,
    InvalidInputError,
    NotAuthenticatedError,
    SourceForbiddenError,
    UnavailableError,
)
from graphrepo.intake.receive import Received
from graphrepo.registry.copy_sources import Source, copy_item
from graphrepo.registry.copying import Fetch
from graphrepo.registry.job_views import JobKind, JobResult, JobState, JobView
from tests.builders import Built, package
from tests.registry.workers import do_all, found, results
from tests.registry.world import Person, World

OWN = ("https://conda.example", "http://127.0.0.1:8000")
ZLIB = package("zlib")
FILE = "/lab/noarch/zlib-1.0-0.conda"


def copy(person: Person, channel: str, *sources: Source) -> JobView:
    copying = person.world.registry.copying
    return person.world.run(copying.start(person.viewer, channel, sources, OWN))


def copied(person: Person, url: str, *, sha256: str = ZLIB.sha256) -> JobResult:
    """Copy one file into ``mine`` and return what came of it."""
    job = copy(person, "mine", Source(url, sha256))
    do_all(person.world)
    (result,) = results(person, job)
    return result


@pytest.fixture
def bob(world: World, owner: Person) -> Person:
    """Bob, who owns ``mine`` and is nobody in the public ``lab``, which holds zlib."""
    owner.publish("lab", ZLIB)
    bob = world.person("bob")
    bob.create_channel("mine")
    return bob


def serving(world: World, *files: Built) -> Fetch:
    """Return what fetches these files, wherever they are said to be."""

    async def fetch(url: str) -> Received:
        built = next(file for file in files if file.filename in url)
        staged = world.registry.publisher.stage()
        staged.write(built.data)
        return Received(staged, staged.finish())

    return fetch


@pytest.mark.parametrize(
    "url",
    [
        FILE,
        f"{FILE}#md5-or-whatever",
        "/t/gr-secret/lab/noarch/zlib-1.0-0.conda",
        "https://conda.example/lab/noarch/zlib-1.0-0.conda",
        "https://CONDA.example:443/lab/noarch/zlib-1.0-0.conda",
        "http://127.0.0.1:8000/lab/noarch/zlib%2D1.0-0.conda",
    ],
)
def test_a_file_of_this_server_is_copied_without_a_byte(
    world: World, bob: Person, url: str
) -> None:
    before = {entry.blake3: entry.modified for entry in world.store.entries()}
    result = copied(bob, url)
    assert (result.ok, result.files) == (True, ("noarch/zlib-1.0-0.conda",))
    assert result.item == FILE
    assert {entry.blake3 for entry in world.store.entries()} == set(before)
    original, copy = (bob.find(name, "noarch", ZLIB.filename) for name in ("lab", "mine"))
    assert (copy.blake3, copy.sha256) == (original.blake3, original.sha256)
    assert copy.artifact_id != original.artifact_id
    assert bob.download("mine", "noarch", ZLIB.filename) == ZLIB.data
    record = bob.repodata("mine")["packages.conda"][ZLIB.filename]
    assert (record["md5"], record["sha256"], record["size"]) == (ZLIB.md5, ZLIB.sha256, ZLIB.size)


def test_a_copy_stays_when_its_source_goes(owner: Person, bob: Person) -> None:
    assert copied(bob, FILE).ok
    owner.delete("lab", "noarch/zlib-1.0-0.conda")
    assert bob.download("mine", "noarch", ZLIB.filename) == ZLIB.data


def test_a_copy_of_what_is_there_changes_nothing(bob: Person) -> None:
    assert copied(bob, FILE).ok
    assert copied(bob, FILE).ok


def test_who_copies_must_be_able_to_read_the_source(owner: Person, bob: Person) -> None:
    owner.create_channel("vault", is_public=False)
    owner.publish("vault", ZLIB)
    hidden = copied(bob, "/vault/noarch/zlib-1.0-0.conda")
    missing = copied(bob, "/nowhere/noarch/zlib-1.0-0.conda")
    assert (hidden.ok, hidden.code) == (False, "forbidden")
    assert str(hidden).replace("vault", "nowhere") == str(missing)
    owner.add_member("vault", bob, Role.MEMBER)
    assert copied(bob, "/vault/noarch/zlib-1.0-0.conda").ok


def test_the_key_that_starts_a_copy_must_reach_both_channels(owner: Person, bob: Person) -> None:
    owner.create_channel("vault", is_public=False)
    owner.publish("vault", ZLIB)
    owner.add_member("vault", bob, Role.MEMBER)
    key = bob.with_key(AccessMode.READ_WRITE, "mine")
    job = copy(key, "mine", Source("/vault/noarch/zlib-1.0-0.conda", ZLIB.sha256))
    do_all(bob.world)
    assert results(bob, job)[0].code == "forbidden"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/lab/noarch/zlib-2.0-0.conda", "not_found"),
        ("/lab/linux-64/zlib-1.0-0.conda", "not_found"),
        ("/lab/shards/x.conda", "not_found"),
    ],
)
def test_what_is_not_there_is_not_copied(bob: Person, path: str, code: str) -> None:
    assert copied(bob, path).code == code


def test_the_digest_must_be_that_of_the_file(world: World, bob: Person) -> None:
    assert copied(bob, FILE, sha256="0" * 64).code == "hash_mismatch"
    job = copy(bob, "mine", Source("https://other.example/zlib-1.0-0.conda", "0" * 64))
    do_all(world, serving(world, ZLIB))
    assert results(bob, job)[0].code == "hash_mismatch"


def test_a_file_from_elsewhere_is_fetched_and_published(world: World, bob: Person) -> None:
    png = package("png")
    urls = ("https://other.example/x/zlib-1.0-0.conda?signed=1", "http://[::1]/png-1.0-0.conda")
    sources = (Source(urls[0], ZLIB.sha256.upper()), Source(urls[1], png.sha256))
    job = copy(bob, "mine", *sources)
    do_all(world, serving(world, ZLIB, png))
    assert [(result.item, result.ok) for result in results(bob, job)] == [
        (url, True) for url in urls
    ]
    assert (found(bob, job).kind, found(bob, job).state) == (JobKind.COPY, JobState.DONE)
    assert set(bob.repodata("mine")["packages.conda"]) == {ZLIB.filename, png.filename}
    assert not list((world.data / "blobs" / "staging").iterdir())


def test_a_refusal_of_the_address_is_the_items_failure(world: World, bob: Person) -> None:
    async def refuse(url: str) -> Received:
        raise SourceForbiddenError(f"{url} is not in the open internet.")

    job = copy(bob, "mine", Source("http://10.0.0.1/zlib-1.0-0.conda", ZLIB.sha256))
    do_all(world, refuse)
    assert found(bob, job).state is JobState.FAILED
    assert results(bob, job)[0].code == "source_forbidden"


def test_nothing_is_fetched_for_somebody_who_may_not_upload(
    world: World, owner: Person, bob: Person
) -> None:
    owner.add_member("lab", bob, Role.CONTRIBUTOR)
    job = copy(bob, "lab", Source("https://other.example/png-1.0-0.conda", "0" * 64))
    world.run(world.registry.members.remove(owner.viewer, "lab", "bob"))
    do_all(world)  # whose fetch fails the test
    assert results(bob, job)[0].code == "forbidden"


def test_only_who_may_upload_starts_a_copy(world: World, bob: Person) -> None:
    with pytest.raises(ForbiddenError):
        copy(bob, "lab", Source(FILE, ZLIB.sha256))
    with pytest.raises(NotAuthenticatedError):
        copy(world.nobody, "lab", Source(FILE, ZLIB.sha256))


def test_a_blob_that_the_store_lost_is_told(world: World, bob: Person) -> None:
    world.store.delete(bob.find("lab", "noarch", ZLIB.filename).blake3)
    assert copied(bob, FILE).code == "blob_missing"


def test_a_kept_file_is_never_linked_to_itself(world: World, bob: Person) -> None:
    stored = bob.find("lab", "noarch", ZLIB.filename)
    opened = world.registry.indexing.open(stored.blake3)
    world.store.delete(stored.blake3)
    with KeptFile(opened, stored.blake3) as kept, pytest.raises(UnavailableError):
        world.store.commit(kept, Digests(stored.blake3, stored.sha256, ZLIB.md5, ZLIB.size))
    assert opened.closed


# What a source may be


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "1 to 2000 characters"),
        ("https://a.example/" + "a" * 2000 + ".conda", "1 to 2000 characters"),
        ("https://a.example/a b.conda", "no spaces"),
        ("https://a.example/zlib.zip", "must end in .conda or .tar.bz2"),
        ("https://a.example", "names no package file"),
        ("ftp://a.example/zlib-1.0-0.conda", "must begin with http://"),
        ("file:///etc/zlib-1.0-0.conda", "must begin with http://"),
        ("https:///zlib-1.0-0.conda", "must begin with http://"),
        ("lab/noarch/zlib-1.0-0.conda", "must begin with http://"),
        ("https://me:pw@a.example/zlib-1.0-0.conda", "user name or password"),
        ("https://me@a.example/zlib-1.0-0.conda", "user name or password"),
        ("https://[bad/zlib-1.0-0.conda", "is no address"),
        ("https://a.example:port/zlib-1.0-0.conda", "is no address"),
        ("/lab/zlib-1.0-0.conda", "/CHANNEL/SUBDIR/FILE"),
        ("//evil.example/lab/noarch/zlib-1.0-0.conda", "must begin with http://"),
        ("https://conda.example/a/lab/noarch/zlib-1.0-0.conda", "/CHANNEL/SUBDIR/FILE"),
    ],
)
def test_a_source_is_refused_with_a_reason(url: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        copy_item(Source(url, "0" * 64), OWN)
    assert reason in caught.value.message


def test_a_digest_has_64_digits() -> None:
    with pytest.raises(InvalidInputError, match="64 hexadecimal digits"):
        copy_item(Source(FILE, "abc"), OWN)


def test_the_job_remembers_no_token() -> None:
    item = copy_item(Source("/t/gr-secret/lab/noarch/zlib-1.0-0.conda", "A" * 64), OWN)
    assert item == {
        "item": FILE,
        "place": ["lab", "noarch"],
        "filename": "zlib-1.0-0.conda",
        "sha256": "a" * 64,
    }


@pytest.mark.parametrize("count", [0, 1001])
def test_a_copy_has_some_files_and_not_too_many(bob: Person, count: int) -> None:
    sources = [Source(f"/lab/noarch/a-{number}-0.conda", "0" * 64) for number in range(count)]
    with pytest.raises(InvalidInputError, match="Name 1 to 1000 packages"):
        copy(bob, "mine", *sources)
