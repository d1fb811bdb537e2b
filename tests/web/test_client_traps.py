"""What would break a real client, or make it remember for days that something is not there.

Each was met in a client that people use; clients.md, beside the repository, says which.
"""

import base64
import re

import pytest

from graphrepo.conda.names import KNOWN_SUBDIRS
from tests.builders import package
from tests.server import Client, Server
from tests.web.reading import SHARD_INDEX, operating, said, shard_address, yank

pytestmark = pytest.mark.both_servers

ALWAYS = ("repodata.json", "repodata.json.zst", SHARD_INDEX)
"""What a subdir never lacks: rattler keeps a 404 for good, conda for a week."""
IN_NOARCH = tuple(f"noarch/{name}" for name in ALWAYS)
GREEDY = {"Accept-Encoding": "gzip, deflate, br, zstd", "Accept": "*/*"}
ZLIB = package("zlib", "1.3", files={"share/zlib.txt": b"z" * 4000})


@pytest.fixture(scope="module")
def public(owner: Client) -> str:
    name = owner.create_channel()
    owner.publish(name, ZLIB)
    return name


@pytest.fixture(scope="module")
def private(owner: Client) -> str:
    name = owner.create_channel(is_public=False)
    owner.publish(name, ZLIB)
    return name


def shard_of(client: Client, folder: str, name: str) -> str:
    """Return the path of the current shard of a name."""
    index = said(SHARD_INDEX, client.get(f"{folder}/{SHARD_INDEX}").content)
    return f"{folder}/{shard_address(index['shards'][name])}"


@pytest.mark.parametrize("is_public", [True, False])
def test_noarch_is_there_before_between_and_after_all_files(
    server: Server, owner: Client, *, is_public: bool
) -> None:
    """Every client refuses a channel without ``noarch/repodata.json``."""
    channel = owner.create_channel(is_public=is_public)
    folder = f"/{channel}/noarch"

    def statuses() -> set[int]:
        return {
            owner.request(method, f"{folder}/{name}").status_code
            for method in ("GET", "HEAD")
            for name in ALWAYS
        }

    assert statuses() == {200}
    owner.publish(channel, ZLIB)
    assert statuses() == {200}
    with operating(server.data) as operator:
        yank(operator, channel, f"noarch/{ZLIB.filename}")
        assert statuses() == {200}
        operator.delete(channel, f"noarch/{ZLIB.filename}")
    assert statuses() == {200}
    assert said(SHARD_INDEX, owner.get(f"{folder}/{SHARD_INDEX}").content)["shards"] == {}


def test_every_subdir_that_a_client_may_name_answers_at_once(owner: Client) -> None:
    channel = owner.create_channel()
    for subdir in sorted(KNOWN_SUBDIRS):
        for name in ALWAYS:
            answer = owner.get(f"/{channel}/{subdir}/{name}")
            assert answer.status_code == 200, (subdir, name)
            assert said(name, answer.content)["info"]["subdir"] == subdir


def test_a_subdir_that_ever_held_a_file_stays(owner: Client) -> None:
    channel = owner.create_channel()
    built = package("odd", subdir="amiga-68k")
    assert owner.get(f"/{channel}/amiga-68k/{SHARD_INDEX}").status_code == 404
    owner.publish(channel, built)
    path = f"/api/v1/delete/{channel}/amiga-68k/{built.filename}"
    owner.request("DELETE", path).raise_for_status()
    for name in ALWAYS:
        assert owner.get(f"/{channel}/amiga-68k/{name}").status_code == 200


def test_nothing_packed_is_ever_encoded_again(owner: Client, private: str) -> None:
    """Conda crashes on a shard index with a Content-Encoding."""
    folder = f"/{private}/noarch"
    files = [f"{folder}/{name}" for name in (*ALWAYS, "run_exports.json.zst", ZLIB.filename)]
    for path in (*files, shard_of(owner, folder, "zlib")):
        for method in ("GET", "HEAD"):
            answer = owner.request(method, path, headers=GREEDY)
            assert answer.status_code == 200
            assert "content-encoding" not in answer.headers
            assert "transfer-encoding" not in answer.headers
            assert answer.headers["content-length"] == owner.head(path).headers["content-length"]


@pytest.mark.parametrize("is_public", [True, False])
def test_the_shard_index_keeps_its_tag_in_every_cache(owner: Client, *, is_public: bool) -> None:
    """With ``private`` or ``no-store`` rattler fetches it whole each time; mamba reads digits."""
    channel = owner.create_channel(is_public=is_public)
    path = f"/{channel}/noarch/{SHARD_INDEX}"
    answer = owner.get(path)
    directives = set(re.split(r",\s*", answer.headers["cache-control"]))
    assert directives & {"private", "no-store", "no-cache"} == set()
    assert "max-age=0" in directives
    again = owner.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["etag"]) == (304, answer.headers["etag"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("file", [*ALWAYS, f"shards/{'0' * 64}.msgpack.zst", ZLIB.filename])
def test_a_channel_that_nobody_may_see_is_never_404(
    nobody: Client, stranger: Client, private: str, method: str, file: str
) -> None:
    """A 404 is remembered even after a later sign-in; a 401 is not."""
    for channel in (private, "no-such-channel"):
        path = f"/{channel}/noarch/{file}"
        for forged in ({}, {"Authorization": "Bearer wrong-token"}):
            answer = nobody.request(method, path, headers=forged)
            assert answer.status_code == 401
            assert answer.headers["cache-control"] == "no-store"
        assert nobody.request(method, f"/t/wrong-token{path}").status_code == 401
        assert stranger.request(method, path).status_code == 403


def test_superseded_shards_stay_readable_whatever_supersedes_them(
    server: Server, owner: Client
) -> None:
    """Rattler and conda fail hard when a cached index names a shard that is gone."""
    channel = owner.create_channel()
    folder = f"/{channel}/noarch"
    owner.publish(channel, package("curl"), ZLIB)
    seen = {shard_of(owner, folder, "zlib")}
    owner.publish(channel, package("zlib", "1.4"))
    seen.add(shard_of(owner, folder, "zlib"))
    replaced = package("zlib", "1.4", about={"summary": "Another"})
    owner.upload(channel, replaced, params={"force": "true"}).raise_for_status()
    seen.add(shard_of(owner, folder, "zlib"))
    with operating(server.data) as operator:
        yank(operator, channel, f"noarch/{ZLIB.filename}")
        seen.add(shard_of(owner, folder, "zlib"))
        operator.delete(channel, "noarch/zlib-1.4-0.conda")
    index = said(SHARD_INDEX, owner.get(f"{folder}/{SHARD_INDEX}").content)
    assert list(index["shards"]) == ["curl"]
    assert len(seen) == 4
    for path in seen:
        answer = owner.get(path)
        assert answer.status_code == 200
        assert answer.headers["etag"].strip('"') in path


def test_a_shard_is_served_to_a_client_that_wants_nothing_stored(
    owner: Client, public: str
) -> None:
    """Rattler asks for shards with a ``Cache-Control`` of its own."""
    path = shard_of(owner, f"/{public}/noarch", "zlib")
    assert owner.get(path, headers={"Cache-Control": "no-store"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/upload/{c}",
        "/api/v1/upload/{c}/",
        "//api//v1/upload/{c}",
        "/api/channels/{c}/upload/x-1-0.conda/",
        "/api/v1/upload",
        "/api/v1/nowhere/{c}",
        "/{c}",
        "/{c}/noarch",
        "/{c}/noarch/repodata.json",
        "/t/*****/{c}/noarch/x-1-0.conda",
        "/",
        "/login",
        "/channels/{c}",
    ],
)
def test_a_post_is_never_redirected_and_an_unknown_one_never_succeeds(
    nobody: Client, owner: Client, private: str, path: str
) -> None:
    """Reqwest turns a redirected POST into a GET, and reads a 200 there as an upload."""
    for client in (nobody, owner):
        answer = client.request("POST", client.url + path.format(c=private), content=b"x" * 1000)
        assert 400 <= answer.status_code < 500, answer.text


@pytest.mark.parametrize("spelling", ["{f}/", "{f}//", "/{f}", "//{f}", "{f}"])
@pytest.mark.parametrize("file", [*IN_NOARCH, "notices.json", "channeldata.json"])
def test_metadata_is_never_redirected(owner: Client, public: str, file: str, spelling: str) -> None:
    """notices.json is fetched with redirects off; mamba looks at the final address."""
    answer = owner.get(owner.url + spelling.format(f=f"/{public}/{file}"))
    assert answer.status_code == 200
    assert "location" not in answer.headers


def masked(token: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"user:{token}".encode()).decode()}


def test_a_masked_secret_is_refused_each_time_alike_and_locks_nobody_out(
    server: Server, nobody: Client, owner: Client, private: str
) -> None:
    """Micromamba 2.8.1 asks for shards with stars in the place of the secret."""
    path = shard_of(owner, f"/{private}/noarch", "zlib")
    for _time in range(30):
        assert nobody.get(f"/t/*****{path}").status_code == 401
        assert nobody.get(path, headers=masked("*****")).status_code == 401
    token = server.tokens["olga"]
    assert nobody.get(f"/t/{token}{path}").status_code == 200
    assert nobody.get(path, headers=masked(token)).status_code == 200


@pytest.mark.parametrize(
    "file", [*IN_NOARCH, "shard of zlib", f"noarch/{ZLIB.filename}", "notices.json"]
)
def test_bad_credentials_do_not_spoil_a_public_channel(
    owner: Client, nobody: Client, public: str, file: str
) -> None:
    """Rattler sends one token to every channel of a host, micromamba to every one of a port."""
    is_shard = file.startswith("shard of")
    path = shard_of(owner, f"/{public}/noarch", "zlib") if is_shard else f"/{public}/{file}"
    fresh = nobody.get(path)
    for prefix, headers in (
        ("/t/wrong-token", {}),
        ("/t/*****", {}),
        ("", {"Authorization": "Bearer wrong-token"}),
        ("", masked("*****")),
        ("", {"X-API-Key": "wrong-token"}),
    ):
        answer = nobody.get(prefix + path, headers=headers)
        assert (answer.status_code, answer.content) == (200, fresh.content)
        assert answer.headers["cache-control"] == fresh.headers["cache-control"]


def test_tokens_are_made_of_letters_that_survive_in_an_address(owner: Client, private: str) -> None:
    """``_`` and ``.`` in a token break ``/t/<token>/`` in conda and micromamba."""
    token = owner.create_key(mode="READ")
    assert re.fullmatch(r"[A-Za-z0-9-]{2,}", token)
    answer = owner.http.get(f"/t/{token}/{private}/noarch/{SHARD_INDEX}")
    assert answer.status_code == 200


def test_old_forms_of_the_index_are_plainly_not_there(nobody: Client, public: str) -> None:
    """Rattler asks for both packed forms at once and takes whichever is there."""
    for name in ("repodata.json.bz2", "repodata.json.jlap", "current_repodata.json.zst"):
        for method in ("GET", "HEAD"):
            assert nobody.request(method, f"/{public}/noarch/{name}").status_code == 404


def test_a_yanked_file_can_still_be_resumed_from_its_address(
    server: Server, owner: Client, nobody: Client
) -> None:
    """Conda resumes without ``If-Range``; environments are locked to addresses for years."""
    channel = owner.create_channel()
    owner.publish(channel, ZLIB)
    with operating(server.data) as operator:
        yank(operator, channel, f"noarch/{ZLIB.filename}")
    answer = nobody.get(f"/{channel}/noarch/{ZLIB.filename}", headers={"Range": "bytes=100-"})
    assert (answer.status_code, answer.content) == (206, ZLIB.data[100:])
