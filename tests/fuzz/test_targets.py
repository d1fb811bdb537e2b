"""Every target takes its seeds, what fuzzing found before, and a few inputs of chance."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.every import TARGETS

FINDINGS = Path(__file__).parent / "findings"
"""Inputs that once failed, as ``<target>-<what was wrong>``."""


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_seeds_and_pieces_of_them(name: str) -> None:
    run, seeds = TARGETS[name]
    for seed in seeds:
        for end in {0, 1, len(seed) // 2, len(seed) - 1, len(seed)}:
            run(seed[:end])


@pytest.mark.parametrize("finding", sorted(FINDINGS.iterdir()), ids=lambda path: path.name)
def test_what_once_failed_does_not_again(finding: Path) -> None:
    run, _ = TARGETS[finding.name.partition("-")[0]]
    run(finding.read_bytes())


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(TARGETS)), st.binary(max_size=200))
def test_any_bytes_are_refused_or_taken(name: str, data: bytes) -> None:
    run, _ = TARGETS[name]
    run(data)
