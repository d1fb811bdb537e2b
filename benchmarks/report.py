"""Tables in Markdown: what was measured, beside what was to be reached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.measure import Cost, Series

Steps = dict[str, dict[str, Series]]
"""Series by step (an upload, or a document's name) and by kind of cost."""

_Cell = Callable[["SizeFigures"], str]

_MS, _MB = 1e-3, 1e6
_GOALS = {  # seconds from the acknowledgement on, by the number of records
    "repodata_shards.msgpack.zst": {1_000: 0.015, 10_000: 0.020, 100_000: 0.040, 500_000: 0.100},
    "repodata.json": {1_000: 0.015, 10_000: 0.040, 100_000: 0.400, 500_000: 2.5},
    "repodata.json.zst": {1_000: 0.020, 10_000: 0.060, 100_000: 0.700, 500_000: 4.0},
}
_MEMORY_GOALS = {100_000: 200 * _MB, 500_000: 900 * _MB}


@dataclass(frozen=True, slots=True)
class SizeFigures:
    """What one size of a subdir gave: seconds, bytes."""

    records: int
    filling: float
    first: dict[str, Cost]
    """The first render of each document, of all shards included."""
    steps: Steps
    memory: int


@dataclass(frozen=True, slots=True)
class PeerFigures:
    """What an indexer takes for the same channel."""

    indexer: str
    first: Cost | None
    unchanged: Cost | None
    changed: dict[str, Series]
    """After a change of one package."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one question took: seconds on the wall, mean seconds of CPU, statements; its goal."""

    title: str
    goal: float
    wall: Series
    cpu: float
    statements: int


def figures_table(figures: Sequence[Figure]) -> str:
    """Return a table with a row for each question."""
    head = ["question", "p50 (least–most)", "ratio to the goal", "CPU a request", "SQL statements"]
    body = [
        [
            figure.title,
            _time(figure.wall),
            _against(figure.wall.median, figure.goal, _milliseconds).removeprefix("; "),
            _milliseconds(figure.cpu),
            str(figure.statements),
        ]
        for figure in figures
    ]
    return _table(head, body)


def disk_line(disk: Series) -> str:
    """Return the one line that all acknowledgements depend on."""
    return f"fsync of 4 KiB on this disk: {_time(disk)}\n"


def size_table(sizes: Sequence[SizeFigures]) -> str:
    """Return a table with a column for each size; empty without any."""
    if not sizes:
        return ""
    rows: list[tuple[str, _Cell]] = [
        ("upload, until acknowledged", lambda size: _time(size.steps["upload"]["wall"])),
        ("its CPU, rendering excluded", lambda size: _cpu(size, sizes[0])),
        *((f"→ {name} fresh", _freshness(name)) for name in _GOALS),
        *((f"CPU of {name}", _cpu_of(name)) for name in _GOALS),
        ("written by the upload", lambda size: _bytes(size.steps["upload"]["written"].median)),
        *((f"written for {name}", _written_for(name)) for name in _GOALS),
        ("peak extra memory of a render", _memory),
        *((f"first render of {name}", _first(name)) for name in _GOALS),
    ]
    head = ["at this many records", *(f"{size.records:,}" for size in sizes)]
    return _table(head, [[title, *map(cell, sizes)] for title, cell in rows])


def peer_table(peers: Sequence[PeerFigures]) -> str:
    """Return a table with a row for each indexer, ours first; empty without any."""
    if not peers:
        return ""
    ours = peers[0].changed["wall"].median
    head = ["indexer", "from nothing", "nothing changed", "one package changed", "its CPU", "ratio"]
    body = [
        [
            peer.indexer,
            _seconds(peer.first),
            _seconds(peer.unchanged),
            _time(peer.changed["wall"]),
            _time(peer.changed["cpu"]),
            f"{peer.changed['wall'].median / ours:.0f}",
        ]
        for peer in peers
    ]
    return _table(head, body)


def _freshness(name: str) -> _Cell:
    def cell(size: SizeFigures) -> str:
        taken = size.steps[name]["wall"]
        return _time(taken) + _against(taken.median, _GOALS[name].get(size.records), _milliseconds)

    return cell


def _cpu_of(name: str) -> _Cell:
    return lambda size: _time(size.steps[name]["cpu"])


def _written_for(name: str) -> _Cell:
    return lambda size: _bytes(size.steps[name]["written"].median)


def _first(name: str) -> _Cell:
    return lambda size: _seconds(size.first[name])


def _cpu(size: SizeFigures, first: SizeFigures) -> str:
    taken, base = size.steps["upload"]["cpu"], first.steps["upload"]["cpu"]
    return f"{_time(taken)}, {taken.median / base.median - 1:+.0%}"


def _memory(size: SizeFigures) -> str:
    return _bytes(size.memory) + _against(size.memory, _MEMORY_GOALS.get(size.records), _bytes)


def _against(value: float, goal: float | None, text: Callable[[float], str]) -> str:
    if goal is None:
        return ""
    ratio = f"{value / goal:.2f} of {text(goal)}"
    return f"; {ratio}" if value <= goal else f"; **{ratio}**"


def _time(taken: Series) -> str:
    spread = f"{taken.least / _MS:.1f}–{taken.most / _MS:.1f}"
    return f"{_milliseconds(taken.median)} ({spread})"


def _milliseconds(seconds: float) -> str:
    return f"{seconds / _MS:.1f} ms"


def _seconds(cost: Cost | None) -> str:
    return "" if cost is None else f"{cost.wall:.2f} s"


def _bytes(count: float) -> str:
    return f"{count / _MB:,.1f} MB" if count >= _MB else f"{count / 1e3:,.1f} kB"


def _table(head: list[str], body: list[list[str]]) -> str:
    rows = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
