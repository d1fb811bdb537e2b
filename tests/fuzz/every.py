"""Every target by its name, with its seeds."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from tests.fuzz import requests, targets

TARGETS: Mapping[str, tuple[targets.Target, Sequence[bytes]]] = MappingProxyType(
    {**targets.TARGETS, **requests.TARGETS}
)
