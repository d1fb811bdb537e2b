"""What was measured at scale, as tables: costs, ratios, and what follows for many workers.

``docs/scale.md`` holds them between comments; ``write`` puts new ones in their places.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

PLAIN, APART = "SQLite, directory", "PostgreSQL, S3"
UPLOAD = "upload"
_WORKERS = (1, 10, 100)
_CONNECTIONS = 9  # of each worker, with the settings as they come


@dataclass(frozen=True, slots=True)
class Line:
    """What one kind of request took, for each request.

    Attributes:
        place: ``PLAIN`` or ``APART``.
        workers: processes that served.
        request: its kind.
        per_second: requests that were answered.
        server_ms: processor time of the server's processes.
        database_ms: processor time of PostgreSQL's processes.
        trips: round trips to PostgreSQL, of one request at a time.
    """

    place: str
    workers: int
    request: str
    per_second: float
    server_ms: float
    database_ms: float
    trips: float


def row(line: Line) -> str:
    """Return a line of the table of costs."""
    of_database = (
        (f"{line.database_ms:.2f}", f"{line.trips:.1f}") if line.place == APART else ("",) * 2
    )
    return _row(
        line.place,
        line.workers,
        line.request,
        f"{line.per_second:.0f}",
        f"{line.server_ms:.2f}",
        *of_database,
    )


COSTS = """| rows, bytes | workers | request | a second | server ms | PostgreSQL ms | round trips |
|---|---|---|---|---|---|---|"""


def tables(lines: Sequence[Line]) -> dict[str, str]:
    """Return each table by the name of its place in the docs."""
    costs = "\n".join((COSTS, *map(row, lines)))
    return {"costs": costs, "ratios": _ratios(lines), "model": _model(lines)}


def write(page: Path, new: dict[str, str]) -> None:
    """Replace the tables of a page: what stands between ``<!-- NAME -->`` and ``<!-- end -->``."""
    text = page.read_text()
    for name, table in new.items():
        place = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end -->)", re.DOTALL)
        text, count = place.subn(lambda found, table=table: f"{found[1]}{table}{found[2]}", text)
        if count != 1:
            raise LookupError(f"{page} has {count} places for {name}.")
    page.write_text(text)


def _ratios(lines: Sequence[Line]) -> str:
    """Compare the processor time of all that serves: apart with plain, most workers with one."""
    total = {
        (line.place, line.workers, line.request): line.server_ms + line.database_ms
        for line in lines
    }
    one, most = min(line.workers for line in lines), max(line.workers for line in lines)
    head = (
        "request",
        f"{APART} : {PLAIN}",
        f"{most} workers : {one}, {PLAIN}",
        f"the same, {APART}",
    )
    body = (
        (
            request,
            f"{total[APART, one, request] / total[PLAIN, one, request]:.1f}",
            *(
                f"{total[place, most, request] / total[place, one, request]:.1f}"
                for place in (PLAIN, APART)
            ),
        )
        for request in _requests(lines)
    )
    return _table(head, body)


def _model(lines: Sequence[Line]) -> str:
    """Say what workers with a core each would answer, if they did nothing else."""
    costs = {line.request: line for line in lines if (line.place, line.workers) == (APART, 1)}
    head = ("if all did only this", *map(_workers, _WORKERS), "cores of PostgreSQL, each time")
    body = [(request, *_answered(line)) for request, line in costs.items()]
    in_turn = f"{costs[UPLOAD].per_second:.0f}"
    body.append(("uploads into one channel, in turn, as measured", *(in_turn,) * len(_WORKERS), ""))
    connections = (f"{_CONNECTIONS * count}" for count in _WORKERS)
    return _table(head, [*body, ("connections", *connections, "")])


def _answered(line: Line) -> Iterable[str]:
    rates = [count * 1000 / line.server_ms for count in _WORKERS]
    yield from (f"{rate:,.0f} a second" for rate in rates)
    yield ", ".join(f"{rate * line.database_ms / 1000:.1f}" for rate in rates)


def _requests(lines: Iterable[Line]) -> Iterable[str]:
    return dict.fromkeys(line.request for line in lines)


def _workers(count: int) -> str:
    return f"{count} worker{'s' if count > 1 else ''}"


def _table(head: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    return "\n".join((_row(*head), f"|{'---|' * len(head)}", *(_row(*each) for each in body)))


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"
