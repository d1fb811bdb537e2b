"""Downloads: counted in memory, written in batches, added up per file, package and channel."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import ParamSpec, TypeVar

import pytest

from graphrepo.errors import UnavailableError
from graphrepo.model.database import Database, rows
from graphrepo.registry.download_counts import (
    GroupCount,
    Grouping,
    GroupMonths,
    MonthCount,
    PackageCount,
)
from graphrepo.registry.downloads import Downloads
from graphrepo.registry.views import ArtifactView
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.world import Person, World

P = ParamSpec("P")
T = TypeVar("T")

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))


@pytest.fixture
def clock() -> HandClock:
    return HandClock(datetime(2026, 1, 30, 23, 0, tzinfo=UTC))


@pytest.fixture
def files(owner: Person) -> list[ArtifactView]:
    """Publish zlib 1.0 for two platforms, zlib 2.0 for one, and png."""
    built = [
        package("zlib", "1.0", subdir="linux-64"),
        package("zlib", "1.0", subdir="osx-64"),
        package("zlib", "2.0", subdir="linux-64"),
        package("png"),
    ]
    return [owner.publish("lab", one).artifact for one in built]


def download(world: World, file: ArtifactView, times: int = 1) -> None:
    for _ in range(times):
        world.registry.downloads.count(file.id)


def flush(world: World) -> None:
    world.run(world.registry.downloads.flush())


def test_nothing_is_written_before_it_is_time(world: World, files: list[ArtifactView]) -> None:
    counts = world.registry.download_counts
    download(world, files[0], 2)
    assert world.run(counts.of_files([files[0].id])) == {files[0].id: 0}
    flush(world)
    assert world.run(counts.of_files([files[0].id])) == {files[0].id: 2}
    flush(world)
    assert world.run(counts.of_files([files[0].id])) == {files[0].id: 2}


def test_counts_of_several_processes_add_up(world: World, files: list[ArtifactView]) -> None:
    other = Downloads(world.database, world.clock)
    for downloads in (world.registry.downloads, other):
        downloads.count(files[0].id)
        world.run(downloads.flush())
    assert world.run(world.registry.download_counts.of_files([files[0].id])) == {files[0].id: 2}


def test_sums_of_files_packages_and_versions(world: World, files: list[ArtifactView]) -> None:
    for times, file in enumerate(files, start=1):
        download(world, file, times)
    flush(world)
    counts = world.registry.download_counts
    zlib, png = files[0].package_id, files[3].package_id
    assert world.run(counts.of_packages([zlib, png, 99])) == {zlib: 6, png: 4, 99: 0}
    pairs = [(zlib, "1.0"), (zlib, "2.0"), (png, "1.0"), (png, "9.9")]
    assert world.run(counts.of_versions(pairs)) == dict(zip(pairs, (3, 3, 4, 0), strict=True))


def test_a_deleted_file_was_downloaded_all_the_same(
    world: World, owner: Person, files: list[ArtifactView]
) -> None:
    download(world, files[3])
    owner.delete("lab", "noarch/png-1.0-0.conda")
    flush(world)
    sums = world.run(world.registry.download_counts.of_packages([files[3].package_id]))
    assert sums == {files[3].package_id: 1}


def test_what_went_with_its_channel_is_counted_nowhere(
    world: World, owner: Person, files: list[ArtifactView]
) -> None:
    download(world, files[0])
    flush(world)
    download(world, files[0])
    world.run(world.registry.channels.delete(owner.viewer, "lab"))
    flush(world)
    for table in ("download", "artifact_downloads", "package_downloads", "channel_download"):
        assert world.run(world.database.read(rows, f"SELECT * FROM {table}")) == []  # noqa: S608


def test_groups(world: World, files: list[ArtifactView]) -> None:
    for times, file in enumerate(files, start=1):
        download(world, file, times)
    flush(world)
    zlib = files[0].package_id

    def grouped(grouping: Grouping) -> tuple[GroupCount, ...]:
        return world.run(world.registry.download_counts.grouped([zlib], grouping)).get(zlib, ())

    assert grouped(Grouping()) == (GroupCount(None, None, 6),)
    assert grouped(Grouping(by_version=True)) == (
        GroupCount("1.0", None, 3),
        GroupCount("2.0", None, 3),
    )
    assert grouped(Grouping(by_platform=True)) == (
        GroupCount(None, "linux-64", 4),
        GroupCount(None, "osx-64", 2),
    )
    assert grouped(Grouping(by_version=True, by_platform=True, versions=("1.0",))) == (
        GroupCount("1.0", "osx-64", 2),
        GroupCount("1.0", "linux-64", 1),
    )
    assert grouped(Grouping(versions=("3.0",))) == ()


def test_months(world: World, files: list[ArtifactView], clock: HandClock) -> None:
    for _ in range(4):  # 30 and 31 January, 1 and 2 February
        download(world, files[0])
        clock.advance(timedelta(days=1))
    clock.advance(timedelta(days=28))  # March
    download(world, files[2], 3)
    download(world, files[3], 2)
    flush(world)
    zlib, channel = files[0].package_id, files[0].channel_id
    counts = world.registry.download_counts

    def monthly(grouping: Grouping) -> tuple[GroupMonths, ...]:
        return world.run(counts.monthly([zlib], grouping)).get(zlib, ())

    early = (MonthCount(JANUARY, 2), MonthCount(FEBRUARY, 2))
    late = (MonthCount(MARCH, 3),)
    assert monthly(Grouping()) == (GroupMonths(None, None, early + late),)
    assert monthly(Grouping(by_version=True)) == (
        GroupMonths("1.0", None, early),
        GroupMonths("2.0", None, late),
    )
    between = Grouping(first=date(2026, 1, 31), last=FEBRUARY, by_platform=True)
    assert monthly(between) == (
        GroupMonths(None, "linux-64", (MonthCount(JANUARY, 1), MonthCount(FEBRUARY, 1))),
    )
    assert monthly(Grouping(versions=("2.0",), last=FEBRUARY)) == ()
    assert world.run(counts.channel_months([channel, 99])) == {
        channel: (*early, MonthCount(MARCH, 5))
    }


def test_the_ten_packages_that_are_downloaded_most(world: World, owner: Person) -> None:
    files = [owner.publish("lab", package(f"p{number:02}")).artifact for number in range(12)]
    for number, file in enumerate(files):
        download(world, file, 1 + number // 2)
    flush(world)
    channel = files[0].channel_id
    top = world.run(world.registry.download_counts.top_packages([channel, 99]))
    assert list(top) == [channel]
    assert len(top[channel]) == 10
    assert top[channel][:3] == (
        PackageCount("p10", 6),
        PackageCount("p11", 6),
        PackageCount("p08", 5),
    )


class Flaky(Database):
    """A database that does not answer the first time."""

    def __init__(self, real: Database) -> None:
        self._real = real
        self.failures = 1
        self.answered = asyncio.Event()

    async def transact_beside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.failures:
            self.failures -= 1
            raise UnavailableError("The database does not answer; try again in a moment.")
        done = await self._real.transact_beside(work, *args, **kwargs)
        self.answered.set()
        return done


def test_what_cannot_be_written_is_kept_for_the_next_time(
    world: World, files: list[ArtifactView]
) -> None:
    downloads = Downloads(Flaky(world.database), world.clock)
    downloads.count(files[0].id)
    with pytest.raises(UnavailableError):
        world.run(downloads.flush())
    downloads.count(files[0].id)
    world.run(downloads.flush())
    assert world.run(world.registry.download_counts.of_files([files[0].id])) == {files[0].id: 2}


def test_it_writes_from_time_to_time_and_outlives_a_failure(
    world: World, files: list[ArtifactView], caplog: pytest.LogCaptureFixture
) -> None:
    flaky = Flaky(world.database)
    downloads = Downloads(flaky, world.clock, pause=0.01)
    downloads.count(files[0].id)

    async def serve() -> None:
        running = asyncio.create_task(downloads.run())
        await asyncio.wait_for(flaky.answered.wait(), 30)
        running.cancel()
        await asyncio.wait([running])

    world.run(serve())
    assert "could not be written" in caplog.text
    assert world.run(world.registry.download_counts.of_files([files[0].id])) == {files[0].id: 1}


def test_a_flood_is_written_at_a_clean_stop(world: World, files: list[ArtifactView]) -> None:
    downloads = world.registry.downloads

    async def serve() -> None:
        running = asyncio.create_task(downloads.run())
        await asyncio.sleep(0)
        for _ in range(500):
            downloads.count(files[0].id)
        running.cancel()
        await asyncio.wait([running])

    world.run(serve())
    assert world.run(world.registry.download_counts.of_files([files[0].id])) == {files[0].id: 500}
