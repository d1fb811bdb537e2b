"""repodata.json: exact bytes, whatever the order, and readable by a real client."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rattler import Channel, RepoData, SparseRepoData

from graphrepo.conda.json_stream import CHUNK_SIZE
from graphrepo.conda.record import canonical_json
from graphrepo.conda.repodata import IndexedRecord, SubdirInfo, repodata
from graphrepo.conda.revisions import RevisionFacts, repodata_revisions
from tests.conda.listings import Listed, listings, reference

HEAD = SubdirInfo("linux-64")


def rendered(files: Iterable[Listed], info: SubdirInfo = HEAD) -> bytes:
    return b"".join(repodata(info, [item.indexed for item in files]))


def by_hand(files: list[Listed]) -> dict[str, Any]:
    """Build the whole document as an object, the slow way."""
    document: dict[str, Any] = {
        "info": {"subdir": "linux-64"},
        "packages": {},
        "packages.conda": {},
        "removed": [],
        "repodata_version": 1,
    }
    if times := [item.indexed_timestamp for item in files if item.is_v3]:
        document["v3"] = {"conda": {}, "tar.bz2": {}}
        facts = {"n_packages": len(times), "newest": max(times), "oldest": min(times)}
        document["info"]["repodata_revisions"] = {"v3": facts}
    for item in files:
        target = document
        for key in item.section:
            target = target[key]
        target[item.key] = json.loads(item.json)
    return document


def test_an_empty_subdir_has_both_maps() -> None:
    assert rendered([]) == (
        b'{"info":{"subdir":"linux-64"},"packages":{},"packages.conda":{},'
        b'"removed":[],"repodata_version":1}'
    )


def test_stored_record_bytes_are_written_as_they_are() -> None:
    odd = IndexedRecord("zlib-1.3-0.conda", b'{"name" : "zlib"}', is_v3=False)
    assert b'"packages.conda":{"zlib-1.3-0.conda":{"name" : "zlib"}}' in b"".join(
        repodata(HEAD, [odd])
    )


@given(listings)
def test_it_is_the_canonical_json_of_its_records(files: list[Listed]) -> None:
    assert rendered(files) == canonical_json(by_hand(files))


@given(listings.flatmap(lambda files: st.tuples(st.just(files), st.permutations(files))))
def test_the_order_of_the_records_does_not_matter(orders: tuple[list[Listed], ...]) -> None:
    first, second = orders
    assert rendered(first) == rendered(second)


def test_the_records_may_come_from_a_cursor() -> None:
    files = [Listed("a-1-0.conda"), Listed("b-1-0.tar.bz2")]
    assert b"".join(repodata(HEAD, (item.indexed for item in files))) == rendered(files)


def test_yanked_files_are_a_sorted_list() -> None:
    info = SubdirInfo("linux-64", removed=["b-1-0.conda", "a-1-0.conda"])
    assert json.loads(rendered([], info))["removed"] == ["a-1-0.conda", "b-1-0.conda"]


def test_relations_stand_in_the_head() -> None:
    info = SubdirInfo("linux-64", relations={"base": "../x", "overrides": "../y"})
    assert json.loads(rendered([], info))["info"] == {
        "channel_relations": {"base": "../x", "overrides": "../y"},
        "subdir": "linux-64",
    }


def test_v3_records_stand_under_their_stem_and_nowhere_else() -> None:
    document = json.loads(rendered([Listed("a-1-0.conda", is_v3=True), Listed("a-1-0.tar.bz2")]))
    assert document["packages.conda"] == {}
    assert list(document["packages"]) == ["a-1-0.tar.bz2"]
    assert list(document["v3"]["conda"]) == ["a-1-0"]
    assert document["v3"]["tar.bz2"] == {}


def test_v3_stems_are_sorted_as_stems() -> None:
    files = [Listed("a-1-0+x.conda", is_v3=True), Listed("a-1-0.conda", is_v3=True)]
    assert list(json.loads(rendered(files))["v3"]["conda"]) == ["a-1-0", "a-1-0+x"]


def test_the_revision_counts_v3_records() -> None:
    times = {"a-1-0.conda": 30, "b-1-0.tar.bz2": 10, "c-1-0.conda": 20}
    files = [Listed(name, is_v3=True, indexed_timestamp=time) for name, time in times.items()]
    info = json.loads(rendered([*files, Listed("old-1-0.conda", indexed_timestamp=5)]))["info"]
    assert info["repodata_revisions"] == {"v3": {"n_packages": 3, "oldest": 10, "newest": 30}}


def test_revisions_that_the_caller_knows_are_written_as_given() -> None:
    known = repodata_revisions(RevisionFacts(1, 7, 7, message="Update your client."))
    info = SubdirInfo("linux-64", revisions=known)
    document = json.loads(rendered([Listed("a-1-0.conda", is_v3=True)], info))
    assert document["info"]["repodata_revisions"] == {
        "v3": {"message": "Update your client.", "n_packages": 1, "newest": 7, "oldest": 7}
    }


def test_without_v3_records_nothing_speaks_of_v3() -> None:
    info = SubdirInfo("linux-64", revisions=repodata_revisions(RevisionFacts(1, 7, 7)))
    assert b"v3" not in rendered([Listed("a-1-0.conda")], info)
    assert b"revisions" not in rendered([Listed("a-1-0.conda")], info)


def test_big_documents_come_in_chunks() -> None:
    files = [Listed(f"package{number}-1-0.conda").indexed for number in range(2000)]
    chunks = list(repodata(HEAD, files))
    assert len(chunks) > 3
    assert all(CHUNK_SIZE <= len(chunk) < 2 * CHUNK_SIZE for chunk in chunks[:-1])
    assert len(json.loads(b"".join(chunks))["packages.conda"]) == 2000


def test_rattler_reads_every_record(tmp_path: Path) -> None:
    files = [
        Listed("old-1.0-0.tar.bz2", more={"depends": ["zlib >=1.2"]}),
        Listed("plain-1.0-0.conda", more={"license": "MIT"}),
        Listed("new-1.0-0.conda", is_v3=True, more={"extra_depends": {"cli": ["rich"]}}),
    ]
    path = tmp_path / "repodata.json"
    path.write_bytes(rendered(files, SubdirInfo("linux-64", removed=["gone-1-0.conda"])))

    revisions = RepoData.from_path(path).repodata_revisions
    assert revisions["v3"].get("n_packages") == 1
    sparse = SparseRepoData(Channel("test"), "linux-64", path)
    assert sorted(sparse.package_names()) == ["new", "old", "plain"]
    found = {str(record.name.normalized): record for record in sparse.load_all_records()}
    assert found["old"].depends == ["zlib >=1.2"]
    assert {record.file_name for record in found.values()} == {item.filename for item in files}


@pytest.mark.parametrize("indexer", ["conda-index-0.13.0", "rattler-index-0.28.0"])
@pytest.mark.parametrize("subdir", ["linux-64", "linux-aarch64", "noarch", "osx-64", "win-64"])
def test_real_indexes_come_back_record_for_record(indexer: str, subdir: str) -> None:
    theirs = json.loads(reference("expected", indexer, subdir, "repodata.json").read_bytes())
    records = [
        IndexedRecord(filename, canonical_json(record), is_v3=False)
        for section in ("packages", "packages.conda")
        for filename, record in theirs[section].items()
    ]
    info = SubdirInfo(subdir, removed=theirs.get("removed", []))
    ours = json.loads(b"".join(repodata(info, records)))
    assert ours["packages"] == theirs["packages"]
    assert ours["packages.conda"] == theirs["packages.conda"]
    assert ours["info"] == theirs["info"]
