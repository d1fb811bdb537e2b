"""A ``.conda`` beside each ``.tar.bz2``, where the channel wants it."""

from datetime import timedelta
from pathlib import Path

from graphrepo.access.policy import Role
from graphrepo.access.viewer import Viewer
from graphrepo.blobs.memory import MemoryStore
from graphrepo.blobs.staging import Staging
from graphrepo.registry.background import Means, job_worker
from graphrepo.registry.job_views import JobKind, JobView
from graphrepo.registry.registry import assemble
from graphrepo.registry.requests import ChannelChange
from tests.builders import Built, package
from tests.clocks import HandClock
from tests.registry.workers import do_all, found, nowhere, results
from tests.registry.world import CHEAP, Person, World

TWIN = "zlib-1.0-0.conda"
TAR = "zlib-1.0-0.tar.bz2"


def tar(content: bytes = b"hello", name: str = "zlib") -> Built:
    return package(name, extension="tar.bz2", files={"share/zlib.txt": content})


def active(person: Person) -> JobView | None:
    jobs = person.world.registry.jobs
    return person.world.run(jobs.active(person.viewer, "lab", JobKind.TWINS))


def wanting(owner: Person, *, wanted: bool = True) -> None:
    change = ChannelChange(publish_twins=wanted)
    channels = owner.world.registry.channels
    view = owner.world.run(channels.update(owner.viewer, "lab", change))
    assert view.settings.publish_twins is wanted


def test_a_twin_is_made_named_and_found_by_clients(world: World, owner: Person) -> None:
    wanting(owner)
    carl = world.person("carl")
    owner.add_member("lab", carl, Role.CONTRIBUTOR)
    built = tar()
    carl.publish("lab", built)
    job = active(carl)
    assert job is not None
    assert (job.kind, job.total, job.login) == (JobKind.TWINS, 1, "carl")
    assert do_all(world) == 1
    assert [(r.item, r.ok, r.files, r.message) for r in results(carl, job)] == [
        (f"noarch/{TAR}", True, (f"noarch/{TWIN}",), None)
    ]
    repodata = owner.repodata("lab")
    record = repodata["packages.conda"][TWIN]
    assert (record["legacy_bz2_md5"], record["legacy_bz2_size"]) == (built.md5, built.size)
    older = repodata["packages"][TAR]
    same = ("name", "version", "build", "depends", "timestamp", "noarch")
    assert {key: record[key] for key in same} == {key: older[key] for key in same}
    variant = world.run(world.registry.catalog.variant(carl.viewer, "lab", "noarch", TWIN))
    assert variant is not None
    assert variant.uploader_id == carl.viewer.user_id
    assert owner.download("lab", "noarch", TWIN).startswith(b"PK")


def test_uploads_of_trusted_publishers_get_theirs(world: World, owner: Person) -> None:
    wanting(owner)
    publisher = Viewer(None, "github octo/repo", publishes_to=frozenset({"lab"}))
    Person(world, publisher).publish("lab", tar())
    assert do_all(world) == 1
    assert TWIN in owner.repodata("lab")["packages.conda"]


def test_no_twin_where_none_is_wanted_or_needed(world: World, owner: Person) -> None:
    owner.publish("lab", tar())
    wanting(owner)
    owner.publish("lab", tar())  # the same bytes again
    owner.publish("lab", package("png"))
    owner.publish("lab", package("both"))
    owner.publish("lab", tar(name="both"))
    wanting(owner, wanted=False)
    owner.publish("lab", tar(name="last"))
    assert active(owner) is None
    assert do_all(world) == 0


def test_uploads_of_one_person_share_a_job(world: World, owner: Person) -> None:
    wanting(owner)
    for name in ("alpha", "beta"):
        owner.publish("lab", tar(name=name))
    job = active(owner)
    assert job is not None
    assert job.total == 2
    do_all(world)
    owner.publish("lab", tar(name="gamma"))
    another = active(owner)
    assert another is not None
    assert another.id != job.id


def test_a_file_that_is_replaced_has_its_twin_replaced(
    world: World, owner: Person, clock: HandClock
) -> None:
    wanting(owner)
    owner.publish("lab", tar())
    do_all(world)
    before = owner.find("lab", "noarch", TWIN)
    clock.advance(timedelta(minutes=1))
    newer = tar(b"something else")
    owner.publish("lab", newer, force=True)
    do_all(world)
    assert owner.find("lab", "noarch", TWIN).sha256 != before.sha256
    record = owner.repodata("lab")["packages.conda"][TWIN]
    assert record["legacy_bz2_md5"] == newer.md5


def test_what_is_gone_or_was_replaced_meanwhile_needs_no_twin(world: World, owner: Person) -> None:
    wanting(owner)
    owner.publish("lab", tar())
    owner.publish("lab", tar(b"newer"), force=True)
    owner.publish("lab", tar(name="gone"))
    owner.delete("lab", "noarch/gone-1.0-0.tar.bz2")
    job = active(owner)
    assert job is not None
    do_all(world)
    assert [(result.ok, result.files) for result in results(owner, job)] == [
        (True, ()),
        (True, (f"noarch/{TWIN}",)),
        (True, ()),
    ]
    assert found(owner, job).done == 3


def test_a_file_that_cannot_be_converted_is_told(world: World, owner: Person) -> None:
    wanting(owner)
    broken = tar()
    owner.publish("lab", broken)
    path = world.store.path(owner.find("lab", "noarch", TAR).blake3)
    assert path is not None
    blob = Path(path)
    blob.chmod(0o600)
    blob.write_bytes(broken.data[: broken.size // 2])
    job = active(owner)
    assert job is not None
    do_all(world)
    (result,) = results(owner, job)
    assert (result.ok, result.code) == (False, "invalid_package")
    assert (result.message or "").startswith(f"{TAR} cannot be converted to .conda: ")
    assert not list((world.data / "blobs" / "staging").iterdir())


def test_a_converter_that_leaves_no_file_leaves_nothing_behind(world: World, owner: Person) -> None:
    async def forget(_source: Path, _folder: Path) -> None:
        pass

    wanting(owner)
    owner.publish("lab", tar())
    job = active(owner)
    assert job is not None
    means = Means(nowhere, forget)
    world.run(job_worker(world.registry, world.database, means, world.clock).once())
    assert results(owner, job)[0].code == "internal_error"
    assert not list((world.data / "blobs" / "staging").iterdir())


def test_a_store_without_files_hands_over_a_copy(
    world: World, owner: Person, tmp_path: Path, clock: HandClock
) -> None:
    store = MemoryStore(Staging(tmp_path / "memory"), clock)
    world.registry = assemble(world.database, store, clock=clock, hasher=CHEAP)
    wanting(owner)
    owner.publish("lab", tar())
    do_all(world)
    assert owner.download("lab", "noarch", TWIN).startswith(b"PK")
