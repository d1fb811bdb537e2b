"""Uploads that come at the same moment share a transaction, but no failures."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphrepo.access.policy import Role
from graphrepo.blobs.held import HeldFile
from graphrepo.conda.limits import Limits
from graphrepo.errors import (
    ArchiveLimitError,
    FileExistsWithOtherContentError,
    ForbiddenError,
    InvalidArchiveError,
    StaleError,
    UnavailableError,
)
from graphrepo.model.database import Database, rows
from graphrepo.registry.requests import Upload
from graphrepo.registry.small_uploads import Arrival, NotBriefError, SmallUploads
from graphrepo.registry.views import Published
from graphrepo.steps import Step
from tests.builders import Built, package
from tests.clocks import HandClock
from tests.conda.hostile import HOSTILE
from tests.databases import on_postgres
from tests.registry.world import Person, World

pytestmark = pytest.mark.skipif(on_postgres(), reason="only beside a database that is near")


class Watched(Database):
    """A database that tells how many transactions it was about to commit, and may refuse to."""

    def __init__(self, address: Path | str) -> None:
        self.steps: list[Step] = []
        self.refusal: Exception | None = None
        super().__init__(address, watch=self._note)

    def _note(self, step: Step) -> None:
        self.steps.append(step)
        if self.refusal is not None:
            raise self.refusal


@pytest.fixture
def world(tmp_path: Path, clock: HandClock) -> Iterator[World]:
    world = World(tmp_path, clock, Watched)
    yield world
    world.close()


def at_once(*uploads: tuple[Person, Built]) -> list[Published | BaseException]:
    """Publish in lab what people send at the same moment."""

    async def all_of_them() -> list[Published | BaseException]:
        publishing = (person.publishing("lab", built) for person, built in uploads)
        return await asyncio.gather(*publishing, return_exceptions=True)

    return uploads[0][0].world.run(all_of_them())


def transactions(world: World) -> int:
    assert isinstance(world.database, Watched)
    return world.database.steps.count(Step.COMMIT)


def other_zlib() -> Built:
    return package("zlib", "1.0", files={"other": b"bytes"})


def test_they_share_one_transaction(owner: Person, world: World) -> None:
    builts = [package("zlib", f"1.{number}") for number in range(5)]
    before = transactions(world)
    published = at_once(*((owner, built) for built in builts))
    assert [each.created for each in published if isinstance(each, Published)] == [True] * 5
    assert transactions(world) == before + 1
    assert owner.repodata("lab")["packages.conda"].keys() == {each.filename for each in builts}
    for built in builts:
        assert owner.download("lab", "noarch", built.filename) == built.data


def test_each_has_a_revision_and_a_line_of_its_own(owner: Person, world: World) -> None:
    at_once((owner, package("zlib", "1.0")), (owner, package("curl", "8.0")))
    sql = "SELECT revision FROM event WHERE channel = 'lab' ORDER BY id"
    revisions = [revision for (revision,) in world.run(world.database.read(rows, sql))]
    assert revisions == list(range(revisions[0], revisions[0] + 3))  # lab itself, and the two


def test_each_is_answered_for_itself(owner: Person, world: World) -> None:
    zlib, curl = package("zlib", "1.0"), package("curl", "8.0")
    owner.publish("lab", zlib)
    reader = world.person("ben")
    owner.add_member("lab", reader, Role.MEMBER)
    damaged = Built("bad-1.0-0.conda", curl.data[:-9], curl.index)
    answers = at_once(
        (owner, zlib), (owner, other_zlib()), (reader, curl), (owner, damaged), (owner, curl)
    )
    assert [each.created if isinstance(each, Published) else type(each) for each in answers] == [
        False,
        FileExistsWithOtherContentError,
        ForbiddenError,
        InvalidArchiveError,
        True,
    ]
    assert not world.store.exists(blake3_of(other_zlib()))


def test_one_that_takes_long_to_read_is_read_apart(owner: Person, world: World) -> None:
    large = package("large", extension="tar.bz2", files={"zeros": bytes(2 * 2**20)})
    assert len(large.data) < 10_000
    hostile = Built("a-1-0.conda", HOSTILE["pax attributes"][0](), {})
    before = transactions(world)
    answers = at_once(
        (owner, package("zlib")), (owner, package("curl")), (owner, large), (owner, hostile)
    )
    kinds = [type(each) for each in answers]
    assert kinds == [Published, Published, Published, ArchiveLimitError]
    assert transactions(world) == before + 2
    assert owner.download("lab", "noarch", large.filename) == large.data


def test_who_comes_behind_one_that_took_long_goes_on_alone(owner: Person, world: World) -> None:
    hasty = SmallUploads(world.database, world.store, Limits(), keep_paths=False, reading=0)

    async def all_of_them() -> list[Published | BaseException]:
        arrivals = [
            Arrival(owner.viewer, Upload("lab", built.filename, held, held.finish()), 2**42)
            for built in (package("zlib"), package("curl"), package("xz"))
            for held in (HeldFile(built.data),)
        ]
        return await asyncio.gather(*map(hasty.publish, arrivals), return_exceptions=True)

    kinds = [type(each) for each in world.run(all_of_them())]
    assert kinds == [Published, NotBriefError, NotBriefError]
    assert len(owner.repodata("lab")["packages.conda"]) == 1


def test_of_two_files_of_one_name_the_first_wins(owner: Person) -> None:
    zlib = package("zlib", "1.0")
    first, again, other = at_once((owner, zlib), (owner, zlib), (owner, other_zlib()))
    assert isinstance(first, Published)
    assert isinstance(again, Published)
    assert (first.created, again.created) == (True, False)
    assert isinstance(other, FileExistsWithOtherContentError)
    assert owner.download("lab", "noarch", zlib.filename) == zlib.data


def test_one_that_the_database_refuses_takes_no_other_with_it(owner: Person, world: World) -> None:
    forbid = """CREATE TRIGGER forbid BEFORE INSERT ON artifact WHEN NEW.version = '2.0'
        BEGIN SELECT RAISE(ABORT, 'no'); END"""
    world.run(world.database.transact(rows, forbid))
    versions = ("1.0", "2.0", "3.0")
    answers = at_once(*((owner, package("zlib", version)) for version in versions))
    kinds = [type(each) for each in answers]
    assert kinds == [Published, StaleError, Published]
    assert owner.repodata("lab")["packages.conda"].keys() == {
        "zlib-1.0-0.conda",
        "zlib-3.0-0.conda",
    }


def test_a_database_that_is_locked_refuses_them_together(owner: Person, world: World) -> None:
    """Each would wait for the lock by itself, and hold up all who come after it."""
    assert isinstance(world.database, Watched)
    before = transactions(world)
    world.database.refusal = UnavailableError("The database is locked.")
    answers = at_once(*((owner, package("zlib", version)) for version in ("1.0", "2.0", "3.0")))
    assert [type(each) for each in answers] == [UnavailableError] * 3
    assert transactions(world) == before + 1


def test_one_whose_client_has_left_takes_no_other_with_it(owner: Person, world: World) -> None:
    gone, zlib = HeldFile(other_zlib().data), package("zlib", "1.0")
    gone.discard()

    async def both() -> list[Published | BaseException]:
        left = Upload("lab", "zlib-9.9-0.conda", gone, gone.finish())
        publisher = world.registry.publisher
        publishing = publisher.publish(owner.viewer, left), owner.publishing("lab", zlib)
        return list(await asyncio.gather(*publishing, return_exceptions=True))

    answers = world.run(both())
    assert [type(each) for each in answers] == [ValueError, Published]


def test_bytes_that_were_lost_come_back(owner: Person, world: World) -> None:
    zlib = package("zlib", "1.0")
    blake3 = owner.publish("lab", zlib).artifact.blake3
    world.store.delete(blake3)
    assert not owner.publish("lab", zlib).created
    assert owner.download("lab", "noarch", zlib.filename) == zlib.data


def blake3_of(built: Built) -> str:
    return HeldFile(built.data).finish().blake3
