"""What machines that watch the server see."""

import shutil
from collections.abc import Generator

import pytest

from tests.builders import package
from tests.server import Client, Server, running
from tests.waiting import until
from tests.web.conftest import Shelf

pytestmark = pytest.mark.both_servers


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_healthy_server_says_so(nobody: Client, path: str, method: str) -> None:
    answer = nobody.request(method, path)
    assert answer.status_code == 200
    assert answer.text == ("ok\n" if method == "GET" else "")
    assert answer.headers["cache-control"] == "no-store"
    assert nobody.request("POST", path).status_code == 405


@pytest.mark.parametrize(
    "path", ["/healthz", "/", "/graphiql", "/api/nothing", "/api/graphql?query={viewer{login}}"]
)
def test_every_answer_is_guarded_and_numbered(nobody: Client, path: str) -> None:
    answer = nobody.get(path)
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert len(answer.headers["x-request-id"]) == 16


def test_two_answers_have_two_numbers(nobody: Client) -> None:
    first, second = nobody.get("/healthz"), nobody.get("/healthz")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def line_of(server: Server, number: str) -> str:
    """Return the only line of the log about a request; it comes after the answer."""
    until(lambda: number in server.log.read_text())
    (line,) = [line for line in server.log.read_text().splitlines() if number in line]
    return line


def test_one_line_is_logged_for_each_request(server: Server, member: Client, shelf: Shelf) -> None:
    answer = member.get(f"/{shelf.private}/noarch/repodata.json?secret=query")
    number = answer.headers["x-request-id"]
    line = line_of(server, number)
    assert f"GET /{shelf.private}/noarch/repodata.json 200 {len(answer.content)}B" in line
    assert line.endswith(f"id={number} user=mia from=127.0.0.1")
    assert "secret" not in line


def test_a_path_stays_on_its_line_of_the_log(server: Server, nobody: Client) -> None:
    number = nobody.get("/lab/%0aGET%20/forged/%1b[31m").headers["x-request-id"]
    line = line_of(server, number)
    assert "\\nGET /forged/\\x1b[31m" in line


@pytest.fixture
def broken(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    with running(tmp_path_factory.mktemp("broken") / "data", "--server", "uvicorn") as server:
        yield server


def test_without_its_store_a_server_is_alive_and_not_ready(broken: Server) -> None:
    with broken.client() as client:
        assert client.get("/readyz").status_code == 200
        shutil.rmtree(broken.data / "blobs")
        (broken.data / "blobs").write_bytes(b"in the way")
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "5"
        assert answer.text.startswith("The server's storage cannot be used")


def test_a_lost_blob_is_told_before_the_status_is_sent(broken: Server) -> None:
    lost = package("lost")
    with broken.client("olga") as olga:
        channel = olga.create_channel()
        olga.publish(channel, lost)
        path = f"/{channel}/noarch/{lost.filename}"
        assert olga.get(path).content == lost.data
        shutil.rmtree(broken.data / "blobs" / "blobs")
        for method in ("GET", "HEAD"):
            answer = olga.request(method, path)
            assert answer.status_code == 500
            assert answer.headers["x-graphrepo-error"] == "blob_missing"
