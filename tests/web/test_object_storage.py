"""The real server with its files in a real object store, by redirect and by proxy."""

import random
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.builders import package
from tests.clients.conftest import Home
from tests.processes import run
from tests.s3 import KEYS, S3Server
from tests.server import Client, Server, running
from tests.waiting import PATIENCE

CONTENT = {"share/big/noise": random.Random(5).randbytes(1_500_000)}  # noqa: S311 - hard to pack
BIG = package("big", "1.0", files=CONTENT)


@pytest.fixture(scope="module", params=["redirect", "proxy"])
def bucketed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, s3: S3Server
) -> Generator[Server]:
    """Serve from a bucket; ``redirect`` with granian, ``proxy`` with uvicorn."""
    redirects = request.param == "redirect"
    with running(
        tmp_path_factory.mktemp(request.param) / "data",
        "--server",
        "granian" if redirects else "uvicorn",
        GRAPHREPO_STORE=s3.url(),
        GRAPHREPO_REDIRECT_ARTIFACTS="yes" if redirects else "no",
        **KEYS,
    ) as server:
        yield server


@pytest.fixture
def redirects(request: pytest.FixtureRequest) -> bool:
    return "redirect" in request.node.name


@pytest.fixture(scope="module")
def olga(bucketed: Server) -> Generator[Client]:
    with bucketed.client("olga") as client:
        yield client


def followed(answer: httpx.Response, **headers: str) -> httpx.Response:
    """Go where the answer sends, as clients do: with the same method and without credentials."""
    assert answer.status_code == 307, answer.text
    assert "authorization" not in answer.headers
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        return client.request(answer.request.method, answer.headers["location"], headers=headers)


def fetched(client: Client, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    answer = client.request(method, path, headers=headers)
    return followed(answer, **headers) if answer.is_redirect else answer


def test_what_is_uploaded_is_served_byte_by_byte(
    bucketed: Server, olga: Client, *, redirects: bool
) -> None:
    channel = olga.create_channel()
    olga.publish(channel, BIG)
    path = f"/{channel}/noarch/{BIG.filename}"
    assert olga.get(path).is_redirect == redirects
    assert fetched(olga, path).content == BIG.data
    head = fetched(olga, path, "HEAD")
    assert (head.status_code, head.headers["content-length"]) == (200, str(BIG.size))
    part = fetched(olga, path, Range=f"bytes={BIG.size - 3}-")
    assert (part.status_code, part.content) == (206, BIG.data[-3:])
    middle = fetched(olga, path, Range="bytes=1000000-1400000")
    assert middle.content == BIG.data[1_000_000:1_400_001]
    assert olga.get(path, headers={"Range": f"bytes={BIG.size}-"}).status_code == 416
    assert olga.get(path, headers={"If-None-Match": f'"{BIG.sha256}"'}).status_code == 304
    assert bucketed.under_way == []


def test_documents_and_shards_come_from_the_server_itself(olga: Client) -> None:
    channel = olga.create_channel()
    olga.publish(channel, package("leaf"))
    for name in ("repodata.json", "repodata.json.zst", "repodata_shards.msgpack.zst"):
        answer = olga.get(f"/{channel}/noarch/{name}")
        assert (answer.status_code, answer.headers["x-channel-revision"]) == (200, "1")
        again = olga.get(
            f"/{channel}/noarch/{name}", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.status_code == 304


def test_a_private_package_is_for_its_readers(
    bucketed: Server, olga: Client, s3: S3Server, *, redirects: bool
) -> None:
    channel = olga.create_channel(is_public=False)
    olga.publish(channel, BIG)
    path = f"/{channel}/noarch/{BIG.filename}"
    with bucketed.client() as nobody, bucketed.client("mia") as mia:
        refused = nobody.get(path)
        assert (refused.status_code, "location" in refused.headers) == (401, False)
        answer = mia.get(path)
        assert fetched(mia, path).content == BIG.data
    if redirects:
        assert answer.headers["cache-control"] == "private, no-store"
        signed = urlsplit(answer.headers["location"])
        assert (
            not s3.guards
            or httpx.get(
                signed._replace(query="").geturl(), trust_env=False, timeout=PATIENCE
            ).status_code
            == 403
        )
    assert "X-Amz-Signature" not in bucketed.log.read_text()


def test_a_deleted_package_is_gone_at_once(olga: Client) -> None:
    channel = olga.create_channel()
    one, two = package("one"), package("two")
    olga.publish(channel, one, two)
    olga.request("DELETE", f"/api/v1/delete/{channel}/noarch/{one.filename}").raise_for_status()
    assert olga.get(f"/{channel}/noarch/{one.filename}").status_code == 404
    assert fetched(olga, f"/{channel}/noarch/{two.filename}").content == two.data
    assert list(olga.get(f"/{channel}/noarch/repodata.json").json()["packages.conda"]) == [
        two.filename
    ]


def test_the_same_bytes_in_two_channels_are_kept_once(olga: Client) -> None:
    twin = package("twin")
    for _ in range(2):
        channel = olga.create_channel()
        olga.publish(channel, twin)
        assert fetched(olga, f"/{channel}/noarch/{twin.filename}").content == twin.data


def test_rattler_installs_from_a_private_channel(
    bucketed: Server, olga: Client, tmp_path: Path
) -> None:
    channel = olga.create_channel(is_public=False)
    leaf = package("leaf", depends=["big"])
    olga.publish(channel, BIG, leaf)
    home = Home(tmp_path)
    home.know({"127.0.0.1": {"BearerToken": bucketed.tokens["mia"]}})
    wish = {
        "channels": [f"{bucketed.url}/{channel}"],
        "specs": ["leaf"],
        "prefix": str(tmp_path / "env"),
        "cache": str(tmp_path / "cache"),
        "form": "as it likes",
        "platform": "linux-64",
    }
    done = home.run("rattler_install.py", wish)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "env" / "share" / "big" / "noise").read_bytes() == CONTENT["share/big/noise"]


def test_ready_means_that_the_bucket_can_be_used(olga: Client) -> None:
    assert olga.get("/readyz").status_code == 200


def test_a_server_without_its_bucket_does_not_start(tmp_path: Path, s3: S3Server) -> None:
    ran = run(
        "serve",
        "--data",
        tmp_path / "data",
        "--port",
        "0",
        env={"GRAPHREPO_STORE": s3.url(bucket="nowhere"), **KEYS},
    )
    assert (ran.status, ran.out) == (1, "")
    assert "There is no bucket 'nowhere' in the object store" in ran.err
