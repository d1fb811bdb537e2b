"""Every recorded request of a real client gets the answer that the client needs."""

import hashlib
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx
import msgpack
import pytest
import zstandard

from graphrepo.registry.requests import ChannelChange
from tests.builders import Built, package
from tests.clients.recordings import RECORDINGS, Recorded, Terms, clients, recorded
from tests.server import Client
from tests.site import Site
from tests.waiting import PATIENCE
from tests.web.reading import SHARD_INDEX, operating

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")

LEAF = package("leaf", "0.1", build="h4616a5c_0", depends=["exporter", "epoch-pkg"])
STOCK = (
    LEAF,
    package("exporter", "3.1", build="h4616a5c_0", run_exports={"weak": ["exporter >=3"]}),
    package("epoch-pkg", "1!2.0", build="h4616a5c_0"),
    package("epoch-pkg", "1!2.0", build="h4616a5c_0", extension="tar.bz2"),
)
READERS = [client for client in clients() if client != "rattler-build-upload"]
TYPES = {".json": "application/json", ".zst": "application/zstd"}
STEADY = ("etag", "last-modified", "cache-control", "content-type", "content-length", "vary")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Stage:
    """A server with the recorded channels; ``has_current`` as the recording one had."""

    url: str
    owner: Client
    terms: Terms
    has_current: bool

    def send(
        self,
        request: Recorded,
        *,
        method: str = "",
        more: Sequence[tuple[str, str]] = (),
    ) -> Answer:
        """Send a request as it was, byte for byte where nothing else is said."""
        head = [*self.terms.headers(request), *more]
        return self.send_raw(method or request.method, self.terms.path(request), head)

    def send_raw(
        self, method: str, path: str, head: Sequence[tuple[str, str]], body: bytes = b""
    ) -> Answer:
        """Send these headers and no others."""
        connection = HTTPConnection(urlsplit(self.url).netloc)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in head:
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, names, response.read())
        connection.close()
        return answer

    def expected(self, request: Recorded) -> int:
        """Return the status that the client goes on from as it did, or as well."""
        if request.status == 401:
            return 401
        if request.file.endswith(".bz2") and not request.file.endswith(".tar.bz2"):
            return 404  # rattler takes the zst that it asked for at the same time
        if request.file.startswith("current_repodata."):
            return 200 if self.has_current else 404  # then conda takes repodata.json.zst
        return request.status


@pytest.fixture(scope="module", params=[True, False], ids=["current_repodata", "none"])
def stage(request: pytest.FixtureRequest, site: Site) -> Generator[Stage]:
    has_current: bool = request.param
    with httpx.Client(base_url=site.url, trust_env=False, timeout=PATIENCE) as http:
        owner = Client(http, "olga", site.token)
        names = {kind: f"{kind}-{has_current}".lower() for kind in ("pub", "priv")}
        for kind, name in names.items():
            owner.ask(
                "mutation($n: String!, $p: Boolean) {createChannel(name: $n, isPublic: $p) {name}}",
                n=name,
                p=kind == "pub",
            )
            owner.publish(name, *STOCK)
        if has_current:
            with operating(site.data) as operator:
                update = operator.world.registry.channels.update
                for name in names.values():
                    change = ChannelChange(current_repodata=True)
                    operator.world.run(update(operator.viewer, name, change))
        shards = {kind: _current_shards(owner, name) for kind, name in names.items()}
        yield Stage(site.url, owner, Terms(site.token, names, shards), has_current)


def _current_shards(owner: Client, channel: str) -> list[str]:
    packed = owner.get(f"/{channel}/noarch/{SHARD_INDEX}").content
    named = msgpack.unpackb(zstandard.decompress(packed))["shards"]
    return [digest.hex() for _, digest in sorted(named.items())]


@pytest.mark.parametrize("client", READERS)
def test_each_request_gets_the_answer_that_the_client_needs(stage: Stage, client: str) -> None:
    wrong: list[str] = []
    for request in recorded(client):
        answer = stage.send(request)
        faults = [f"{answer.status}, not {stage.expected(request)}"]
        if answer.status == stage.expected(request):
            faults = _faults(request, answer)
        wrong += [f"{request}: {fault}" for fault in faults]
    assert wrong == []


@pytest.mark.parametrize("client", READERS)
def test_head_and_get_say_the_same_to_each_client(stage: Stage, client: str) -> None:
    for request in recorded(client):
        got, headed = (stage.send(request, method=method) for method in ("GET", "HEAD"))
        assert (headed.status, headed.body) == (got.status, b""), str(request)
        assert len(got.body) == int(got.headers["content-length"])
        for name in STEADY:
            assert headed.headers.get(name) == got.headers.get(name), f"{request}: {name}"


@pytest.mark.parametrize("client", READERS)
def test_a_client_with_a_warm_cache_is_told_that_nothing_changed(stage: Stage, client: str) -> None:
    """Both validators go along, as conda and micromamba send them."""
    for request in recorded(client):
        fresh = stage.send(request)
        if fresh.status != 200:
            continue
        known = [
            ("If-None-Match", fresh.headers["etag"]),
            ("If-Modified-Since", fresh.headers["last-modified"]),
        ]
        answer = stage.send(request, more=known)
        assert (answer.status, answer.body) == (304, b""), str(request)
        assert answer.headers["etag"] == fresh.headers["etag"]


def _faults(request: Recorded, answer: Answer) -> list[str]:
    """Return what is wrong with an answer of the right status."""
    headers = answer.headers
    if answer.status == 401:
        return [] if "www-authenticate" in headers else ["nothing says how to sign in"]
    if answer.status != 200:
        return []
    whole = 0 if request.method == "HEAD" else int(headers["content-length"])
    digest = hashlib.sha256(answer.body).hexdigest()
    is_artifact = request.file.endswith((".conda", ".tar.bz2"))
    kind = "application/octet-stream" if is_artifact else TYPES[_suffix(request.file)]
    faults = {
        "the body is cut short": len(answer.body) != whole,
        "it is encoded": "content-encoding" in headers,
        "it is redirected": "location" in headers,
        "the tag is not its hash": bool(whole) and headers["etag"] != f'"{digest}"',
        "no age in digits": re.search(r"max-age=[0-9]+", headers["cache-control"]) is None,
        "no date": "last-modified" not in headers,
        "not its type": headers["content-type"] != kind,
        "its tag would be dropped": request.file == SHARD_INDEX
        and re.search("private|no-store|no-cache", headers["cache-control"]) is not None,
        "not the shard of this name": bool(request.shard and whole)
        and digest not in headers["etag"],
    }
    return [fault for fault, is_so in faults.items() if is_so]


def _suffix(name: str) -> str:
    return f".{name.rpartition('.')[2]}"


# The bodies of uploads were not kept: each is made again in the recorded form, once with the
# bytes that are in the channel and once with others under the same name. A repetition after a
# lost answer is no conflict, though the recording server said so.

OTHER = package("leaf", "0.1", build="h4616a5c_0", about={"summary": "Other bytes"})
WANTED = {
    "prefix, wrong key": (401, 401),
    "prefix, force": (200, 201),
    "prefix, again -> conflict": (200, 409),
    "prefix, again, skip_existing": (200, 409),
    "quetz, exists -> conflict": (200, 409),
}


def test_each_upload_gets_the_answer_that_the_uploader_needs(stage: Stage) -> None:
    requests = list(recorded("rattler-build-upload"))
    assert {request.label for request in requests} == WANTED.keys()
    for request in requests:
        for built, status in zip((LEAF, OTHER), WANTED[request.label], strict=True):
            restore(stage)
            answer = upload(stage, request, built)
            assert answer.status == status, f"{request}: {answer.body!r}"
            if status >= 400:  # one sentence, of which the person sees 512 characters
                assert re.fullmatch(r"[^\n]{10,510}\.\n", answer.body.decode())


def restore(stage: Stage) -> None:
    stage.owner.upload(stage.terms.channels["priv"], LEAF, params={"force": "true"})


def upload(stage: Stage, request: Recorded, built: Built) -> Answer:
    headers = dict(stage.terms.headers(request))
    body = _body(headers, built)
    if "content-length" in headers:
        headers["content-length"] = str(len(body))
    path = re.sub(r"sha256=[0-9a-f]{64}", f"sha256={built.sha256}", stage.terms.path(request))
    return stage.send_raw(request.method, path, list(headers.items()), body)


def _body(headers: dict[str, str], built: Built) -> bytes:
    boundary = headers.get("content-type", "").partition("boundary=")[2]
    if not boundary:
        return b"%x\r\n%b\r\n0\r\n\r\n" % (built.size, built.data)  # chunked
    head = (
        f"--{boundary}",
        f'Content-Disposition: form-data; name="file"; filename="{built.filename}"',
        "Content-Type: application/octet-stream",
        f"X-File-Name: {built.filename}",
        f"X-File-SHA256: {built.sha256}",
        "",
        "",
    )
    return "\r\n".join(head).encode() + built.data + f"\r\n--{boundary}--\r\n".encode()
