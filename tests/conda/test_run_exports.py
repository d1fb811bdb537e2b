"""run_exports.json: one entry per file of the unpatched index."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.record import canonical_json
from graphrepo.conda.run_exports import run_exports
from tests.conda.listings import Listed, listings, reference


def document(subdir: str, *files: Listed) -> bytes:
    return b"".join(run_exports(subdir, [(item.filename, item.run_exports_json) for item in files]))


def test_an_empty_subdir_still_has_a_head() -> None:
    assert document("noarch") == (
        b'{"info":{"arch":"noarch","platform":"noarch","subdir":"noarch","version":0},'
        b'"packages":{},"packages.conda":{}}'
    )


@pytest.mark.parametrize(
    ("subdir", "platform", "arch"),
    [
        ("linux-64", "linux", "x86_64"),
        ("win-32", "win", "x86"),
        ("osx-arm64", "osx", "arm64"),
        ("noarch", "noarch", "noarch"),
    ],
)
def test_the_head_speaks_as_index_json_does(subdir: str, platform: str, arch: str) -> None:
    info = json.loads(document(subdir))["info"]
    assert (info["platform"], info["arch"]) == (platform, arch)


def test_every_file_has_an_entry() -> None:
    files = [
        Listed("b-1-0.tar.bz2", run_exports={"strong": ["b >=1"]}),
        Listed("a-1-0.conda"),
    ]
    content = json.loads(document("linux-64", *files))
    assert content["packages"] == {"b-1-0.tar.bz2": {"run_exports": {"strong": ["b >=1"]}}}
    assert content["packages.conda"] == {"a-1-0.conda": {"run_exports": {}}}


@given(listings.flatmap(lambda files: st.tuples(st.just(files), st.permutations(files))))
def test_it_is_canonical_whatever_the_order(orders: tuple[list[Listed], ...]) -> None:
    first, second = (document("linux-64", *files) for files in orders)
    assert first == second == canonical_json(json.loads(first))


@pytest.mark.parametrize("subdir", ["linux-64", "linux-aarch64", "noarch", "osx-64", "win-64"])
def test_conda_indexs_own_entries_come_back(subdir: str) -> None:
    place = reference("expected", "conda-index-0.13.0", subdir, "run_exports.json")
    theirs = json.loads(place.read_bytes())
    entries = [
        (filename, canonical_json(entry["run_exports"]).decode())
        for section in ("packages", "packages.conda")
        for filename, entry in theirs[section].items()
    ]
    ours = json.loads(b"".join(run_exports(subdir, entries)))
    assert ours["packages"] == theirs["packages"]
    assert ours["packages.conda"] == theirs["packages.conda"]
    # CEP 12 says version 0 and wants platform and arch; conda-index writes 1 and neither.
    assert ours["info"]["subdir"] == theirs["info"]["subdir"]
