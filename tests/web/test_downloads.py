"""Files out: channel-contract.md, sections 2 and 3, on both web servers."""

import hashlib
import json
from email.utils import parsedate_to_datetime

import msgpack
import pytest
import zstandard

from tests.builders import package
from tests.server import Client
from tests.web.conftest import PLUS, ZLIB, Shelf

pytestmark = pytest.mark.both_servers

ARTIFACT = f"noarch/{ZLIB.filename}"
DOCUMENTS = ("noarch/repodata.json", "noarch/repodata.json.zst")
SHARD_INDEX = "noarch/repodata_shards.msgpack.zst"
FILES = (ARTIFACT, *DOCUMENTS, SHARD_INDEX, "noarch/run_exports.json.zst", "channeldata.json")
STEADY = (
    "etag",
    "last-modified",
    "cache-control",
    "content-type",
    "content-length",
    "accept-ranges",
    "x-channel-revision",
    "vary",
    "x-content-type-options",
)


@pytest.mark.parametrize("file", FILES)
def test_the_etag_is_the_sha256_of_the_bytes(nobody: Client, shelf: Shelf, file: str) -> None:
    answer = nobody.get(f"/{shelf.public}/{file}")
    assert answer.status_code == 200
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    assert answer.headers["content-length"] == str(len(answer.content))
    assert "content-encoding" not in answer.headers
    assert parsedate_to_datetime(answer.headers["last-modified"]).tzinfo is not None


def test_an_artifact_comes_as_it_was_sent(nobody: Client, shelf: Shelf) -> None:
    answer = nobody.get(f"/{shelf.public}/{ARTIFACT}")
    assert answer.content == ZLIB.data
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert "x-channel-revision" not in answer.headers


def test_the_documents_differ_in_etag_and_agree_in_revision(nobody: Client, shelf: Shelf) -> None:
    plain, packed = (nobody.get(f"/{shelf.public}/{name}") for name in DOCUMENTS)
    assert plain.headers["etag"] != packed.headers["etag"]
    assert plain.headers["content-type"] == "application/json"
    assert packed.headers["content-type"] == "application/zstd"
    for answer in (plain, packed):
        assert answer.headers["x-channel-revision"] == "2"
        assert answer.headers["cache-control"] == "public, max-age=0, must-revalidate"


@pytest.mark.parametrize("file", FILES)
def test_private_files_are_cached_by_their_readers_alone(
    member: Client, shelf: Shelf, file: str
) -> None:
    answer = member.get(f"/{shelf.private}/{file}")
    expected = "private, max-age=3600" if file == ARTIFACT else "max-age=0, must-revalidate"
    assert (answer.status_code, answer.headers["cache-control"]) == (200, expected)
    assert answer.headers["vary"] == "Authorization"


@pytest.mark.parametrize("file", FILES)
def test_head_says_what_get_says(nobody: Client, shelf: Shelf, file: str) -> None:
    path = f"/{shelf.public}/{file}"
    got, headed = nobody.get(path), nobody.head(path)
    assert (headed.status_code, headed.content) == (200, b"")
    for name in STEADY:
        assert headed.headers.get(name) == got.headers.get(name), name


def test_a_shard_is_found_through_the_index_and_never_changes(
    nobody: Client, member: Client, shelf: Shelf
) -> None:
    for client, channel, whose in (
        (nobody, shelf.public, "public"),
        (member, shelf.private, "private"),
    ):
        packed = client.get(f"/{channel}/{SHARD_INDEX}").content
        index = msgpack.unpackb(zstandard.ZstdDecompressor().decompress(packed))
        digest = index["shards"]["zlib"].hex()
        shard = client.get(f"/{channel}/noarch/shards/{digest}.msgpack.zst")
        assert (shard.status_code, shard.headers["etag"]) == (200, f'"{digest}"')
        assert shard.headers["cache-control"] == f"{whose}, max-age=31536000, immutable"
        assert shard.headers["content-type"] == "application/zstd"
        assert hashlib.sha256(shard.content).hexdigest() == digest


@pytest.mark.parametrize("document", ["channeldata.json", "notices.json", "rss.xml"])
def test_documents_of_the_whole_channel_stand_beside_its_subdirs(
    nobody: Client, shelf: Shelf, document: str
) -> None:
    answer = nobody.get(f"/{shelf.public}/{document}")
    kind = "application/rss+xml" if document == "rss.xml" else "application/json"
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert nobody.get(f"/{shelf.private}/{document}").status_code == 401


def test_head_ignores_a_range(nobody: Client, shelf: Shelf) -> None:
    answer = nobody.head(f"/{shelf.public}/{ARTIFACT}", headers={"Range": "bytes=0-1"})
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(ZLIB.size))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("file", FILES)
def test_who_has_the_bytes_gets_304(nobody: Client, shelf: Shelf, file: str, method: str) -> None:
    path = f"/{shelf.public}/{file}"
    fresh = nobody.get(path)
    for condition in (
        {"If-None-Match": fresh.headers["etag"]},
        {"If-None-Match": f'W/"x", W/{fresh.headers["etag"]}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": fresh.headers["last-modified"]},
    ):
        again = nobody.request(method, path, headers=condition)
        assert (again.status_code, again.content) == (304, b""), condition
        for name in ("etag", "cache-control", "last-modified"):
            assert again.headers[name] == fresh.headers[name]
        assert "content-type" not in again.headers


def test_a_private_304_repeats_vary(member: Client, shelf: Shelf) -> None:
    path = f"/{shelf.private}/{ARTIFACT}"
    answer = member.get(path, headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.headers["vary"]) == (304, "Authorization")


def test_the_tag_of_the_plain_document_does_not_fit_the_packed_one(
    nobody: Client, shelf: Shelf
) -> None:
    plain = nobody.get(f"/{shelf.public}/noarch/repodata.json").headers
    condition = {"If-None-Match": plain["etag"], "If-Modified-Since": plain["last-modified"]}
    packed = nobody.get(f"/{shelf.public}/noarch/repodata.json.zst", headers=condition)
    assert packed.status_code == 200


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=100-199", slice(100, 200)),
        ("bytes=500-", slice(500, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=-999999", slice(0, None)),
        ("bytes=600-999999", slice(600, None)),
        ("bytes=0-", slice(0, None)),
    ],
)
def test_a_range_is_answered_with_that_part(
    nobody: Client, shelf: Shelf, asked: str, part: slice
) -> None:
    answer = nobody.get(f"/{shelf.public}/{ARTIFACT}", headers={"Range": asked})
    start, stop, _ = part.indices(ZLIB.size)
    assert answer.status_code == 206
    assert answer.content == ZLIB.data[part]
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{ZLIB.size}"
    assert answer.headers["content-length"] == str(stop - start)
    assert answer.headers["etag"] == f'"{ZLIB.sha256}"'


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "bytes=5-2", "items=0-1", "bytes=x"])
def test_other_ranges_mean_the_whole_file(nobody: Client, shelf: Shelf, asked: str) -> None:
    answer = nobody.get(f"/{shelf.public}/{ARTIFACT}", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, ZLIB.data)


def test_a_range_behind_the_end_is_refused_with_the_size(nobody: Client, shelf: Shelf) -> None:
    asked = {"Range": f"bytes={ZLIB.size}-"}
    answer = nobody.get(f"/{shelf.public}/{ARTIFACT}", headers=asked)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{ZLIB.size}"


def test_if_range_resumes_only_the_same_bytes(nobody: Client, shelf: Shelf) -> None:
    path = f"/{shelf.public}/{ARTIFACT}"
    fresh = nobody.get(path).headers
    for condition, status in (
        (fresh["etag"], 206),
        (fresh["last-modified"], 206),
        ('"old"', 200),
        (f"W/{fresh['etag']}", 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
    ):
        answer = nobody.get(path, headers={"Range": "bytes=10-", "If-Range": condition})
        assert answer.status_code == status, condition
        assert answer.content == (ZLIB.data[10:] if status == 206 else ZLIB.data)


@pytest.mark.parametrize(
    "spelling", [PLUS.filename, PLUS.filename.replace("+", "%2B").replace("!", "%21")]
)
def test_plus_and_bang_mean_themselves_raw_or_encoded(
    nobody: Client, shelf: Shelf, spelling: str
) -> None:
    answer = nobody.get(f"/{shelf.public}/noarch/{spelling}")
    assert (answer.status_code, answer.content) == (200, PLUS.data)


@pytest.mark.parametrize("path", ["//{c}//noarch///{f}", "/{c}/noarch/{f}/", "/{c}/noarch/{f}//"])
def test_doubled_and_trailing_slashes_are_not_redirected(
    nobody: Client, shelf: Shelf, path: str
) -> None:
    address = nobody.url + path.format(c=shelf.public, f=ZLIB.filename)
    answer = nobody.get(address)
    assert (answer.status_code, answer.content) == (200, ZLIB.data)


@pytest.mark.parametrize("subdir", ["noarch", "linux-64", "osx-arm64", "zos-z"])
def test_known_subdirs_answer_from_the_beginning(
    owner: Client, nobody: Client, subdir: str
) -> None:
    channel = owner.create_channel()
    answer = nobody.get(f"/{channel}/{subdir}/repodata.json")
    assert answer.status_code == 200
    document = json.loads(answer.content)
    assert document["info"]["subdir"] == subdir
    assert document["packages"] == document["packages.conda"] == {}
    assert nobody.head(f"/{channel}/{subdir}/repodata.json.zst").status_code == 200


@pytest.mark.parametrize(
    "file",
    [
        f"noarch/shards/{'0' * 64}.msgpack.zst",
        "noarch/shards/x",
        "missing.json",
        "noarch/missing-1.0-0.conda",
        "noarch/repodata.json.bz2",
        "noarch/repodata.json.jlap",
        "linux-128/repodata.json",
        "label/main/noarch/repodata.json",
        "noarch/..%2f..%2fgraphrepo.sqlite",
        "noarch/%00",
        "%00/repodata.json",
        "%00",
        "noarch",
        "a/b/c/d",
    ],
)
def test_what_is_not_there_is_404(nobody: Client, shelf: Shelf, file: str) -> None:
    answer = nobody.get(f"/{shelf.public}/{file}")
    assert answer.status_code == 404
    assert answer.headers["x-graphrepo-error"] == "not_found"
    assert answer.headers["cache-control"] == "no-store"


def test_an_upload_shows_in_the_next_get(owner: Client, nobody: Client) -> None:
    channel = owner.create_channel()
    path = f"/{channel}/noarch/repodata.json"
    seen = {nobody.get(path).headers["etag"]}
    for number in range(5):
        owner.publish(channel, package("step", str(number)))
        answer = nobody.get(path)
        assert len(json.loads(answer.content)["packages.conda"]) == number + 1
        assert answer.headers["etag"] not in seen
        seen.add(answer.headers["etag"])


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_never_succeed_and_are_not_redirected(
    owner: Client, shelf: Shelf, method: str
) -> None:
    file = owner.request(method, f"/{shelf.public}/{ARTIFACT}")
    assert (file.status_code, file.headers["allow"]) == (405, "GET, HEAD, PUT")
    channel = owner.request(method, f"/{shelf.public}")
    assert (channel.status_code, channel.headers["allow"]) == (405, "GET, HEAD")


def test_a_browser_at_a_channel_is_sent_to_its_page(nobody: Client, shelf: Shelf) -> None:
    html = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path in (f"/{shelf.private}", f"/{shelf.private}/"):
        answer = nobody.get(path, headers=html)
        assert (answer.status_code, answer.headers["location"]) == (
            307,
            f"/channels/{shelf.private}",
        )
    assert nobody.get(f"/{shelf.public}").status_code == 404
    assert nobody.get(f"/{shelf.private}").status_code == 401
