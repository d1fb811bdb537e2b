"""Download counts over GraphQL."""

from datetime import timedelta

import pytest

from tests.builders import package
from tests.clocks import HandClock
from tests.graphql.asking import Api
from tests.graphql.test_statements import fill, statements
from tests.registry.world import Person, World

COUNTS = """query($aggregateBy: [DownloadCountAggregate!], $versions: [String!]) {
    package(channelName: "lab", name: "zlib") {
        downloadCounts(aggregateBy: $aggregateBy, versions: $versions) {
            version platform count } } }"""
MONTHS = """query($versions: [String!], $start: NaiveDate, $end: NaiveDate,
        $by: [MonthlyDownloadCountAggregate!]) {
    package(channelName: "lab", name: "zlib") {
        monthlyCount(versions: $versions, startDate: $start, endDate: $end, aggregateBy: $by) {
            version platform counts { month count } } } }"""
EVERYTHING = """{ channels(limit: 5) { page {
    totalCount { packageName count } monthlyCount { month count }
    packages(limit: 5) { page { totalCount downloadCounts(aggregateBy: [VERSION]) { count }
        monthlyCount(aggregateBy: [PLATFORM]) { counts { month } }
        versions(limit: 5) { page { totalCount } }
        variants(limit: 5) { page { totalDownloads } } } } } } }"""


@pytest.fixture
def downloaded(world: World, clock: HandClock) -> None:
    """Where zlib is, download 1.9 once in January; each file of 1.10 twice in February."""
    stored = [
        world.nobody.find("lab", subdir, f"zlib-{version}-0.conda").artifact_id
        for version, subdir in (("1.9", "linux-64"), ("1.10", "linux-64"), ("1.10", "osx-64"))
    ]
    old, *new = [ident for ident in stored if ident is not None]
    world.registry.downloads.count(old)
    clock.advance(timedelta(days=31))
    for ident in (*new, *new):
        world.registry.downloads.count(ident)
    world.run(world.registry.downloads.flush())


@pytest.mark.usefixtures("zlib", "downloaded")
def test_totals_of_channel_package_version_and_file(api: Api, owner: Person) -> None:
    told = api.ask(
        owner,
        """{ channel(name: "lab") { totalCount { packageName count } monthlyCount { month count }
            packages { page { name totalCount versions { page { version totalCount } }
                latestVersion { totalCount } variants { page { totalDownloads } } } } } }""",
    ).data["channel"]
    assert told["totalCount"] == [{"packageName": "zlib", "count": 5}]
    assert told["monthlyCount"] == [
        {"month": "2026-01-01", "count": 1},
        {"month": "2026-02-01", "count": 4},
    ]
    libpng, zlib = told["packages"]["page"]
    assert (libpng["totalCount"], zlib["totalCount"]) == (0, 5)
    assert zlib["latestVersion"] == {"totalCount": 4}
    assert zlib["versions"]["page"] == [
        {"version": "1.10", "totalCount": 4},
        {"version": "1.9", "totalCount": 1},
    ]
    assert [file["totalDownloads"] for file in zlib["variants"]["page"]] == [2, 2, 1]


@pytest.mark.usefixtures("zlib", "downloaded")
def test_counts_by_version_and_platform(api: Api, owner: Person) -> None:
    def counts(**how: object) -> list[tuple[str | None, str | None, int]]:
        told = api.ask(owner, COUNTS, **how).data["package"]["downloadCounts"]
        return [(one["version"], one["platform"], one["count"]) for one in told]

    assert counts() == [(None, None, 5)]
    assert counts(aggregateBy=["VERSION"]) == [("1.10", None, 4), ("1.9", None, 1)]
    assert counts(aggregateBy=["PLATFORM"], versions=["1.9"]) == [(None, "linux-64", 1)]
    assert counts(aggregateBy=["VERSION", "PLATFORM"], versions=["1.10"]) == [
        ("1.10", "linux-64", 2),
        ("1.10", "osx-64", 2),
    ]
    assert counts(versions=["9"]) == []


@pytest.mark.usefixtures("zlib", "downloaded")
def test_months_between_days(api: Api, owner: Person) -> None:
    def months(**how: object) -> list[tuple[str | None, str | None, dict[str, int]]]:
        told = api.ask(owner, MONTHS, **how).data["package"]["monthlyCount"]
        return [
            (
                one["version"],
                one["platform"],
                {month["month"]: month["count"] for month in one["counts"]},
            )
            for one in told
        ]

    january, february = "2026-01-01", "2026-02-01"
    assert months() == [(None, None, {january: 1, february: 4})]
    assert months(by=["VERSION"], start="2026-02-01") == [("1.10", None, {february: 4})]
    assert months(by=["PLATFORM"], end="2026-01-31") == [(None, "linux-64", {january: 1})]
    assert months(versions=["1.9"], start="2026-02-01") == []


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026-1-1", "20260101", 5, True])
def test_a_day_is_written_as_one(api: Api, owner: Person, day: object) -> None:
    answer = api.ask(owner, MONTHS, start=day)
    assert answer.codes == ["invalid_request"]
    assert "NaiveDate" in answer.messages[0]


def test_nothing_downloaded_is_no_count(api: Api, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    assert api.ask(owner, COUNTS).data["package"]["downloadCounts"] == []
    assert api.ask(owner, MONTHS).data["package"]["monthlyCount"] == []
    told = api.ask(
        owner, '{ channel(name: "lab") { totalCount { count } monthlyCount { count } } }'
    )
    assert told.data["channel"] == {"totalCount": [], "monthlyCount": []}


def test_counts_cost_the_same_for_few_rows_and_many(api: Api, world: World, owner: Person) -> None:
    fill(world, owner, channels=1, packages=1)
    few = statements(api, owner, EVERYTHING)
    fill(world, owner, channels=3, packages=3)
    assert statements(api, owner, EVERYTHING) == few > 0
