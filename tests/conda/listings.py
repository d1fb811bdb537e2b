"""Files as a channel lists them, for the tests of its documents."""

import hashlib
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from graphrepo.conda.names import parse_filename
from graphrepo.conda.patches import PatchInstructions, parse_instructions
from graphrepo.conda.record import canonical_json, record_json
from graphrepo.conda.repodata import IndexedRecord
from graphrepo.conda.shards import ShardRecord

SHARED = Path(__file__).parents[3] / "shared" / "data"


@dataclass(frozen=True)
class Listed:
    """One file: its record is made from its name, ``more`` is laid over it."""

    filename: str
    is_v3: bool = False
    run_exports: Mapping[str, Any] | None = None
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])
    indexed_timestamp: int = 1_700_000_000_000

    @property
    def name(self) -> str:
        return parse_filename(self.filename).name

    @property
    def stem(self) -> str:
        return parse_filename(self.filename).stem

    @property
    def section(self) -> tuple[str, ...]:
        """The keys that lead to the map that lists the file."""
        extension = parse_filename(self.filename).extension
        if self.is_v3:
            return ("v3", extension)
        return ("packages.conda",) if extension == "conda" else ("packages",)

    @property
    def key(self) -> str:
        return self.stem if self.is_v3 else self.filename

    @property
    def json(self) -> bytes:
        parts = parse_filename(self.filename)
        content = self.filename.encode()
        record: dict[str, Any] = {
            "build": parts.build,
            "build_number": 0,
            "depends": [],
            "name": parts.name,
            "subdir": "linux-64",
            "version": parts.version,
            **({"fn": self.filename} if self.is_v3 else {}),
            **self.more,
        }
        return record_json(
            record,
            md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            indexed_timestamp=self.indexed_timestamp,
        )

    @property
    def run_exports_json(self) -> str | None:
        return None if self.run_exports is None else canonical_json(self.run_exports).decode()

    @property
    def indexed(self) -> IndexedRecord:
        return IndexedRecord(self.filename, self.json, self.is_v3)

    @property
    def sharded(self) -> ShardRecord:
        return ShardRecord(self.filename, self.json, self.run_exports_json, self.is_v3)


def reference(*parts: str) -> Path:
    """Return a file that another indexer or a real channel wrote, or skip where there is none."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip("the reference data is not on this machine")
    return path


_words = st.text(string.ascii_lowercase, min_size=1, max_size=3)
_specs = st.lists(_words.map(lambda word: f"{word} >=1,<2"), max_size=3)
_kinds = st.sampled_from(["weak", "strong", "noarch", "weak_constrains", "strong_constrains"])
_more = st.fixed_dictionaries(
    {},
    optional={
        "depends": _specs,
        "constrains": _specs,
        "license": st.text(st.characters(exclude_categories=("Cs",)), max_size=8),
        "timestamp": st.integers(0, 2**45),
        "build_number": st.integers(0, 2**33),
    },
)
_filenames = st.tuples(
    _words.map(lambda name: f"{name}-"),
    st.sampled_from(["1.0-", "1.0+a-", "1!2-"]),
    st.sampled_from(["0", "0_1", "h+1"]),
    st.sampled_from([".conda", ".tar.bz2"]),
).map("".join)

listed = st.builds(
    Listed,
    filename=_filenames,
    is_v3=st.booleans(),
    run_exports=st.none() | st.dictionaries(_kinds, _specs, max_size=2),
    more=_more,
    indexed_timestamp=st.integers(1, 2**45),
)

listings = st.lists(listed, max_size=12, unique_by=lambda item: item.filename)
"""The files of a subdir, in any order."""


def instructions(version: int = 1, **content: Any) -> PatchInstructions:  # noqa: ANN401 - JSON
    renamed = {key.replace("_", "."): value for key, value in content.items()}
    return parse_instructions({"patch_instructions_version": version, **renamed})
