"""Real package files: the verdict each deserves, and the records that others made of them.

The files lie beside the repository where its authors work, and are not part of it.
"""

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from graphrepo.conda.limits import Limits
from graphrepo.conda.matchspec import bracket_form
from graphrepo.conda.package import CheckedPackage, read_package
from graphrepo.conda.record import record_json
from graphrepo.errors import InvalidPackageError
from tests.conda.reading import NOW_MS

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the real packages are not here")

Record = dict[str, Any]


def lines(name: str) -> list[Record]:
    path = DATA / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


MANIFEST = {entry["file"]: entry for entry in lines("manifest.jsonl")}


def read(file: str, target_subdir: str | None = None) -> CheckedPackage:
    data = (DATA / "packages" / file).read_bytes()
    return read_package(
        io.BytesIO(data),
        MANIFEST[file]["filename"],
        target_subdir=target_subdir,
        now_ms=NOW_MS,
        limits=Limits(),
    )


@cache
def accepted() -> dict[str, CheckedPackage]:
    """Return the packages that we accept, by the SHA-256 of the file."""
    good = [entry for entry in MANIFEST.values() if entry["verdict"] == "accept"]
    return {entry["sha256"]: read(entry["file"]) for entry in good}


@cache
def published() -> dict[str, Record]:
    """Return our records, digests and all, by the SHA-256 of the file."""
    records: dict[str, Record] = {}
    for entry in MANIFEST.values():
        if (sha256 := entry["sha256"]) in accepted():
            data = (DATA / "packages" / entry["file"]).read_bytes()
            md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
            record = accepted()[sha256].record
            line = record_json(record, md5=md5, sha256=sha256, size=len(data), indexed_timestamp=1)
            records[sha256] = json.loads(line)
    return records


def test_there_are_packages_of_every_verdict() -> None:
    assert len(MANIFEST) == 230
    assert {entry["verdict"] for entry in MANIFEST.values()} == {"accept", "reject", "policy"}


@pytest.mark.parametrize("file", MANIFEST)
def test_a_real_package_gets_the_verdict_it_deserves(file: str) -> None:
    entry = MANIFEST[file]
    if entry["verdict"] != "accept":
        with pytest.raises(InvalidPackageError) as caught:
            read(file)
        assert caught.value.message.isprintable()
        return
    package = read(file)
    facts = ("filename", "name", "version", "build", "build_number")
    assert [getattr(package, fact) for fact in facts] == [entry[fact] for fact in facts]
    assert package.subdir == (entry["subdir"] or package.subdir)
    assert package.noarch == {True: "generic"}.get(entry["noarch"], entry["noarch"])
    assert len(package.record["depends"]) == (entry["depends_count"] or 0)


# What the refused ones are refused for, where their standing says it in words that one code means.
CODES = {
    "git-lfs pointer text, not an archive": {"invalid_archive"},
    "not bzip2-compressed": {"invalid_archive", "invalid_filename"},
    "two info/index.json members": {"invalid_archive"},
    "no pkg-*.tar.zst": {"invalid_archive"},
    "name longer than 64 characters (CEP 26)": {"invalid_name"},
    "no info/index.json": {"missing_index_json", "invalid_filename", "invalid_archive"},
    "depends is str": {"invalid_metadata", "filename_mismatch", "invalid_build", "invalid_name"},
    "index.json has no subdir, platform or arch": {"invalid_subdir"},
}


@pytest.mark.parametrize(
    "file", [file for file, entry in MANIFEST.items() if entry["verdict"] == "reject"]
)
def test_a_refusal_names_the_fault(file: str) -> None:
    codes = set[str]().union(*(CODES.get(why, set()) for why in MANIFEST[file]["why_invalid"]))
    with pytest.raises(InvalidPackageError) as caught:
        read(file)
    assert caught.value.code in codes


@pytest.mark.parametrize(
    "file", [file for file, entry in MANIFEST.items() if entry["verdict"] == "policy"]
)
def test_a_file_under_another_name_than_its_own_is_refused_for_that(file: str) -> None:
    with pytest.raises(InvalidPackageError) as caught:
        read(file)
    assert caught.value.code in {"filename_mismatch", "invalid_filename"}


@pytest.mark.parametrize(
    "file",
    [file for file, entry in MANIFEST.items() if "a PUT that names" in entry["server_should"]],
)
def test_a_package_without_subdir_is_taken_where_the_upload_names_one(file: str) -> None:
    assert read(file, "linux-64").subdir == "linux-64"


# Records that other programs made of the same files. Each difference that remains has a reason,
# and the value that we have in its place.


class Difference(NamedTuple):
    ours: object
    reason: str


ABSENT = "<absent>"

COMMON = {
    "timestamp": Difference(1_613_117_294_000, "the unit is milliseconds"),
    "noarch": Difference("generic", "the legacy true is called generic"),
}
OLD_KEYS = {
    "arch": Difference(ABSENT, "follows from subdir"),
    "platform": Difference(ABSENT, "follows from subdir"),
}
NO_DEPENDS = Difference([], "every client wants the key, whatever index.json lacks")
CONDA_INDEX = COMMON | {
    "depends": NO_DEPENDS,
    "preferred_env": Difference(ABSENT, "no client reads it"),
}
RATTLER_INDEX = COMMON | OLD_KEYS | {"run_exports": Difference(ABSENT, "in shards only (CEP 21)")}
CHANNELS = (
    COMMON
    | OLD_KEYS
    | {
        "depends": NO_DEPENDS,
        "requires": Difference(ABSENT, "no client reads it"),
        "subdir": Difference("linux-64", "one channel of 2014 did not write it"),
    }
)


def reference(indexer: str) -> list[tuple[str, Record]]:
    """Return the records of an indexer as (SHA-256, record), those of refused files left out."""
    records: list[tuple[str, Record]] = []
    for path in sorted((DATA / "expected" / indexer).glob("*/repodata.json")):
        document = json.loads(path.read_text())
        for section in ("packages", "packages.conda"):
            records += [(record["sha256"], record) for record in document[section].values()]
    return [(sha256, record) for sha256, record in records if sha256 in accepted()]


def unexplained(
    ours: Record, theirs: Record, known: Mapping[str, Difference]
) -> dict[str, tuple[Any, Any]]:
    """Return the differing values of keys, where the table does not explain them."""
    found: dict[str, tuple[Any, Any]] = {}
    for key in (ours.keys() | theirs.keys()) - {"indexed_timestamp"}:
        our, their = ours.get(key, ABSENT), theirs.get(key, ABSENT)
        if our != their and (key not in known or known[key].ours != our):
            found[key] = (our, their)
    return found


def test_records_equal_those_of_conda_index() -> None:
    records = reference("conda-index-0.13.0")
    assert len(records) == 135
    for sha256, theirs in records:
        assert not unexplained(published()[sha256], theirs, CONDA_INDEX)


def test_records_equal_those_of_rattler_index() -> None:
    """It rewrites specs, ``1.0`` to ``==1.0``; we keep the package's words for the same."""
    records = reference("rattler-index-0.28.0")
    assert len(records) == 135
    for sha256, theirs in records:
        assert not unexplained(canonical(published()[sha256]), canonical(theirs), RATTLER_INDEX)


def canonical(record: Record) -> Record:
    """Return the record with one way of writing for specs that mean the same."""
    specs = {key: list(map(bracket_form, record.get(key, []))) for key in ("depends", "constrains")}
    return record | {key: value for key, value in specs.items() if value}


def test_records_equal_those_that_real_channels_published() -> None:
    """The oracle names the keys that a channel had changed by hand, or its old tool left out."""
    compared = 0
    for entry in lines("oracle.jsonl"):
        for theirs in entry["records"] if entry["sha256"] in accepted() else ():
            # A channel of 2014 knew md5 only.
            named = {"sha256"} - theirs["record"].keys() | {
                *theirs["differs"],
                *theirs["dropped"],
                *theirs["added"],
            }
            record = {key: value for key, value in theirs["record"].items() if value is not None}
            left = unexplained(published()[entry["sha256"]], record, CHANNELS)
            assert left.keys() <= named, (theirs["fn"], left)
            compared += 1
    assert compared > 100


def test_run_exports_equal_those_of_conda_index() -> None:
    compared = 0
    ours = {(package.subdir, package.filename): package for package in accepted().values()}
    for path in sorted((DATA / "expected" / "conda-index-0.13.0").glob("*/run_exports.json")):
        document = json.loads(path.read_text())
        for section in ("packages", "packages.conda"):
            for filename, entry in document[section].items():
                package = ours.get((path.parent.name, filename))
                if package is not None:
                    assert json.loads(package.run_exports_json or "{}") == entry["run_exports"]
                    compared += 1
    assert compared == 135


# conda-index looks for prefixes in paths.json only; older packages name them in has_prefix.
HAS_PREFIX = {"json-c": {"text_prefix"}, "libtiff": {"text_prefix"}, "wheel": {"text_prefix"}}


def test_features_equal_those_of_conda_index() -> None:
    document = json.loads((DATA / "expected/conda-index-0.13.0/channeldata.json").read_text())
    found: defaultdict[str, set[str]] = defaultdict(set)
    for sha256, _ in reference("conda-index-0.13.0"):
        package = accepted()[sha256]
        found[package.name] |= {key for key, value in package.features.items() if value}
    keys = next(iter(accepted().values())).features.keys()
    for name, features in found.items():
        theirs = {key for key in keys if document["packages"][name][key]}
        assert features == theirs | HAS_PREFIX.get(name, set()), name
