"""The documents of channels over HTTP, what they say, and an operator beside the servers."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgpack
import zstandard

from graphrepo.clock import system_clock
from graphrepo.registry.requests import Batch, FileName
from tests.registry.world import Person, World

SHARD_INDEX = "repodata_shards.msgpack.zst"
OF_SUBDIR = (
    "repodata.json",
    "repodata.json.zst",
    "repodata_from_packages.json",
    "repodata_from_packages.json.zst",
    "current_repodata.json",
    "current_repodata.json.zst",
    "run_exports.json",
    "run_exports.json.zst",
    "patch_instructions.json",
    SHARD_INDEX,
)
OF_CHANNEL = ("channeldata.json", "notices.json", "rss.xml")
SUBDIRS = ("noarch", "linux-64")
EVERY = (*OF_CHANNEL, *(f"{subdir}/{name}" for subdir in SUBDIRS for name in OF_SUBDIR))
"""Every document of a channel with files in both subdirs, below the channel's address."""


def said(name: str, data: bytes) -> Any:  # noqa: ANN401 - whatever the JSON or msgpack holds
    """Return what a JSON or msgpack document says, packed or not, by its name."""
    plain = zstandard.decompress(data) if name.endswith(".zst") else data
    return msgpack.unpackb(plain) if ".msgpack" in name else json.loads(plain)


def shard_address(digest: bytes) -> str:
    """Return the path of a shard below its subdir."""
    return f"shards/{digest.hex()}.msgpack.zst"


def digests_by_file(document: dict[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of each listed file in a repodata document or a shard."""
    listed = {**document["packages"], **document["packages.conda"]}
    return {filename: _hex(record["sha256"]) for filename, record in listed.items()}


@contextmanager
def operating(data: Path) -> Generator[Person]:
    """Act as the operator of a data directory, in this process, while servers use it."""
    world = World(data, system_clock)
    try:
        yield world.operator
    finally:
        world.close()


def yank(operator: Person, channel: str, *files: str) -> None:
    """Yank ``subdir/filename``s."""
    registry, batch = operator.world.registry, _batch(channel, *files)
    operator.world.run(registry.yanking.yank(operator.viewer, batch, "broken"))


def unyank(operator: Person, channel: str, *files: str) -> None:
    """Take a yank back."""
    registry, batch = operator.world.registry, _batch(channel, *files)
    operator.world.run(registry.yanking.unyank(operator.viewer, batch))


def _batch(channel: str, *files: str) -> Batch:
    return Batch(channel, tuple(FileName(*file.split("/")) for file in files))


def _hex(digest: str | bytes) -> str:
    return digest.hex() if isinstance(digest, bytes) else digest
