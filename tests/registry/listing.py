"""What clients read from a subdir's documents, in one shape."""

from typing import Any, cast

import msgpack
import zstandard

from tests.registry.world import Person


def shard_index(person: Person, channel: str, subdir: str = "noarch") -> dict[str, Any]:
    """Return the shard index, unpacked."""
    data = person.download(channel, subdir, "repodata_shards.msgpack.zst")
    return msgpack.unpackb(zstandard.decompress(data))


def union_of_shards(person: Person, channel: str, subdir: str = "noarch") -> dict[str, Any]:
    """Return the maps of all shards laid together."""
    found: dict[str, Any] = {"packages": {}, "packages.conda": {}}
    for digest in shard_index(person, channel, subdir)["shards"].values():
        data = person.download(channel, subdir, f"shards/{digest.hex()}.msgpack.zst")
        _merge(found, msgpack.unpackb(zstandard.decompress(data)))
    return found


def comparable(repodata: dict[str, Any]) -> dict[str, Any]:
    """Return the maps of repodata.json, or of shards laid together, without their differences.

    Shards hold hashes as bytes and run_exports beside each record; only repodata.json lists
    what was removed from names that have no shard.
    """
    maps = {name: repodata.get(name, {}) for name in ("packages", "packages.conda")}
    maps |= {f"v3.{kind}": found for kind, found in repodata.get("v3", {}).items()}
    return {
        f"{name}/{key}": _plain(record)
        for name, found in maps.items()
        for key, record in found.items()
    }


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.hex() if isinstance(value, bytes) else value
        for key, value in record.items()
        if key != "run_exports"
    }


def _merge(target: dict[str, Any], source: dict[str, Any]) -> None:
    for key, value in source.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], cast("dict[str, Any]", value))
        else:
            target[key] = value
