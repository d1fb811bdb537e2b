"""The requests that conda, micromamba and py-rattler really made, sent again byte for byte.

They were recorded outside this repository, against a server with a public channel ``pub`` and a
private one ``priv``; the tests need that recording and are skipped without it.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.builders import package
from tests.site import Site

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "requests"
RECORDED_TOKEN = "secret-token-1"
STOCK = (
    package("leaf", "0.1", build="h4616a5c_0"),
    package("exporter", "3.1", build="h4616a5c_0"),
    package("epoch-pkg", "1!2.0", build="h4616a5c_0"),
    package("epoch-pkg", "1!2.0", build="h4616a5c_0", extension="tar.bz2"),
)


@dataclass(frozen=True)
class Recorded:
    client: str
    label: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    status: int

    @property
    def expected(self) -> set[int]:
        """What the client can go on from; documents that are not offered are 404."""
        file = self.path.rpartition("/")[2]
        if self.status == 401:
            return {401}
        if file.startswith("repodata_shards."):
            return {200}
        if file.startswith("current_repodata.") or file.endswith((".msgpack.zst", ".bz2")):
            return {200} if file.endswith(".tar.bz2") else {404}
        return {self.status}


def recorded() -> Iterator[Recorded]:
    for file in sorted(RECORDINGS.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            found = json.loads(line)
            if found["method"] != "POST":  # the bodies of uploads were not kept
                headers = tuple((name, value) for name, value in found["headers"])
                facts = (found["label"], found["method"], found["path"], headers, found["status"])
                yield Recorded(file.stem, *facts)


@pytest.fixture(scope="module")
def stocked(site: Site) -> Site:
    for name, *kind in (("pub",), ("priv", "--private")):
        site.command("channel", "create", name, "--owner", "olga", *kind)
        site.publish(name, *STOCK)
    return site


def ours(text: str, token: str) -> str:
    """Put our token where the recorded one stood, plain or in Basic."""
    before, after = (
        base64.b64encode(f"user:{t}".encode()).decode() for t in (RECORDED_TOKEN, token)
    )
    return text.replace(RECORDED_TOKEN, token).replace(before, after)


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recorded requests are not here")
@pytest.mark.parametrize(
    "client", ["conda-classic", "conda-rattler", "micromamba", "micromamba-1.5", "py-rattler"]
)
def test_each_request_of_a_client_gets_the_answer_it_needs(stocked: Site, client: str) -> None:
    asked = [request for request in recorded() if request.client == client]
    assert asked
    connection = HTTPConnection(urlsplit(stocked.url).netloc)
    unexpected: list[str] = []
    for request in asked:
        connection.putrequest(
            request.method, ours(request.path, stocked.token), skip_accept_encoding=True
        )
        for name, value in request.headers:
            connection.putheader(name, ours(value, stocked.token))
        connection.endheaders()
        response = connection.getresponse()
        body = response.read()
        length = int(response.headers["Content-Length"])
        whole = len(body) == (0 if request.method == "HEAD" else length)
        if response.status not in request.expected or not whole:
            unexpected.append(f"{response.status}, {len(body)} of {length} bytes: {request}")
    connection.close()
    assert unexpected == []
