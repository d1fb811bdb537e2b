"""What goes on beside the requests of a real server, through stops and crashes."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import httpx
import psutil
import pytest

from tests.builders import Built, package
from tests.processes import serving
from tests.server import Client, Server, running
from tests.waiting import until

ZLIB = package("zlib", files={"share/zlib.txt": b"z" * 2000})
TOTALS = """query($channel: String!) { channel(name: $channel) {
    totalCount { packageName count }
    packages { page { totalCount variants { page { totalDownloads } } } } } }"""
COPY = """mutation($channel: String!, $packages: [PackageUrlInput!]!) {
    copyPackagesFromUrls(channelName: $channel, packages: $packages) { id state } }"""
JOB = """query($id: ID!) { backgroundJob(id: $id) {
    state total done failed results { item ok code message } } }"""


@contextmanager
def restarted(server: Server, **variables: str) -> Generator[Client]:
    """Serve the data of a server that has ended, and be olga there."""
    with serving(server.data, env=variables) as again:
        token = server.tokens["olga"]
        with httpx.Client(base_url=again.url, timeout=60, trust_env=False) as http:
            yield Client(http, "olga", token)


@pytest.mark.parametrize("kind", ["granian", "uvicorn"])
def test_downloads_are_counted_and_none_is_lost_at_a_clean_stop(tmp_path: Path, kind: str) -> None:
    with running(tmp_path / "data", "--server", kind) as server, server.client("olga") as olga:
        channel = olga.create_channel()
        olga.publish(channel, ZLIB)
        path = f"/{channel}/noarch/{ZLIB.filename}"
        whole = olga.get(path)
        assert whole.content == ZLIB.data
        counted: list[dict[str, str]] = [
            {},
            {"Range": "bytes=0-9"},
            {"Range": f"bytes=-{ZLIB.size}"},
        ]
        for headers in counted:
            assert olga.get(path, headers=headers).is_success
        for headers in ({"Range": "bytes=10-"}, {"If-None-Match": whole.headers["etag"]}):
            assert olga.get(path, headers=headers).status_code in {206, 304}
        assert olga.head(path).is_success
        assert olga.get(f"/{channel}/noarch/repodata.json").is_success
        assert olga.get(f"/{channel}/noarch/nothing-1-0.conda").status_code == 404
    with restarted(server) as olga:
        told = olga.ask(TOTALS, channel=channel)["channel"]
    assert told == {
        "totalCount": [{"packageName": "zlib", "count": 4}],
        "packages": {"page": [{"totalCount": 4, "variants": {"page": [{"totalDownloads": 4}]}}]},
    }


class Elsewhere(ThreadingHTTPServer):
    """Another server with packages; ``held`` ones are not sent before ``release``."""

    daemon_threads = True

    def __init__(self, *packages: Built, held: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.packages = {f"/{built.filename}": built.data for built in packages}
        self.held = f"/{held}"
        self.asked: list[str] = []
        self.was_asked_for_held = Event()
        self.release = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Elsewhere  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        data = self.server.packages[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.path == self.server.held:
            self.wfile.write(data[:10])
            self.server.was_asked_for_held.set()
            if not self.server.release.wait(60):
                return
            data = data[10:]
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
        """Say nothing."""


@contextmanager
def elsewhere(*packages: Built, held: str = "") -> Generator[Elsewhere]:
    """Serve packages from another server."""
    with Elsewhere(*packages, held=held) as site:
        thread = Thread(target=site.serve_forever)
        thread.start()
        try:
            yield site
        finally:
            site.release.set()
            site.shutdown()
            thread.join()


def kill(process: int) -> None:
    """End a server and its workers as a loss of power would."""
    parent = psutil.Process(process)
    everybody = [parent, *parent.children(recursive=True)]
    for one in everybody:
        one.send_signal(signal.SIGKILL)
    psutil.wait_procs(everybody, timeout=10)


def copy(olga: Client, channel: str, site: Elsewhere, *packages: Built) -> str:
    sources = [
        {"url": f"{site.url}/{built.filename}", "sha256": built.sha256} for built in packages
    ]
    return olga.ask(COPY, channel=channel, packages=sources)["copyPackagesFromUrls"]["id"]


def test_a_job_goes_on_after_the_server_was_killed(tmp_path: Path) -> None:
    packages = [package(name) for name in ("alpha", "beta", "gamma")]
    allowed = {"GRAPHREPO_ALLOW_PRIVATE_SOURCES": "yes"}
    with elsewhere(*packages, held=packages[1].filename) as site:
        with running(tmp_path / "data", **allowed) as server, server.client("olga") as olga:
            channel = olga.create_channel()
            job = copy(olga, channel, site, *packages)
            assert site.was_asked_for_held.wait(30)
            told = olga.ask(JOB, id=job)["backgroundJob"]
            assert (told["state"], told["done"], told["total"]) == ("RUNNING", 1, 3)
            kill(server.process)
        site.held = ""
        with restarted(server, **allowed) as olga:
            until(lambda: olga.ask(JOB, id=job)["backgroundJob"]["state"] == "DONE")
            told = olga.ask(JOB, id=job)["backgroundJob"]
            assert (told["done"], told["failed"]) == (3, 0)
            listed = olga.get(f"/{channel}/noarch/repodata.json").json()["packages.conda"]
    assert set(listed) == {built.filename for built in packages}
    first, second, third = (f"/{built.filename}" for built in packages)
    assert site.asked == [first, second, second, third]


def test_the_server_is_not_sent_inside_unless_its_operator_says_so(owner: Client) -> None:
    channel = owner.create_channel()
    with elsewhere(ZLIB) as site:
        job = copy(owner, channel, site, ZLIB)
        until(lambda: owner.ask(JOB, id=job)["backgroundJob"]["state"] == "FAILED")
        (result,) = owner.ask(JOB, id=job)["backgroundJob"]["results"]
        assert (result["ok"], result["code"]) == (False, "source_forbidden")
        assert site.asked == []


def test_own_files_are_copied_by_any_of_their_addresses(owner: Client) -> None:
    source, target = owner.create_channel(is_public=False), owner.create_channel()
    owner.publish(source, ZLIB)
    path = f"/{source}/noarch/{ZLIB.filename}"
    packages = [{"url": f"{owner.url}{path}", "sha256": ZLIB.sha256}]
    job = owner.ask(COPY, channel=target, packages=packages)["copyPackagesFromUrls"]["id"]
    until(lambda: owner.ask(JOB, id=job)["backgroundJob"]["state"] in {"DONE", "FAILED"})
    assert owner.ask(JOB, id=job)["backgroundJob"]["results"] == [
        {"item": path, "ok": True, "code": None, "message": None}
    ]
    assert owner.get(f"/{target}/noarch/{ZLIB.filename}").content == ZLIB.data


def test_a_twin_appears_beside_an_upload(owner: Client) -> None:
    channel = owner.create_channel()
    owner.ask(
        "mutation($name: String!) { updateChannel(name: $name, convertTarBz2: true) { name } }",
        name=channel,
    )
    built = package("zlib", extension="tar.bz2")
    owner.publish(channel, built)
    twin = f"/{channel}/noarch/zlib-1.0-0.conda"
    until(lambda: owner.head(twin).is_success)
    record = owner.get(f"/{channel}/noarch/repodata.json").json()["packages.conda"][
        "zlib-1.0-0.conda"
    ]
    assert (record["legacy_bz2_md5"], record["legacy_bz2_size"]) == (built.md5, built.size)
