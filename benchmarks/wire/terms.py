"""What every measurement is told."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.wire.site import Sites


@dataclass(frozen=True, slots=True)
class Terms:
    """How often and how long to measure, and where."""

    sites: Sites
    folder: Path
    repeats: int
    seconds: int
