"""Too much at once is answered with 429 and the seconds to wait, by every way in."""

from collections.abc import Generator

import pytest

from tests.builders import package
from tests.server import Client, Server, running
from tests.web.wire import connected

PATHS = '{ paths(pattern: "libz") { totalCount } viewer { login } }'
BUILT = package("zlib")


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    data = tmp_path_factory.mktemp("strict") / "data"
    few = {"GRAPHREPO_ANONYMOUS_SEARCHES": "2", "GRAPHREPO_UPLOADS_PER_KEY": "1"}
    with running(data, **few) as started:
        yield started


@pytest.fixture
def olga(strict: Server) -> Generator[Client]:
    with strict.client("olga") as client:
        yield client


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stranger_is_told_to_wait_and_people_are_not(
    strict: Server, olga: Client, method: str
) -> None:
    origin = {"X-Forwarded-For": f"203.0.113.{len(method)}"}

    def ask(client: Client) -> tuple[int, dict[str, object], str]:
        sent = {"params": {"query": PATHS}} if method == "GET" else {"json": {"query": PATHS}}
        answer = client.request(method, "/api/graphql", headers=origin, **sent)  # pyright: ignore[reportArgumentType]
        return answer.status_code, answer.json(), answer.headers.get("retry-after", "")

    with strict.client() as nobody:
        assert [ask(nobody)[0] for _ in range(2)] == [200, 200]
        status, body, wait = ask(nobody)
        assert (status, body["errors"][0]["extensions"]["code"]) == (429, "too_many_searches")  # pyright: ignore[reportIndexIssue]
        assert 1 <= int(wait) <= 30
    assert {ask(olga)[0] for _ in range(5)} == {200}


def test_one_more_upload_of_a_key_is_refused_before_its_body(strict: Server, olga: Client) -> None:
    channel = olga.create_channel()
    path = f"/api/v1/upload/{channel}"
    with connected(strict) as slow:
        bearer = f"Authorization: Bearer {olga.token}"
        length = f"Content-Length: {len(BUILT.data)}"
        name = f"X-File-Name: {BUILT.filename}"
        slow.ask("POST", path, bearer, length, name, "Expect: 100-continue")
        assert "100 continue" in slow.read_head()  # its body is being waited for
        refused = olga.upload(channel, BUILT)
        assert refused.status_code == 429
        assert refused.headers["x-graphrepo-error"] == "too_many_uploads"
        assert refused.headers["retry-after"] == "5"
        with strict.client() as other:
            mine = Client(other.http, "olga", olga.create_key())
            assert mine.upload(channel, package("other")).status_code == 201
        slow.send(BUILT.data)
        assert " 201 " in slow.read_head()
    assert olga.upload(channel, BUILT).status_code == 200


def test_a_form_of_graphql_counts_as_an_upload(strict: Server, olga: Client) -> None:
    channel = olga.create_channel()
    with connected(strict) as slow:
        bearer = f"Authorization: Bearer {olga.token}"
        slow.ask(
            "POST",
            f"/api/v1/upload/{channel}",
            bearer,
            "Content-Length: 9",
            "X-File-Name: a",
            "Expect: 100-continue",
        )
        assert "100 continue" in slow.read_head()
        form = [("operations", (None, b"{}", "application/json", dict[str, str]()))]
        refused = olga.request("POST", "/api/graphql", files=form)
        assert refused.status_code == 429


def test_tokens_that_are_no_good_are_never_counted(strict: Server, olga: Client) -> None:
    channel = olga.create_channel()
    forged = {"Authorization": f"Bearer gr-{'A' * 40}", "X-Forwarded-For": "203.0.113.99"}
    with strict.client() as nobody:
        answers = [nobody.get(f"/{channel}/noarch/repodata.json", headers=forged) for _ in range(9)]
    assert {answer.status_code for answer in answers} == {200}
