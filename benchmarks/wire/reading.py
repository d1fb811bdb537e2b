"""How fast bytes come out: artifacts and documents, beside nginx with the same files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import msgpack
import zstandard

from benchmarks.records import SUBDIR
from benchmarks.wire.clients import Asked, Load, slow_readers, wrk
from benchmarks.wire.figures import Figure, figure
from benchmarks.wire.servers import Server, first_cores, graphrepo, nginx
from benchmarks.wire.site import CLOSED, PUBLIC, Shelf, address, blob_path, fetched
from benchmarks.wire.terms import Terms

_MANY = 8  # connections
_OFFSET = 1024 * 1024  # where the ranges begin
_NGINX = "nginx"
# Most files of the channel have no bytes from which paths could be gathered meanwhile.
_BARE = {"GRAPHREPO_STORE_PATHS": "false"}


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both servers on the same files, each kept off the core of the clients."""

    shelf: Shelf
    ours: Server
    nginx: Server | None
    terms: Terms

    def loads(self, ours: Asked, beside: Asked, connections: int) -> tuple[list[Load], list[Load]]:
        """Load both in turn, so that both see the same weather."""
        mine: list[Load] = []
        others: list[Load] = []
        for _ in range(self.terms.repeats):
            mine.append(wrk(self.ours, ours, connections, self.terms.seconds))
            if self.nginx:
                others.append(wrk(self.nginx, beside, connections, self.terms.seconds))
        return mine, others


def artifact(terms: Terms) -> Iterator[Figure]:
    """Measure 1 MiB from the public channel: by processor time, and by the clock."""
    with _pair(terms) as pair:
        name = pair.shelf.artifact
        beside = Asked(pair.shelf.blobs[name])
        ours, others = pair.loads(Asked(address(PUBLIC, name)), beside, _MANY)
    yield _against(
        "artifact 1 MiB, public", "/CPU s", ours, others, 0.65, lambda load: load.per_cpu
    )
    yield _against("the same by the clock", "/s", ours, others, 0.95, lambda load: load.rate)


def private(terms: Terms) -> Iterator[Figure]:
    """Measure 1 MiB with a token beside 1 MiB without."""
    with _pair(terms) as pair:
        name = pair.shelf.artifact
        both = replace(pair, nginx=pair.ours)
        closed = Asked(address(CLOSED, name), pair.shelf.auth)
        ours, public = both.loads(closed, Asked(address(PUBLIC, name)), _MANY)
    yield _against(
        "artifact 1 MiB, private with a token",
        "/CPU s",
        ours,
        public,
        0.9,
        lambda load: load.per_cpu,
        of="public",
    )


def large(terms: Terms) -> Iterator[Figure]:
    """Measure 200 MiB, whole and all but the first MiB, by the clock."""
    with _pair(terms) as pair:
        name = pair.shelf.large
        path, beside = address(PUBLIC, name), pair.shelf.blobs[name]
        whole = pair.loads(Asked(path), Asked(beside), 1)
        part = {"Range": f"bytes={_OFFSET}-"}
        ranged = pair.loads(Asked(path, part, 206), Asked(beside, part, 206), 1)
    yield _against("artifact 200 MiB, whole", "MB/s", *whole, 0.9, lambda load: load.megabytes)
    yield _against("artifact 200 MiB, ranged", "MB/s", *ranged, 0.9, lambda load: load.megabytes)


def slow(terms: Terms) -> Iterator[Figure]:
    """Measure what 20 slow clients of 200 MiB add to the worker's memory."""
    with graphrepo(terms.sites.shelf.data) as server:
        path = address(PUBLIC, terms.sites.shelf.large)
        slow_readers(server, [Asked(path)], 0.5)
        grown: list[float] = []
        for _ in range(terms.repeats):
            before = server.memory()
            asked = [Asked(path), Asked(path, {"Range": f"bytes={_OFFSET}-"}, 206)]
            grown.append(slow_readers(server, asked * 10, terms.seconds * 2) - before)
    yield figure("memory for 20 slow clients of 200 MiB", "MB", grown, 20, at_most=True)


def repodata(terms: Terms) -> Iterator[Figure]:
    """Measure repodata.json.zst of about 100 KB from memory, whole."""
    path = address(PUBLIC, "repodata.json.zst")
    with _pair(terms) as pair:
        body, _ = fetched(pair.ours, Asked(path))
        ours, others = pair.loads(Asked(path), Asked(blob_path(body)), _MANY)
    title = f"repodata.json.zst, {len(body) / 1000:.0f} KB"
    yield _rate(title, ours, others, 12_000)


def unchanged(terms: Terms) -> Iterator[Figure]:
    """Measure the same for who has it: 304."""
    path = address(PUBLIC, "repodata.json.zst")
    with _pair(terms) as pair:
        body, headers = fetched(pair.ours, Asked(path))
        ours = Asked(path, {"If-None-Match": headers["etag"]}, 304)
        beside = Asked(blob_path(body))
        if pair.nginx:
            _, headers = fetched(pair.nginx, beside)
            beside = replace(beside, headers={"If-None-Match": headers["etag"]}, status=304)
        loads = pair.loads(ours, beside, _MANY)
    yield _rate("the same with If-None-Match, 304", *loads, 15_000)


def shard(terms: Terms) -> Iterator[Figure]:
    """Measure a shard of the private channel, with a token."""
    with _pair(terms) as pair:
        index = address(CLOSED, "repodata_shards.msgpack.zst")
        packed, _ = fetched(pair.ours, Asked(index, pair.shelf.auth))
        plain = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
        digest = msgpack.unpackb(plain)["shards"]["artifact"].hex()
        asked = Asked(f"/{CLOSED}/{SUBDIR}/shards/{digest}.msgpack.zst", pair.shelf.auth)
        body, _ = fetched(pair.ours, asked)
        ours, others = pair.loads(asked, Asked(blob_path(body)), _MANY)
    yield _rate("shard, private with a token", ours, others, 10_000)


def _rate(title: str, ours: list[Load], others: list[Load], goal: float) -> Figure:
    rates = [load.per_cpu for load in ours]
    beside = [load.per_cpu for load in others]
    return figure(title, "/CPU s", rates, goal, limit=beside, limit_of=_NGINX)


def _against(  # noqa: PLR0913 - the columns of the table
    title: str,
    unit: str,
    ours: list[Load],
    others: list[Load],
    goal: float,
    value: Callable[[Load], float],
    *,
    of: str = _NGINX,
) -> Figure:
    mine, beside = list(map(value, ours)), list(map(value, others))
    return figure(title, unit, mine, goal, limit=beside, limit_of=of, is_ratio=True)


@contextmanager
def _pair(terms: Terms) -> Iterator[_Pair]:
    shelf = terms.sites.shelf
    with graphrepo(shelf.data, settings=_BARE) as ours, nginx(shelf.data) as beside:
        for server in filter(None, (ours, beside)):
            server.keep_to(first_cores())
        yield _Pair(shelf, ours, beside, terms)
