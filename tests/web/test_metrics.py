"""``/metrics``: figures of one process, for whoever has the operator's token."""

import re

import pytest

from graphrepo.errors import NotAuthenticatedError, NotFoundError
from graphrepo.observability import RequestFacts
from graphrepo.web.metrics import Figures, Meter, kind_of
from tests.builders import package
from tests.server import running

TOKEN = "prometheus says so"
SERIES = re.compile(r'(\w+)\{pid="\d+",([^}]*)\} ([\d.]+)')
KINDS = {
    "GET /tools/noarch/repodata.json": "document",
    "GET /tools/rss.xml": "document",
    "GET /tools/noarch/zlib-1-0.conda": "package",
    "GET /tools/noarch/zlib-1-0.tar.bz2": "package",
    "GET /tools/noarch/shards/00.msgpack.zst": "shard",
    "PUT /tools/noarch/zlib-1-0.conda": "upload",
    "POST /api/v1/upload/tools": "upload",
    "POST /api/channels/tools/upload/zlib-1-0.conda": "upload",
    "DELETE /api/v1/delete/tools/noarch/zlib-1-0.conda": "api",
    "POST /api/auth/login": "session",
    "POST /api/graphql": "graphql",
    "WEBSOCKET /api/graphql": "graphql",
    "GET /ui/1/app.js": "asset",
    "GET /healthz": "health",
    "GET /metrics": "health",
    "GET /": "page",
    "GET /channels/tools": "page",
    "OPTIONS *": "page",
    "GET ": "page",
}


def facts(
    method: str = "GET", path: str = "/", status: int = 200, seconds: float = 0
) -> RequestFacts:
    return RequestFacts("id", method, path, status, 100, seconds, "", received=7)


def series(text: str) -> dict[tuple[str, str], float]:
    """Return what a page of figures says, by name and labels; each line of it must be good."""
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    found = [SERIES.fullmatch(line) for line in lines]
    assert all(found), lines
    return {(each[1], each[2]): float(each[3]) for each in found if each}


@pytest.mark.parametrize("asked", KINDS)
def test_addresses_are_told_apart_by_few_words(asked: str) -> None:
    method, _, path = asked.partition(" ")
    assert kind_of(method, path) == KINDS[asked]


def test_requests_and_bytes_are_counted() -> None:
    meter = Meter()
    for status in (200, 206, 404, 0):
        meter.note(facts("GET", "/tools/noarch/repodata.json", status))
    told = series(meter.text())
    labels = 'kind="document",method="GET",status='
    assert told["graphrepo_requests_total", f'{labels}"2xx"'] == 2
    assert told["graphrepo_requests_total", f'{labels}"4xx"'] == 1
    assert told["graphrepo_requests_total", f'{labels}"none"'] == 1
    assert told["graphrepo_sent_bytes_total", 'kind="document"'] == 400
    assert told["graphrepo_received_bytes_total", 'kind="document"'] == 28


def test_times_are_counted_up_to_each_bound() -> None:
    meter = Meter()
    for seconds in (0.0005, 0.005, 0.2, 100.0):
        meter.note(facts(seconds=seconds))
    told = series(meter.text())
    bounds = {"0.001": 1, "0.005": 2, "0.1": 2, "0.25": 3, "60.0": 3, "+Inf": 4}
    for bound, count in bounds.items():
        assert told["graphrepo_request_seconds_bucket", f'kind="page",le="{bound}"'] == count
    assert told["graphrepo_request_seconds_count", 'kind="page"'] == 4
    assert told["graphrepo_request_seconds_sum", 'kind="page"'] == 100.2055


def test_nothing_that_strangers_send_makes_a_series_of_its_own() -> None:
    meter = Meter()
    for number in range(50):
        meter.note(facts(f"BREW{number}", f'/channel{number}/"/{number}', 404))
    meter.note(facts("WEBSOCKET", "/api/graphql", 101, 3600))
    told = series(meter.text())
    assert {labels for name, labels in told if name == "graphrepo_requests_total"} == {
        'kind="document",method="other",status="4xx"',
        'kind="graphql",method="WEBSOCKET",status="1xx"',
    }
    assert ("graphrepo_request_seconds_count", 'kind="document"') in told
    assert ("graphrepo_request_seconds_count", 'kind="graphql"') not in told


@pytest.mark.parametrize("given", ["", TOKEN, f"Basic {TOKEN}", "Bearer wrong", "Bearer \xe9"])
def test_figures_are_for_whoever_has_the_token(given: str) -> None:
    figures = Figures(TOKEN, Meter())
    assert figures.shown_to(f"Bearer {TOKEN}").startswith("# HELP graphrepo_requests_total ")
    with pytest.raises(NotAuthenticatedError):
        figures.shown_to(given)


def test_without_a_token_there_are_none() -> None:
    meter = Meter()
    figures = Figures(None, meter)
    figures.note(facts())
    with pytest.raises(NotFoundError):
        figures.shown_to("Bearer ")
    assert series(meter.text()) == {}


def test_a_server_tells_what_it_did(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("metered") / "data"
    built = package("zlib", "1.3")
    with (
        running(data, "--server", "uvicorn", GRAPHREPO_METRICS_TOKEN=TOKEN) as server,
        server.client("olga") as olga,
        server.client() as prometheus,
    ):
        channel = olga.create_channel(is_public=False)
        olga.publish(channel, built)
        assert olga.get("/metrics").status_code == 401
        answer = prometheus.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    told = series(answer.text)
    uploads = 'kind="upload",method="POST",status="2xx"'
    assert told["graphrepo_requests_total", uploads] == 1
    assert told["graphrepo_received_bytes_total", 'kind="upload"'] == built.size
    assert channel not in answer.text
    assert TOKEN not in server.log.read_text()
