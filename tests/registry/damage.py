"""Damage done to a sound installation, as disks and people do it."""

from pathlib import Path

from graphrepo.registry.faults import FaultKind
from graphrepo.registry.soundness import Verdict, Wanted
from tests.databases import new_address, run_sql
from tests.registry.world import World


class Heard:
    """A listener that adds up."""

    def __init__(self) -> None:
        self.expected = (0, 0)
        self.read = 0

    def expects(self, blobs: int, size: int) -> None:
        self.expected = (blobs, size)

    def has_read(self, size: int) -> None:
        self.read += size


def verify(world: World, wanted: Wanted | None = None, heard: Heard | None = None) -> Verdict:
    return world.run(world.registry.soundness.verify(heard or Heard(), wanted or Wanted(jobs=2)))


def told(verdict: Verdict) -> set[tuple[str, FaultKind]]:
    return {(fault.place, fault.kind) for fault in verdict.faults}


def blob_file(data: Path, blake3: str) -> Path:
    return data / "blobs" / "blobs" / blake3[:2] / blake3


def spoil(data: Path, blake3: str) -> None:
    """Turn one bit of a stored file around."""
    file = blob_file(data, blake3)
    file.chmod(0o600)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def change_rows(data: Path, sql: str) -> None:
    """Change rows behind the server's back."""
    run_sql(new_address(data), sql)
