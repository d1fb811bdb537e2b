"""Waiting for what another process does, where it tells nobody when it has."""

import select
import time
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 60
"""Seconds for an answer: how busy the machine may be, not how long an answer takes."""


def until(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds; fail if it never does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        select.select([], [], [], 0.01)  # let the other process have the processor
