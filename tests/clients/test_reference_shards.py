"""The shards of real packages say what rattler-index, which defined the format, says in its own.

The packages and its output lie beside the repository where its authors work.
"""

import hashlib
import json
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import msgpack
import pytest
import zstandard

from tests.conda.test_real_packages import (
    COMMON,
    DATA,
    MANIFEST,
    OLD_KEYS,
    canonical,
    unexplained,
)
from tests.server import Client
from tests.site import Site
from tests.web.reading import SHARD_INDEX, said, shard_address

REFERENCE = DATA / "expected" / "rattler-index-0.28.0"
SUBDIRS = sorted(path.parent.name for path in REFERENCE.glob(f"*/{SHARD_INDEX}"))
KNOWN = COMMON | OLD_KEYS

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference is not here")

Records = dict[str, dict[str, Any]]


def unpacked(path: Path) -> Any:  # noqa: ANN401 - whatever the msgpack holds
    # Its frames do not tell their size.
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())
    return msgpack.unpackb(plain)


def reference(subdir: str) -> dict[str, Records]:
    """Return the reference's records by package and file, those of refused files left out."""
    index = unpacked(REFERENCE / subdir / SHARD_INDEX)
    shards = {
        name: listed(unpacked(REFERENCE / subdir / shard_address(digest)))
        for name, digest in index["shards"].items()
    }
    kept = {
        name: {file: record for file, record in records.items() if record["sha256"] in ACCEPTED}
        for name, records in shards.items()
    }
    return {name: records for name, records in kept.items() if records}


def listed(shard: dict[str, Any]) -> Records:
    """Return the records of a shard by file, its hashes as hex."""
    records = {**shard["packages"], **shard["packages.conda"]}
    return {file: plain(record) for file, record in records.items()}


def plain(record: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.hex() if isinstance(value, bytes) else value for key, value in record.items()
    }


ACCEPTED = {
    entry["sha256"]: entry["file"] for entry in MANIFEST.values() if entry["verdict"] == "accept"
}


def as_ours(file: str, records: Records) -> dict[str, Any]:
    """Return the reference's record with what we say beside: the older twin, and run_exports.

    It reads run_exports from ``.conda`` files only; of the others conda-index tells.
    """
    twin = records.get(f"{file.removesuffix('.conda')}.tar.bz2")
    legacy = {"legacy_bz2_md5": twin["md5"], "legacy_bz2_size": twin["size"]} if twin else {}
    exports = {} if file.endswith(".conda") else older_run_exports(records[file]["subdir"])[file]
    return {"run_exports": {}, **legacy, **records[file], **exports}


@cache
def older_run_exports(subdir: str) -> Records:
    path = DATA / "expected" / "conda-index-0.13.0" / subdir / "run_exports.json"
    return json.loads(path.read_text())["packages"]


@pytest.fixture(scope="module")
def filled(site: Site) -> Generator[Client]:
    """Somebody who reads the channel ``reference``, into which all the files were published."""
    with httpx.Client(base_url=site.url, timeout=60, trust_env=False) as http:
        owner = Client(http, "olga", site.token)
        owner.ask('mutation {createChannel(name: "reference") {name}}')
        for subdir in SUBDIRS:
            for records in reference(subdir).values():
                for filename, record in records.items():
                    data = (DATA / "packages" / ACCEPTED[record["sha256"]]).read_bytes()
                    path = f"/reference/{subdir}/{filename}"
                    owner.request("PUT", path, content=data).raise_for_status()
        yield owner


def test_the_reference_is_there_in_full() -> None:
    files = [len(records) for subdir in SUBDIRS for records in reference(subdir).values()]
    assert (len(SUBDIRS), sum(files)) == (6, 135)


@pytest.mark.parametrize("subdir", SUBDIRS)
def test_shards_have_the_names_and_records_of_the_reference(filled: Client, subdir: str) -> None:
    theirs = reference(subdir)
    folder = f"/reference/{subdir}"
    index = said(SHARD_INDEX, filled.get(f"{folder}/{SHARD_INDEX}").content)
    assert index["shards"].keys() == theirs.keys()
    assert index["info"].keys() == unpacked(REFERENCE / subdir / SHARD_INDEX)["info"].keys()
    for name, digest in index["shards"].items():
        answer = filled.get(f"{folder}/{shard_address(digest)}")
        assert hashlib.sha256(answer.content).digest() == digest
        ours = listed(said(SHARD_INDEX, answer.content))
        assert ours.keys() == theirs[name].keys()
        for file, record in ours.items():
            their = as_ours(file, theirs[name])
            assert not unexplained(canonical(record), canonical(their), KNOWN), file
            assert record["indexed_timestamp"] > 0
