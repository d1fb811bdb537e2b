"""The steps of a change between which a loss of power must do no harm.

Whoever takes a step tells a ``Watch`` before it. In production nobody watches; the crash tests
hand in a watch that ends the process at a step of their choice.
"""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """What comes next; bytes take the first four, and then the rows take the last two."""

    KEEP = "keep"  # the file is staged whole, and nothing is durable
    SYNC = "sync"  # before the fsync of its bytes
    NAME = "name"  # after it is linked under its digest, before that name is durable
    UNSTAGE = "unstage"  # it is durable, and has its staging name still
    COMMIT = "commit"  # a transaction has done its work, and nothing of it is durable
    ACKNOWLEDGE = "acknowledge"  # it is durable, and nobody was told


Watch = Callable[[Step], None]
"""Called on the thread that takes the step."""


def unwatched(_step: Step) -> None:
    """Watch nothing."""
