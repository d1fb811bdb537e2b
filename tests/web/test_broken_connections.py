"""PostgreSQL breaks off at every statement of every kind of request, before it or after it.

Each time the request succeeds, or says that it may be repeated; repeated at once it succeeds,
and nothing is there by halves.
"""

import itertools
import json
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import Built, package
from tests.databases import drop, postgres_of, query, server
from tests.postgres_line import Moment, PostgresLine
from tests.processes import serving
from tests.server import Client, with_people
from tests.waiting import PATIENCE, until
from tests.web.reading import digests_by_file, said

MOST = 150
"""Statements that no request comes to."""
CREATE = "mutation($n: String!) {createChannel(name: $n) {name}}"
PACKAGES = """query($n: String!) {channel(name: $n) {
    ownerLogin packages {page {name latestVersion {version}}}}}"""
DELETE = """mutation($n: String!, $p: [String!]!) {
    startBatchDeletePackages(channelName: $n, packageNames: $p) {id}}"""
FOLLOW = "subscription($n: String!) {channelChanged(name: $n) {action filename}}"
RESULTS = "SELECT state, result FROM job_item"
names = (f"name{number}" for number in itertools.count())


@dataclass(frozen=True)
class Site:
    """A server, the line to its database, the database itself, and who asks."""

    line: PostgresLine
    database: str
    log: Path
    olga: Client
    channel: str

    def at_every_statement(self, ask: Callable[[], httpx.Response]) -> Iterator[httpx.Response]:
        """Send a request again and again; break off one statement later each time.

        Yield the answers of those during which the line broke.
        """
        for moment in Moment:
            for number in range(1, MOST):
                self.line.break_at(number, moment)
                answer = ask()
                if not self.line.mend():
                    break
                yield answer
            else:
                pytest.fail("the request never came to its end")

    def asked(self, text: str, **variables: object) -> httpx.Response:
        body = {"query": text, "variables": variables}
        return self.olga.request("POST", "/api/graphql", json=body)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    server()  # or the test is skipped
    folder = tmp_path_factory.mktemp("broken")
    database = postgres_of(folder)
    token = with_people(folder / "data", GRAPHREPO_DATABASE=database)["olga"]
    line = PostgresLine(database, folder)
    with (
        serving(folder / "data", env={"GRAPHREPO_DATABASE": line.url}) as started,
        httpx.Client(base_url=started.url, timeout=60, trust_env=False) as http,
    ):
        olga = Client(http, "olga", token)
        channel = olga.create_channel(is_public=False)
        yield Site(line, database, folder / "data.log", olga, channel)
    line.close()
    drop(database)


@pytest.fixture(autouse=True)
def nothing_unexpected(site: Site) -> Generator[None]:
    yield
    assert "internal_error" not in site.log.read_text()
    assert " 500" not in site.log.read_text()


def may_be_repeated(answer: httpx.Response) -> bool:
    """Return whether the answer, which is no success, says that it may be sent again."""
    return answer.status_code == 503 and "retry-after" in answer.headers


def code_of(answer: httpx.Response) -> str | None:
    """Return the code of the failure of a GraphQL operation."""
    answer.raise_for_status()
    errors: list[dict[str, Any]] = answer.json().get("errors", [])
    return errors[0]["extensions"]["code"] if errors else None


def test_an_upload_is_whole_or_absent(site: Site) -> None:
    sent: list[Built] = []

    def upload() -> httpx.Response:
        sent.append(package(next(names)))
        return site.olga.upload(site.channel, sent[-1])

    for answer in site.at_every_statement(upload):
        assert answer.status_code in {200, 201} or may_be_repeated(answer), answer.text
        assert site.olga.upload(site.channel, sent[-1]).is_success
    repodata = said("repodata.json", site.olga.get(f"/{site.channel}/noarch/repodata.json").content)
    assert {built.filename: built.sha256 for built in sent}.items() <= (
        digests_by_file(repodata).items()
    )
    told = "SELECT details::json ->> 'filename' FROM event WHERE action = 'upload' ORDER BY id"
    assert [name for (name,) in query(site.database, told)] == [each.filename for each in sent]


@pytest.mark.parametrize("name", ["repodata.json", "repodata_shards.msgpack.zst", "{file}"])
def test_what_is_read_is_right_or_can_be_read_again(site: Site, name: str) -> None:
    built = package(next(names))
    site.olga.publish(site.channel, built)
    path = f"/{site.channel}/noarch/{name.format(file=built.filename)}"
    right = site.olga.get(path).content

    def read() -> httpx.Response:
        site.olga.ask(CREATE, n=next(names))  # so that nothing is remembered
        return site.olga.get(path)

    for answer in site.at_every_statement(lambda: site.olga.get(path)):
        assert answer.content == right or may_be_repeated(answer), answer.text
        assert read().content == right


def test_a_query_is_answered_or_can_be_sent_again(site: Site) -> None:
    right = site.asked(PACKAGES, n=site.channel)
    assert code_of(right) is None
    for answer in site.at_every_statement(lambda: site.asked(PACKAGES, n=site.channel)):
        assert (
            may_be_repeated(answer)
            or code_of(answer) == "unavailable"
            or (answer.content == right.content)
        )
        assert site.asked(PACKAGES, n=site.channel).content == right.content


def test_a_mutation_is_done_whole_or_not_at_all(site: Site) -> None:
    made: list[str] = []

    def create() -> httpx.Response:
        made.append(next(names))
        return site.asked(CREATE, n=made[-1])

    for answer in site.at_every_statement(create):
        assert may_be_repeated(answer) or code_of(answer) in {None, "unavailable"}
        assert code_of(site.asked(CREATE, n=made[-1])) in {None, "already_exists"}
        channel = site.asked(PACKAGES, n=made[-1]).json()["data"]["channel"]
        assert channel["ownerLogin"] == "olga"


def test_who_signs_in_is_let_in_or_may_try_again(site: Site) -> None:
    def sign_in() -> httpx.Response:
        credentials = {"login": "olga", "password": "correct horse battery"}
        with httpx.Client(base_url=site.olga.url, trust_env=False, timeout=PATIENCE) as http:
            return http.post("/api/auth/login", json=credentials)

    for answer in site.at_every_statement(sign_in):
        assert answer.is_success or may_be_repeated(answer), answer.text
        assert sign_in().is_success


@contextmanager
def following(site: Site) -> Generator[Iterator[dict[str, Any]]]:
    """Follow the channel; yield what comes, once the stream is there."""
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {site.olga.token}"}
    body = {"query": FOLLOW, "variables": {"n": site.channel}}
    with site.olga.http.stream("POST", "/api/graphql", json=body, headers=headers) as answer:
        lines = (line for line in answer.iter_lines() if line.startswith("data: "))
        yield (json.loads(line.removeprefix("data: ")) for line in lines)


def test_who_follows_hears_of_changes_after_the_line_broke(site: Site) -> None:
    with following(site) as heard:
        for moment in itertools.islice(itertools.cycle(Moment), 6):
            built = package(next(names))
            site.line.break_at(3, moment)
            until(lambda: site.line.has_broken)
            while may_be_repeated(site.olga.upload(site.channel, built)):
                pass
            event = next(heard)["data"]["channelChanged"]
            assert event == {"action": "upload", "filename": built.filename}


def test_a_job_waits_until_the_database_is_there_again(site: Site) -> None:
    packages = [package(next(names)) for _ in range(4)]
    site.olga.publish(site.channel, *packages)
    wanted = [built.filename.partition("-")[0] for built in packages]
    site.line.break_at(40, Moment.UNSEEN)
    site.olga.ask(DELETE, n=site.channel, p=wanted)
    until(lambda: query(site.database, "SELECT 1 FROM job WHERE finished_at IS NULL") == [])
    assert site.line.mend()
    found = query(site.database, RESULTS)
    assert [state for state, _ in found] == ["done"] * len(wanted), found
