"""Every document of a channel: validators, parity, one revision, the same bytes when remade."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import zstandard

from graphrepo.model.database import rows
from graphrepo.registry.notices import NoticeText
from graphrepo.registry.requests import ChannelChange, FileName
from tests.builders import package
from tests.processes import serving
from tests.registry.world import Person
from tests.server import Client, Server, running
from tests.waiting import PATIENCE
from tests.web.reading import (
    EVERY,
    OF_CHANNEL,
    OF_SUBDIR,
    SHARD_INDEX,
    SUBDIRS,
    operating,
    said,
    yank,
)

KEPT = ("etag", "last-modified", "cache-control", "x-channel-revision", "vary")
"""What a 304 repeats."""
STEADY = (*KEPT, "content-type", "content-length", "accept-ranges", "x-content-type-options")
LATER = datetime(2099, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Pair:
    """A public and a private channel with something in every document."""

    public: str
    private: str


def fill(owner: Client, operator: Person, channel: str) -> None:
    """Put something into every document: a twin, a v3 file, a yank, patches, a notice."""
    registry, run = operator.world.registry, operator.world.run
    owner.publish(
        channel,
        package("zlib", "1.3", run_exports={"weak": ["zlib >=1.3"]}),
        package("zlib", "1.3", extension="tar.bz2"),
        package("zlib", "1.4"),
        package("fancy", index={"flags": ["gpu"]}),
        package("tool", subdir="linux-64", depends=["zlib"]),
    )
    run(registry.channels.update(operator.viewer, channel, ChannelChange(current_repodata=True)))
    for subdir, filename in (("noarch", "zlib-1.3-0.conda"), ("linux-64", "tool-1.0-0.conda")):
        file = FileName(subdir, filename)
        run(registry.patching.patch(operator.viewer, channel, file, {"license": "MIT"}))
    yank(operator, channel, "noarch/zlib-1.4-0.conda")
    text = NoticeText("Moving soon", "warning", LATER)
    run(registry.notices.create(operator.viewer, channel, text))


@pytest.fixture(scope="module")
def filled(server: Server, owner: Client) -> Pair:
    names = [owner.create_channel(is_public=is_public) for is_public in (True, False)]
    with operating(server.data) as operator:
        for name in names:
            fill(owner, operator, name)
    return Pair(*names)


@pytest.mark.parametrize("document", EVERY)
def test_head_says_what_get_says_to_whoever_may_read(
    owner: Client, member: Client, filled: Pair, document: str
) -> None:
    for client in (owner, member):
        for channel in (filled.public, filled.private):
            got = client.get(f"/{channel}/{document}")
            headed = client.head(f"/{channel}/{document}")
            assert (got.status_code, headed.status_code, headed.content) == (200, 200, b"")
            assert got.headers["etag"] == f'"{hashlib.sha256(got.content).hexdigest()}"'
            assert got.headers["content-length"] == str(len(got.content))
            for name in STEADY:
                assert headed.headers.get(name) == got.headers.get(name), name


@pytest.mark.parametrize("document", EVERY)
def test_whoever_has_the_bytes_is_told_so_and_no_more(
    member: Client, filled: Pair, document: str
) -> None:
    for path in (f"/{filled.public}/{document}", f"/{filled.private}/{document}"):
        fresh = member.get(path).headers
        etag, modified = fresh["etag"], fresh["last-modified"]
        for asked in (
            {"If-None-Match": etag},
            {"If-None-Match": f'"other", W/{etag}'},
            {"If-None-Match": "*"},
            {"If-Modified-Since": modified},
            {"If-None-Match": etag, "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        ):
            for method in ("GET", "HEAD"):
                answer = member.request(method, path, headers=asked)
                assert (answer.status_code, answer.content) == (304, b""), asked
                assert [answer.headers.get(name) for name in KEPT] == [
                    fresh.get(name) for name in KEPT
                ]


@pytest.mark.parametrize("document", EVERY)
def test_whoever_has_other_bytes_gets_the_document(
    member: Client, filled: Pair, document: str
) -> None:
    path = f"/{filled.public}/{document}"
    modified = member.get(path).headers["last-modified"]
    for asked in (
        # The date is right, as it is of a copy made earlier in this second: the tag decides.
        {"If-None-Match": f'"{"0" * 64}"', "If-Modified-Since": modified},
        {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        answer = member.get(path, headers=asked)
        assert answer.status_code == 200
        assert answer.content


@pytest.mark.parametrize("subdir", SUBDIRS)
def test_a_packed_document_is_the_plain_one_in_one_frame(
    member: Client, filled: Pair, subdir: str
) -> None:
    folder = f"/{filled.private}/{subdir}"
    for name in (name for name in OF_SUBDIR if f"{name}.zst" in OF_SUBDIR):
        plain = member.get(f"{folder}/{name}")
        # conda asks for the packed document with the tag of the plain one.
        asked = {"If-None-Match": plain.headers["etag"]}
        packed = member.get(f"{folder}/{name}.zst", headers=asked)
        assert packed.status_code == 200
        assert zstandard.frame_content_size(packed.content) == len(plain.content)
        assert zstandard.decompress(packed.content) == plain.content


def test_each_document_shows_what_it_is_for(member: Client, filled: Pair) -> None:
    folder = f"/{filled.private}/noarch"
    found = {
        name: said(name, member.get(f"{folder}/{name}").content)
        for name in OF_SUBDIR
        if not name.endswith(".json.zst")
    }
    conda = {name: document.get("packages.conda") for name, document in found.items()}
    assert list(conda["repodata.json"]) == ["zlib-1.3-0.conda"]
    assert found["repodata.json"]["removed"] == ["zlib-1.4-0.conda"]
    assert list(found["repodata.json"]["v3"]["conda"]) == ["fancy-1.0-0"]
    assert conda["repodata.json"]["zlib-1.3-0.conda"]["license"] == "MIT"
    assert "license" not in conda["repodata_from_packages.json"]["zlib-1.3-0.conda"]
    assert list(conda["current_repodata.json"]) == ["zlib-1.3-0.conda"]
    exports = {"run_exports": {"weak": ["zlib >=1.3"]}}
    assert conda["run_exports.json"] == {"zlib-1.3-0.conda": exports}
    assert conda["patch_instructions.json"] == {"zlib-1.3-0.conda": {"license": "MIT"}}
    assert sorted(found[SHARD_INDEX]["shards"]) == ["fancy", "zlib"]


def revisions(client: Client, channel: str, documents: tuple[str, ...]) -> set[int]:
    answers = [client.get(f"/{channel}/{document}") for document in documents]
    return {int(answer.headers["x-channel-revision"]) for answer in answers}


def test_all_documents_of_a_subdir_show_one_revision_after_every_change(
    server: Server, owner: Client
) -> None:
    channel = owner.create_channel(is_public=False)
    of_noarch = tuple(f"noarch/{name}" for name in OF_SUBDIR)
    with operating(server.data) as operator:
        fill(owner, operator, channel)
        patching = operator.world.registry.patching
        file, patch = FileName("noarch", "zlib-1.3-0.conda"), {"license": "BSD-3-Clause"}
        changes = (
            lambda: owner.publish(channel, package("zlib", "1.5")),
            lambda: yank(operator, channel, "noarch/zlib-1.5-0.conda"),
            lambda: operator.world.run(patching.patch(operator.viewer, channel, file, patch)),
            lambda: operator.delete(channel, "noarch/zlib-1.5-0.conda"),
        )
        seen = [(revisions(owner, channel, of_noarch), revisions(owner, channel, OF_CHANNEL))]
        for change in changes:
            change()
            seen.append(
                (revisions(owner, channel, of_noarch), revisions(owner, channel, OF_CHANNEL))
            )
    assert all(len(subdir) == len(whole) == 1 for subdir, whole in seen)
    first, whole = (min(found) for found in seen[0])
    assert seen == [({first + step}, {whole + step}) for step in range(len(changes) + 1)]


def test_documents_made_anew_by_a_new_server_are_the_same_bytes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as server, server.client("olga") as owner:
        channel = owner.create_channel()
        with operating(data) as operator:
            fill(owner, operator, channel)
        before = {name: owner.get(f"/{channel}/{name}") for name in EVERY}
        with operating(data) as operator:
            _forget_documents(operator)
        with serving(data) as other, httpx.Client(base_url=other.url, timeout=PATIENCE) as http:
            after = {name: http.get(f"/{channel}/{name}") for name in EVERY}
    for name in EVERY:
        assert after[name].content == before[name].content, name
        for header in STEADY:
            assert after[name].headers.get(header) == before[name].headers.get(header), name


def _forget_documents(operator: Person) -> None:
    for sql in (
        "DELETE FROM document",
        "DELETE FROM channel_document",
        "DELETE FROM shard",
        "UPDATE package SET channeldata = NULL, channeldata_in = NULL",
    ):
        operator.world.run(operator.world.database.transact(rows, sql))


def test_asking_for_a_new_index_changes_nothing(owner: Client, filled: Pair) -> None:
    for subdir in SUBDIRS:
        folder = f"/{filled.public}/{subdir}"
        before = [owner.get(f"{folder}/{name}").headers["etag"] for name in OF_SUBDIR]
        answer = owner.request("POST", f"/api/v1/reindex{folder}")
        assert answer.status_code == 200
        assert [owner.get(f"{folder}/{name}").headers["etag"] for name in OF_SUBDIR] == before


def test_a_private_document_is_never_cached_for_others(owner: Client, filled: Pair) -> None:
    for name in EVERY:
        private = owner.get(f"/{filled.private}/{name}").headers
        assert (private["cache-control"], private["vary"]) == (
            "max-age=0, must-revalidate",
            "Authorization",
        )
        public = owner.get(f"/{filled.public}/{name}").headers
        assert (public["cache-control"], public.get("vary")) == (
            "public, max-age=0, must-revalidate",
            None,
        )


def test_the_age_that_an_owner_allows_is_told_for_every_document(
    server: Server, owner: Client
) -> None:
    channel = owner.create_channel()
    with operating(server.data) as operator:
        fill(owner, operator, channel)
        update = operator.world.registry.channels.update
        operator.world.run(update(operator.viewer, channel, ChannelChange(max_age=600)))
    for name in EVERY:
        assert owner.get(f"/{channel}/{name}").headers["cache-control"] == "public, max-age=600"


def test_last_modified_is_when_the_content_changed(owner: Client) -> None:
    channel = owner.create_channel()
    owner.publish(channel, package("zlib"))
    first = owner.get(f"/{channel}/noarch/repodata.json").headers["last-modified"]
    again = owner.get(f"/{channel}/noarch/repodata.json.zst").headers["last-modified"]
    assert first == again
    index = said(SHARD_INDEX, owner.get(f"/{channel}/noarch/{SHARD_INDEX}").content)
    created = datetime.fromisoformat(index["info"]["created_at"])
    told = datetime.strptime(first, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert abs(told - created) < timedelta(seconds=1)
