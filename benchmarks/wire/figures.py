"""What a measurement gives, and the table of all of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.measure import Series, series


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table.

    The goal speaks of ``ours``, or of its ratio to ``limit`` where ``is_ratio`` says so; to
    reach it means to be at least as much, or at most where ``at_most`` says so.
    """

    work: str
    unit: str
    ours: Series
    goal: float
    limit: Series | None = None
    limit_of: str = ""
    is_ratio: bool = False
    at_most: bool = False

    @property
    def ratio(self) -> float | None:
        """Return ours by the limit's, of the medians."""
        return self.ours.median / self.limit.median if self.limit else None

    @property
    def is_reached(self) -> bool:
        """Return whether the goal is reached; a ratio without a limit is not."""
        value = (self.ratio or 0.0) if self.is_ratio else self.ours.median
        return value <= self.goal if self.at_most else value >= self.goal

    def as_json(self) -> dict[str, Any]:
        """Return everything, what follows from it as well."""
        return {**asdict(self), "ratio": self.ratio, "is_reached": self.is_reached}


def figure(  # noqa: PLR0913 - the columns of the table
    work: str,
    unit: str,
    ours: Sequence[float],
    goal: float,
    *,
    limit: Sequence[float] = (),
    limit_of: str = "",
    is_ratio: bool = False,
    at_most: bool = False,
) -> Figure:
    """Return the row of repeated measurements."""
    beside = series(limit) if limit else None
    return Figure(work, unit, series(ours), goal, beside, limit_of, is_ratio, at_most)


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    head = ["work", "goal", "graphrepo", "noise", "beside it", "ratio", ""]
    body = [_cells(found) for found in figures]
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(found: Figure) -> list[str]:
    sign = "≤" if found.at_most else "≥"
    goal = f"{found.goal:g} ×" if found.is_ratio else f"{_number(found.goal)} {found.unit}"
    beside = f"{found.limit_of} {_number(found.limit.median)}" if found.limit else ""
    return [
        found.work,
        f"{sign} {goal}",
        f"{_number(found.ours.median)} {found.unit}",
        _noise(found.ours),
        beside,
        "" if found.ratio is None else f"{found.ratio:.2f}",
        "reached" if found.is_reached else "**missed**",
    ]


def _noise(found: Series) -> str:
    """Return how far the repeats lie apart, as parts of their median."""
    return f"±{(found.most - found.least) / 2 / (found.median or 1):.0%} of {found.count}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - digits shown
