"""Waiting for what another process does, where it tells nobody when it has."""

import select
import time
from collections.abc import Callable

_PATIENCE = 20  # seconds


def until(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds; fail if it never does."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        select.select([], [], [], 0.01)  # let the other process have the processor
