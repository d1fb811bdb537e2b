"""Clients that keep a server busy until it is gone, and a look at what it holds."""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import httpx

from tests.builders import Built, package
from tests.crash.ledger import ABSENT, Kept, Ledger
from tests.server import Client
from tests.web.reading import SHARD_INDEX, digests_by_file, said, shard_address

_YANK = """mutation($c: String!, $f: String!) {
    yankPackageVariant(channelName: $c, subdir: "noarch", filename: $f, reason: "broken") }"""
_UNYANK = """mutation($c: String!, $f: String!) {
    unyankPackageVariant(channelName: $c, subdir: "noarch", filename: $f) }"""
_VERSIONS = 4
_contents = itertools.count()


def keep_busy(client: Client, channel: str, name: str, ledger: Ledger, chance: Random) -> None:
    """Upload, replace, delete, yank and read files of one name until the server is gone."""
    with suppress(httpx.TransportError):
        while True:
            _change(client, channel, name, ledger, chance)
            document = chance.choice(("repodata.json", "repodata.json.zst", SHARD_INDEX))
            answer = client.get(f"/{channel}/noarch/{document}")
            assert answer.status_code == 200, answer.text


def _change(client: Client, channel: str, name: str, ledger: Ledger, chance: Random) -> None:
    version = str(chance.randrange(_VERSIONS))
    filename = f"{name}-{version}-0.conda"
    kept = ledger.state(filename)
    act = chance.choice(("upload", "upload", "delete", "yank"))
    if kept.built is None or act == "upload":
        _upload(client, channel, _new(name, version, chance), ledger)
    elif act == "delete":
        ledger.ask(filename, ABSENT)
        path = f"/api/v1/delete/{channel}/noarch/{filename}"
        client.request("DELETE", path).raise_for_status()
        ledger.acknowledge(filename)
    else:
        ledger.ask(filename, Kept(kept.built, is_yanked=not kept.is_yanked))
        client.ask(_UNYANK if kept.is_yanked else _YANK, c=channel, f=filename)
        ledger.acknowledge(filename)


def _upload(client: Client, channel: str, built: Built, ledger: Ledger) -> None:
    ledger.ask(built.filename, Kept(built))
    answer = client.upload(channel, built, params={"force": "true"})
    assert answer.status_code == 201, answer.text
    ledger.acknowledge(built.filename)


def _new(name: str, version: str, chance: Random) -> Built:
    """Return a package of other bytes than any before, a few of them of a megabyte."""
    noise = chance.randbytes(chance.choice((100, 100, 100, 1_000_000)))
    return package(name, version, files={"share/noise": b"%d" % next(_contents) + noise})


def found_in(client: Client, channel: str, ledger: Ledger) -> dict[str, Kept]:
    """Return how each file is; documents, shards and downloads must all say the same."""
    listed, yanked = _listed(client, channel)
    found: dict[str, Kept] = {}
    for filename in ledger.known.keys() | ledger.asked.keys() | listed.keys() | yanked:
        built = _download(client, channel, filename, ledger)
        is_yanked = filename in yanked
        assert listed.get(filename) == (built.sha256 if built and not is_yanked else None), filename
        if built is not None:
            found[filename] = Kept(built, is_yanked=is_yanked)
    return found


def _download(client: Client, channel: str, filename: str, ledger: Ledger) -> Built | None:
    answer = client.get(f"/{channel}/noarch/{filename}")
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, answer.text
    for kept in (ledger.state(filename), ledger.asked.get(filename, ABSENT)):
        if kept.built is not None and kept.built.data == answer.content:
            return kept.built
    raise AssertionError(f"{filename} has bytes that nobody has sent")


def _listed(client: Client, channel: str) -> tuple[dict[str, str], set[str]]:
    """Return what repodata.json lists and removes; the shards must list the same."""
    repodata = client.get(f"/{channel}/noarch/repodata.json").raise_for_status().json()
    listed = digests_by_file(repodata)
    assert dict(_in_shards(client, channel)) == listed
    return listed, set(repodata["removed"])


def _in_shards(client: Client, channel: str) -> Iterator[tuple[str, str]]:
    index = client.get(f"/{channel}/noarch/{SHARD_INDEX}").raise_for_status()
    for digest in said(SHARD_INDEX, index.content)["shards"].values():
        shard = client.get(f"/{channel}/noarch/{shard_address(digest)}").raise_for_status()
        yield from digests_by_file(said(SHARD_INDEX, shard.content)).items()
